/** Next multiple of `step`. */
export function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

/** Rounds a count up so that few different sizes occur, at the cost of at most a quarter more: an eighth of the power of two below is the step. */
export function roundUpCount(value: number): number {
  const step = Math.max(8, 2 ** (Math.floor(Math.log2(Math.max(1, value))) - 2));
  return roundUp(value, step);
}
