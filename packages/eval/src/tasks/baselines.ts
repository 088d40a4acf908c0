import { optionIndex, type Question } from "@mede2/schemas";

/** What knows nothing scores, over the questions with options and one right answer. Null where there are none. */
export interface Baselines {
  n: number;
  /** Expected accuracy of a uniform guess. */
  random: number;
  /** Accuracy of always answering with the most frequent right letter, and with the most frequent right words. */
  majorityLabel: { label: string; accuracy: number };
  majorityText: { text: string; accuracy: number };
}

export function baselinesOf(questions: readonly Question[]): Baselines | null {
  const labels = new Map<string, number>();
  const texts = new Map<string, number>();
  let [n, chance] = [0, 0];
  for (const { options, gold } of questions) {
    if (options.length === 0 || !("labels" in gold) || gold.labels.length !== 1) continue;
    const label = gold.labels[0]!;
    const text = (options[optionIndex(label, options.length) ?? -1] ?? "").trim().toLowerCase();
    n += 1;
    chance += 1 / options.length;
    labels.set(label, (labels.get(label) ?? 0) + 1);
    texts.set(text, (texts.get(text) ?? 0) + 1);
  }
  if (n === 0) return null;
  const most = (counts: ReadonlyMap<string, number>) =>
    [...counts].reduce((best, one) => (one[1] > best[1] ? one : best));
  const [[label, ofLabel], [text, ofText]] = [most(labels), most(texts)];
  return {
    n,
    random: chance / n,
    majorityLabel: { label, accuracy: ofLabel / n },
    majorityText: { text: text.slice(0, 200), accuracy: ofText / n },
  };
}

/** The larger of always the same letter and always the same words. */
export const majorityOf = ({ majorityLabel, majorityText }: Baselines): number =>
  Math.max(majorityLabel.accuracy, majorityText.accuracy);
