import type { Random } from "@mede2/stats";

/** Binomial coefficient, exact while it is a safe integer, Infinity above. */
export function choose(n: number, k: number): number {
  if (k < 0 || k > n) return 0;
  let value = 1;
  for (let at = 1; at <= Math.min(k, n - k); at++) value = (value * (n - Math.min(k, n - k) + at)) / at;
  return value <= Number.MAX_SAFE_INTEGER ? Math.round(value) : Number.POSITIVE_INFINITY;
}

/** Every way to take k of n while there are at most `most`; else that many drawn at random, with the chance of each equal. */
export function subsets(n: number, k: number, random: Random, most = 1000): number[][] {
  if (choose(n, k) > most) return Array.from({ length: most }, () => draw(n, k, random));
  const all: number[][] = [];
  const taken: number[] = [];
  const extend = (from: number) => {
    if (taken.length === k) {
      all.push([...taken]);
      return;
    }
    for (let next = from; next <= n - (k - taken.length); next++) {
      taken.push(next);
      extend(next + 1);
      taken.pop();
    }
  };
  extend(0);
  return all;
}

function draw(n: number, k: number, random: Random): number[] {
  const pool = Array.from({ length: n }, (_, at) => at);
  for (let at = 0; at < k; at++) {
    const other = at + random.below(n - at);
    [pool[at], pool[other]] = [pool[other]!, pool[at]!];
  }
  return pool.slice(0, k);
}
