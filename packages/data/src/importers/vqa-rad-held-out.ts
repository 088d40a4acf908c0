import { createHash } from "node:crypto";

/**
 * First eight digits of the sha1 of the 63 held-out image names. VQA-RAD's official test shares every image with its training set, so
 * a disjoint split is made by image: within each organ (314 images: chest, abdomen, head) the names are ordered by their sha1 and the first
 * fifth, rounded, is held out.
 */
const heldOut = new Set(
  `
  00a479cb 01007717 015179c6 0178f0bb 02d258fe 048a5253 055d41c6 06337ba1 06eff33d 0840d67d 08ece91c
  09f1e9c1 0ad4a7af 0b64d91f 0bbbf416 0caa0280 0d02757c 0d251ede 0d29293c 0d48bbfa 0de02d52 0eb22121
  0f060495 0fe764e5 1135de04 12183f5d 12e43b91 1316da93 14d136ee 153ba722 157a8aa7 174b371f 178d7f33
  1a16a84a 1a445c21 1c8710a7 1d3ae7b3 1f236dd9 1fe6387c 2040fd49 205b5d12 2094363c 214c5208 216339a0
  2179738a 2405db56 268849a2 26ae88ef 29cef1c9 2c8c9de6 2ddf075b 2f0e8815 3015634b 30cf9e27 315c512a
  324ce892 352b81e9 3538a540 35437044 3a659e76 422c3adf 42764067 459be0ba`
    .trim()
    .split(/\s+/),
);

/** Whether the image-disjoint split holds this image out; `name` as published, such as `synpic12345.jpg`. */
export const isHeldOutImage = (name: string): boolean =>
  heldOut.has(createHash("sha1").update(name, "utf8").digest("hex").slice(0, 8));
