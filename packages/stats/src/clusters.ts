import { require } from "./stats-error.ts";

/** Number of each value's cluster, 0 … count − 1 in order of appearance; without names every value is its own cluster. */
export function clusterIndices(
  n: number,
  names: readonly (string | number)[] | null | undefined,
): { index: Uint32Array; count: number } {
  if (!names) return { index: Uint32Array.from({ length: n }, (_, i) => i), count: n };
  require(names.length === n, `${n} values need as many cluster names, not ${names.length}`);
  const numbers = new Map<string | number, number>();
  const index = Uint32Array.from(names, (name) => {
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, numbers.size);
    return numbers.size - 1;
  });
  return { index, count: numbers.size };
}
