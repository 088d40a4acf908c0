/** How bytes become numbers: multiplied with `rescaleFactor`, then (x − mean) / std for each of the three channels. */
export type Normalisation = {
  readonly rescaleFactor: number;
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
};

/** [3, 256] normalised value of each byte; rounded to float32 where NumPy rounds. */
export function normalisation({ rescaleFactor, mean, std }: Normalisation): Float32Array {
  const f = Math.fround;
  return Float32Array.from({ length: 3 * 256 }, (_, i) => {
    const c = Math.floor(i / 256);
    return f(f(f((i % 256) * rescaleFactor) - f(mean[c] ?? 0)) / f(std[c] ?? 1));
  });
}
