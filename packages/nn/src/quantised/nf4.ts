// n elements of a weight · b = n / 64 blocks · c = b / 256 blocks of blocks
import { ops } from "@mede2/onnx";

/** The sixteen quantiles of a standard normal, scaled to [−1, 1] with an exact zero (QLoRA, arXiv 2305.14314, appendix E). */
export const nf4Code = Float32Array.from(ops.nf4Values);

/** Elements that share a scale. */
export const nf4Block = 64;

/** A weight in NF4 with one scale for each 64 elements, the largest absolute value among them: half a byte and a sixteenth an element. */
export type Nf4 = {
  /** [n / 2] two codes a byte, the first in the high half. */
  readonly codes: Uint8Array;
  /** [b] */
  readonly scales: Float32Array;
};

const fround = Math.fround;

/** Nearest codes, element by element as bitsandbytes' `quantize_4bit(…, blocksize=64, quant_type="nf4")`. The number of elements must be even. */
export function quantiseNf4(weight: Float32Array): Nf4 {
  const codes = new Uint8Array(weight.length / 2);
  const scales = new Float32Array(Math.ceil(weight.length / nf4Block));
  for (let block = 0; block < scales.length; block++) {
    const [start, end] = [block * nf4Block, Math.min(weight.length, (block + 1) * nf4Block)];
    let most = 0;
    for (let i = start; i < end; i++) most = Math.max(most, Math.abs(weight[i]!));
    scales[block] = most;
    const inverse = most === 0 ? 0 : fround(1 / most);
    for (let i = start; i < end; i++) {
      const code = nearest(fround(weight[i]! * inverse));
      codes[i >> 1]! |= i % 2 === 0 ? code << 4 : code;
    }
  }
  return { codes, scales };
}

/** The weight that the codes stand for. */
export function dequantiseNf4({ codes, scales }: Nf4): Float32Array {
  const weight = new Float32Array(codes.length * 2);
  for (let i = 0; i < weight.length; i++) {
    const byte = codes[i >> 1]!;
    weight[i] = nf4Code[i % 2 === 0 ? byte >> 4 : byte & 15]! * scales[Math.floor(i / nf4Block)]!;
  }
  return weight;
}

/** Middles between neighbouring codes. */
const middles = Float32Array.from({ length: 15 }, (_, at) => fround(nf4Code[at]! + nf4Code[at + 1]!) / 2);

function nearest(x: number): number {
  let [low, high] = [0, 15];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x > middles[middle]!) low = middle + 1;
    else high = middle;
  }
  return low;
}
