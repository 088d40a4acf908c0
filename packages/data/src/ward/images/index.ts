export {
  type WardAppearance,
  type WardFinding,
  type WardImageKind,
  type WardImageSpec,
  wardAppearances,
  wardImageKinds,
} from "./kinds.ts";
export { renderWardImage, WARD_IMAGE_SIZE, type WardImage } from "./render.ts";
