/** Next multiple of `step`. */
export function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

/**
 * Next power of two: few different counts occur, so few graphs are compiled. For counts whose work is a small part of a step (logits of a small vocabulary, image
 * features), where the padding costs little.
 */
export function roundUpCount(value: number): number {
  return Math.max(8, 2 ** Math.ceil(Math.log2(Math.max(1, value))));
}
