/** What may be chosen, column by column; all columns have one entry a candidate. */
export interface Pool {
  /** Value on each axis, as a number from 0: `axes[axis][candidate]`. */
  axes: readonly (readonly number[])[];
  /** Earlier ranks go first within equal values. */
  ranks: readonly number[];
  /** Hashes of what may occur only so often, with how often: `caps[i].keys[candidate]`. */
  caps: readonly { most: number; keys: readonly (readonly number[])[] }[];
}

/**
 * Chooses `count` candidates so that the values of each axis come out as even as the pool allows. One after the other, the cell (combination of values) is taken whose values are rarest so
 * far: the sum over the axes of count × number of values is least; of equal cells the fuller, then the first. Within a cell the lowest rank goes first. Candidates
 * beyond a cap are passed over. Deterministic; returns indices in ascending order, fewer than `count` when no more may be taken.
 */
export function selectBalanced(pool: Pool, count: number): number[] {
  const cells = cellsOf(pool);
  const chosen: number[] = [];
  const counts = pool.axes.map(
    (axis) => new Float64Array(axis.reduce((most, value) => Math.max(most, value), -1) + 1),
  );
  const weights = pool.axes.map((axis) => new Set(axis).size);
  const used = pool.caps.map(() => new Map<number, number>());
  const capped = (candidate: number): boolean =>
    pool.caps.some(({ most, keys }, cap) =>
      keys[candidate]!.some((key) => (used[cap]!.get(key) ?? 0) >= most),
    );
  while (chosen.length < count) {
    let best: (typeof cells)[number] | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const cell of cells) {
      if (cell.next >= cell.candidates.length) continue;
      let score = 0;
      for (let axis = 0; axis < counts.length; axis++)
        score += counts[axis]![cell.values[axis]!]! * weights[axis]!;
      const left = cell.candidates.length - cell.next;
      if (
        score < least ||
        (score === least && best !== undefined && left > best.candidates.length - best.next)
      ) {
        least = score;
        best = cell;
      }
    }
    if (best === undefined) break;
    const candidate = best.candidates[best.next++]!;
    if (capped(candidate)) continue;
    chosen.push(candidate);
    for (const [axis, value] of best.values.entries()) counts[axis]![value]! += 1;
    for (const [cap, { keys }] of pool.caps.entries())
      for (const key of keys[candidate]!) used[cap]!.set(key, (used[cap]!.get(key) ?? 0) + 1);
  }
  return chosen.sort((a, b) => a - b);
}

function cellsOf({ axes, ranks }: Pool): { values: number[]; candidates: number[]; next: number }[] {
  const cells = new Map<string, { values: number[]; candidates: number[]; next: number }>();
  for (let candidate = 0; candidate < ranks.length; candidate++) {
    const values = axes.map((axis) => axis[candidate]!);
    const key = values.join();
    const cell = cells.get(key);
    if (cell === undefined) cells.set(key, { values, candidates: [candidate], next: 0 });
    else cell.candidates.push(candidate);
  }
  for (const { candidates } of cells.values()) candidates.sort((a, b) => ranks[a]! - ranks[b]! || a - b);
  return [...cells.values()];
}
