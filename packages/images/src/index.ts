export { type DecodeOptions, decodeImage, imageInfo } from "./decode-image.ts";
export { type DecodedImage, toGrey, toRgb } from "./decoded-image.ts";
export { areaMeans, differenceHash, hammingDistance } from "./difference-hash.ts";
export { encodePng } from "./encode-png.ts";
export { ImageError, type ImageErrorCode } from "./image-error.ts";
export { type ImageMime, imageMime } from "./image-format.ts";
export { type ImageStore, openImageStore } from "./image-store.ts";
export { blankImage, noiseImage } from "./image-variants.ts";
export { type SwapItem, swapPartners } from "./swap-partners.ts";
