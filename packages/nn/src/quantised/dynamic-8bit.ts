// n elements · b blocks

const fround = Math.fround;

/**
 * The dynamic 8-bit code of Dettmers et al. (arXiv 2110.02861, §1.3): 256 values in ascending order, tens of powers from 10⁻⁶ on, each power with twice as many
 * fractions as the one below it. Signed from nearly −1 to 1, unsigned from 0 to 1. As bitsandbytes' `create_dynamic_map`, in float32 as there.
 */
export function dynamicCode(signed: boolean): Float32Array {
  const values: number[] = [0, 1];
  for (let power = -6; power <= 0; power++) {
    const count = 2 ** (power + 6) * (signed ? 1 : 2);
    const edges = linspace(fround(0.1), 1, count + 1);
    for (let i = 0; i < count; i++) {
      const value = fround(fround(10 ** power) * fround(fround(edges[i]! + edges[i + 1]!) / 2));
      values.push(value);
      if (signed) values.push(-value);
    }
  }
  return Float32Array.from(values).sort();
}

/** As torch makes it in float32: from both ends to the middle. */
function linspace(first: number, last: number, count: number): number[] {
  const step = fround(fround(last - first) / (count - 1));
  return Array.from({ length: count }, (_, i) =>
    i < count / 2 ? fround(first + fround(step * i)) : fround(last - fround(step * (count - 1 - i))),
  );
}

/** Numbers in eight bits with one scale, the largest absolute value, for each block. */
export type Blockwise8Bit = {
  /** [n] places in a code of 256 values */
  readonly codes: Uint8Array;
  /** [b] */
  readonly scales: Float32Array;
};

/** A code of 256 ascending values, ready to find the nearest one quickly. */
export type Code8Bit = {
  readonly values: Float32Array;
  /** [255] Middles between neighbours, in float64. */
  readonly middles: Float64Array;
  /** First code that a number with given upper 16 bits (sign, exponent, seven bits of the fraction) may have. */
  readonly first: Uint8Array;
};

const bits = new Uint32Array(1);
const asFloat = new Float32Array(bits.buffer);

export function code8Bit(values: Float32Array): Code8Bit {
  const middles = Float64Array.from({ length: 255 }, (_, i) => (values[i]! + values[i + 1]!) / 2);
  const first = Uint8Array.from({ length: 65536 }, (_, upper) => {
    // the least of all numbers with these upper bits: for negative ones that with all lower bits set
    bits[0] = upper >= 32768 ? ((upper << 16) | 0xffff) >>> 0 : upper << 16;
    return Number.isFinite(asFloat[0]!) ? above(middles, asFloat[0]!) : 0;
  });
  return { values, middles, first };
}

/** How many of the middles lie below x. */
function above(middles: Float64Array, x: number): number {
  let [low, high] = [0, middles.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x > middles[middle]!) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Writes numbers as codes: each number over the largest of its block, then the nearest value. */
export function quantise8Bit(
  numbers: Float32Array,
  target: Blockwise8Bit,
  code: Code8Bit,
  block: number,
): void {
  for (let b = 0; b < target.scales.length; b++) {
    const start = b * block;
    quantiseBlock(numbers, start, Math.min(block, numbers.length - start), target, start, b, code);
  }
}

/** One block: `count` numbers from `from` on become the codes from `start` on, with scale `b`. */
export function quantiseBlock(
  numbers: Float32Array,
  from: number,
  count: number,
  { codes, scales }: Blockwise8Bit,
  start: number,
  b: number,
  { middles, first }: Code8Bit,
): void {
  let most = 0;
  for (let i = from; i < from + count; i++) {
    const size = Math.abs(numbers[i]!);
    if (size > most) most = size;
  }
  scales[b] = most;
  for (let i = 0; i < count; i++) {
    const x = most === 0 ? 0 : fround(numbers[from + i]! / most);
    asFloat[0] = x;
    let code = first[bits[0]! >>> 16]!;
    while (code < 255 && x > middles[code]!) code += 1;
    codes[start + i] = code;
  }
}

/** The numbers that the codes stand for. */
export function dequantise8Bit(
  { codes, scales }: Blockwise8Bit,
  { values }: Code8Bit,
  block: number,
): Float32Array {
  return Float32Array.from(codes, (code, i) => values[code]! * scales[Math.floor(i / block)]!);
}
