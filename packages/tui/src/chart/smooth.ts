/**
 * Exponential moving average with its bias taken out, as in Adam (Kingma and Ba 2015, algorithm 1): the first values are not drawn towards 0.
 * `weight` from 0 (the values themselves) to below 1.
 */
export function smoothed(values: readonly number[], weight: number): number[] {
  if (weight <= 0) return [...values];
  let [average, correction] = [0, 1];
  return values.map((value) => {
    average = weight * average + (1 - weight) * value;
    correction *= weight;
    return average / (1 - correction);
  });
}
