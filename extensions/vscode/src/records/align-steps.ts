/** Which step of one answer belongs beside which of another; null where one has no counterpart. */
export type Aligned = [number | null, number | null][];

const gapCost = 0.35;

/**
 * Aligns two lists of steps in order (Needleman and Wunsch, 1970), by the words that they share. A pair of steps is kept together when they share
 * more than what two gaps cost; else they stand one after the other.
 */
export function alignSteps(left: readonly string[], right: readonly string[]): Aligned {
  const [words, others] = [left, right].map((steps) => steps.slice(0, 200).map(wordsOf)) as [
    Set<string>[],
    Set<string>[],
  ];
  const width = others.length + 1;
  const best = new Float64Array((words.length + 1) * width);
  for (let i = 1; i <= words.length; i++) best[i * width] = -i * gapCost;
  for (let j = 1; j < width; j++) best[j] = -j * gapCost;
  for (let i = 1; i <= words.length; i++)
    for (let j = 1; j < width; j++) {
      const both = best[(i - 1) * width + j - 1]! + likeness(words[i - 1]!, others[j - 1]!);
      best[i * width + j] = Math.max(
        both,
        best[(i - 1) * width + j]! - gapCost,
        best[i * width + j - 1]! - gapCost,
      );
    }
  const aligned: Aligned = [];
  let [i, j] = [words.length, others.length];
  while (i > 0 || j > 0) {
    const here = best[i * width + j]!;
    if (i > 0 && j > 0 && here === best[(i - 1) * width + j - 1]! + likeness(words[i - 1]!, others[j - 1]!))
      aligned.push([--i, --j]);
    else if (i > 0 && here === best[(i - 1) * width + j]! - gapCost) aligned.push([--i, null]);
    else aligned.push([null, --j]);
  }
  return aligned.reverse();
}

const wordsOf = (text: string) =>
  new Set(
    text
      .slice(0, 4000)
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [],
  );

/** Jaccard's index of the words, less one half: below zero when the steps have little in common. */
function likeness(a: Set<string>, b: Set<string>): number {
  if (a.size === 0 || b.size === 0) return -1;
  let shared = 0;
  for (const word of a) if (b.has(word)) shared += 1;
  return shared / (a.size + b.size - shared) - 0.5;
}
