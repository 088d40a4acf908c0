import type { Column } from "./column.ts";

/** What may be chosen, column by column; all columns have one entry a candidate. */
export interface Pool {
  /** Value on each axis, as a number from 0. */
  axes: readonly Pick<Column, "at">[];
  /** Earlier ranks go first within equal values. */
  ranks: Pick<Column, "at" | "length">;
  /** Hashes of what may occur only so often, with how often. */
  caps: readonly { most: number; keysAt(candidate: number): readonly number[] }[];
}

interface Cell {
  values: number[];
  candidates: Uint32Array;
  next: number;
}

/**
 * Chooses `count` candidates so that the values of each axis come out as even as the pool allows. One after the other, the cell (combination of values) is taken whose values are rarest so
 * far: the sum over the axes of count × number of values is least; of equal cells the fuller, then the first. Within a cell the lowest rank goes first. Candidates
 * beyond a cap are passed over. Deterministic; returns indices in ascending order, fewer than `count` when no more may be taken.
 */
export function selectBalanced(pool: Pool, count: number): number[] {
  const cells = cellsOf(pool);
  const chosen: number[] = [];
  const weights = pool.axes.map((_, axis) => new Set(cells.map(({ values }) => values[axis])).size);
  const counts = pool.axes.map(
    (_, axis) => new Float64Array(1 + cells.reduce((most, { values }) => Math.max(most, values[axis]!), 0)),
  );
  const used = pool.caps.map(() => new Map<number, number>());
  const capped = (candidate: number): boolean =>
    pool.caps.some(({ most, keysAt }, cap) =>
      keysAt(candidate).some((key) => (used[cap]!.get(key) ?? 0) >= most),
    );
  while (chosen.length < count) {
    const cell = rarest(cells, counts, weights);
    if (cell === undefined) break;
    const candidate = cell.candidates[cell.next++]!;
    if (capped(candidate)) continue;
    chosen.push(candidate);
    for (const [axis, value] of cell.values.entries()) counts[axis]![value]! += 1;
    for (const [cap, { keysAt }] of pool.caps.entries())
      for (const key of keysAt(candidate)) used[cap]!.set(key, (used[cap]!.get(key) ?? 0) + 1);
  }
  return chosen.sort((a, b) => a - b);
}

function rarest(
  cells: readonly Cell[],
  counts: readonly Float64Array[],
  weights: readonly number[],
): Cell | undefined {
  let best: Cell | undefined;
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (const cell of cells) {
    const left = cell.candidates.length - cell.next;
    if (left === 0) continue;
    let score = 0;
    for (let axis = 0; axis < counts.length; axis++)
      score += counts[axis]![cell.values[axis]!]! * weights[axis]!;
    if (score > least || (score === least && left <= most)) continue;
    [best, least, most] = [cell, score, left];
  }
  return best;
}

/** The cells in the order in which they first occur, each with its candidates by rank. 4 bytes a candidate. */
function cellsOf({ axes, ranks }: Pool): Cell[] {
  const byKey = new Map<string, { values: number[]; count: number; cell: number }>();
  const cellOf = new Uint32Array(ranks.length);
  for (let candidate = 0; candidate < ranks.length; candidate++) {
    const values = axes.map((axis) => axis.at(candidate));
    const key = values.join();
    const known = byKey.get(key) ?? { values, count: 0, cell: byKey.size };
    known.count += 1;
    cellOf[candidate] = known.cell;
    byKey.set(key, known);
  }
  const cells = [...byKey.values()].map(({ values, count }) => ({
    values,
    candidates: new Uint32Array(count),
    next: 0,
  }));
  for (let candidate = 0; candidate < ranks.length; candidate++) {
    const cell = cells[cellOf[candidate]!]!;
    cell.candidates[cell.next++] = candidate;
  }
  for (const cell of cells) {
    cell.candidates.sort((a, b) => ranks.at(a) - ranks.at(b) || a - b);
    cell.next = 0;
  }
  return cells;
}
