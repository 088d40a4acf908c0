// O outputs · I inputs · r rank

/**
 * The weight that a layer has once its adapter is merged, in place: W + scale · B · A (arXiv 2106.09685 §4.1), and with `magnitude` each row scaled to that
 * length (DoRA, arXiv 2402.09353 eq. 5). A negative `scale` takes an adapter without lengths out again.
 */
export function mergeLora(
  weight_OI: Float32Array,
  factors: {
    readonly a_rI: Float32Array;
    readonly b_Or: Float32Array;
    readonly magnitude_O?: Float32Array;
    readonly rank: number;
    readonly scale: number;
  },
): void {
  const { a_rI, b_Or, magnitude_O, rank, scale } = factors;
  const inputs = a_rI.length / rank;
  const outputs = b_Or.length / rank;
  for (let o = 0; o < outputs; o++) {
    const row = weight_OI.subarray(o * inputs, (o + 1) * inputs);
    for (let r = 0; r < rank; r++) {
      const factor = scale * b_Or[o * rank + r]!;
      const from = r * inputs;
      for (let i = 0; i < inputs; i++) row[i] = row[i]! + factor * a_rI[from + i]!;
    }
    const length = magnitude_O?.[o];
    if (length === undefined) continue;
    const norm = rowNorm(row);
    for (let i = 0; i < inputs; i++) row[i] = (row[i]! * length) / norm;
  }
}

/** Lengths of the rows of a weight: what DoRA's magnitudes start from. */
export function rowNorms(weight_OI: Float32Array, outputs: number): Float32Array {
  const inputs = weight_OI.length / outputs;
  return Float32Array.from({ length: outputs }, (_, o) =>
    rowNorm(weight_OI.subarray(o * inputs, (o + 1) * inputs)),
  );
}

function rowNorm(row: Float32Array): number {
  let sum = 0;
  for (const x of row) sum += x * x;
  return Math.sqrt(sum);
}
