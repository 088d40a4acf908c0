/**
 * `difflib.SequenceMatcher(None, a, b).ratio()` of Python (Ratcliff & Obershelp 1988): twice the matched characters over all. With its "autojunk": in a `b` of
 * 200 and more, characters that make up more than 1 % are no anchors. Compares code points.
 */
export function similarity(first: string, second: string): number {
  const [a, b] = [[...first], [...second]];
  if (a.length + b.length === 0) return 1;
  const places = placesOf(b);
  let matched = 0;
  const stack: [number, number, number, number][] = [[0, a.length, 0, b.length]];
  for (let range = stack.pop(); range !== undefined; range = stack.pop()) {
    const [alo, ahi, blo, bhi] = range;
    const { i, j, size } = longestMatch(a, b, places, alo, ahi, blo, bhi);
    if (size === 0) continue;
    matched += size;
    if (alo < i && blo < j) stack.push([alo, i, blo, j]);
    if (i + size < ahi && j + size < bhi) stack.push([i + size, ahi, j + size, bhi]);
  }
  return (2 * matched) / (a.length + b.length);
}

function placesOf(b: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [at, unit] of b.entries()) {
    const known = places.get(unit);
    if (known) known.push(at);
    else places.set(unit, [at]);
  }
  if (b.length >= 200) {
    const most = Math.floor(b.length / 100) + 1;
    for (const [unit, list] of places) if (list.length > most) places.delete(unit);
  }
  return places;
}

function longestMatch(
  a: readonly string[],
  b: readonly string[],
  places: ReadonlyMap<string, number[]>,
  alo: number,
  ahi: number,
  blo: number,
  bhi: number,
): { i: number; j: number; size: number } {
  let [i, j, size] = [alo, blo, 0];
  let lengths = new Map<number, number>();
  for (let at = alo; at < ahi; at++) {
    const next = new Map<number, number>();
    for (const place of places.get(a[at]!) ?? []) {
      if (place < blo) continue;
      if (place >= bhi) break;
      const length = (lengths.get(place - 1) ?? 0) + 1;
      next.set(place, length);
      if (length > size) [i, j, size] = [at - length + 1, place - length + 1, length];
    }
    lengths = next;
  }
  // characters that are no anchors may still lengthen a match
  while (i > alo && j > blo && a[i - 1] === b[j - 1]) [i, j, size] = [i - 1, j - 1, size + 1];
  while (i + size < ahi && j + size < bhi && a[i + size] === b[j + size]) size++;
  return { i, j, size };
}
