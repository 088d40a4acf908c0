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

/**
 * Next of four steps between powers of two (…, 8192, 10240, 12288, 14336, 16384): at most a quarter is padded. For the supervised positions, whose logits are a large part of a
 * step where every token is learnt: 7 % less work in a pretraining of Tiny than with powers of two.
 */
export function roundUpSupervised(value: number): number {
  return roundUp(value, Math.max(8, roundUpCount(value) / 8));
}
