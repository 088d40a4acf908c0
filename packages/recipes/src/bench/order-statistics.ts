/** Middle value; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("no values: the median of nothing is not defined");
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** 95 % interval of a median between two of the values, whatever their distribution (sign test); the whole range when there are fewer than six. */
export function medianInterval(values: readonly number[]): readonly [number, number] {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  let below = 0;
  let mass = 0.5 ** n; // P(Binomial(n, ½) = below)
  let tail = mass;
  while (tail <= 0.025) {
    below += 1;
    mass *= (n - below + 1) / below;
    tail += mass;
  }
  const index = Math.max(0, below - 1);
  return [sorted[index]!, sorted[n - 1 - index]!];
}
