import { ImageError } from "./image-error.ts";

/**
 * Pixels, row-major and interleaved: `data[(y * width + x) * channels + c]`, 0–255. One channel is grey, three are sRGB, four
 * are sRGB and alpha (not premultiplied).
 */
export type DecodedImage = { width: number; height: number; channels: 1 | 3 | 4; data: Uint8Array };

/** Throws `IMAGE_INVALID` unless sizes are positive integers and the data has as many bytes as they say. */
export function checkImage({ width, height, channels, data }: DecodedImage): void {
  const sizes = [width, height].every((size) => Number.isSafeInteger(size) && size > 0);
  if (!sizes || ![1, 3, 4].includes(channels) || data.length !== width * height * channels)
    throw new ImageError(
      "IMAGE_INVALID",
      `${width}×${height} with ${channels} channels cannot have ${data.length} bytes; expected ${width * height * channels}.`,
    );
}

/** Three channels: grey repeated, alpha dropped (as PIL's `convert("RGB")` does). */
export function toRgb(image: DecodedImage): DecodedImage {
  checkImage(image);
  const { width, height, channels, data } = image;
  if (channels === 3) return image;
  const rgb = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++)
    for (let channel = 0; channel < 3; channel++)
      rgb[pixel * 3 + channel] = data[pixel * channels + (channels === 1 ? 0 : channel)]!;
  return { width, height, channels: 3, data: rgb };
}

/** Luma 0–255 a pixel, ITU-R BT.601 with the integer weights of PIL's `convert("L")`; alpha is ignored. */
export function toGrey(image: DecodedImage): DecodedImage {
  checkImage(image);
  const { width, height, channels, data } = image;
  if (channels === 1) return image;
  const grey = new Uint8Array(width * height);
  for (let pixel = 0, at = 0; pixel < grey.length; pixel++, at += channels)
    grey[pixel] = (data[at]! * 19595 + data[at + 1]! * 38470 + data[at + 2]! * 7471 + 0x8000) >> 16;
  return { width, height, channels: 1, data: grey };
}
