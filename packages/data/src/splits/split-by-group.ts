import { type Question, type WrittenJsonl, writeJsonlAtomic } from "@mede2/schemas";
import { readQuestions } from "../records/read-questions.ts";
import { hash53, mix53 } from "../text/hash.ts";
import { createHashMap } from "../text/hash-set.ts";

/** What keeps questions together. `pictures` counts by sha256 and by the source's own name. */
export const groupKinds = ["pictures", "patient", "case", "stem"] as const;
export type GroupKind = (typeof groupKinds)[number];

export interface GroupSplitOptions {
  /** Share of the groups for each split, together 1: `{ train: 0.8, test: 0.2 }`. */
  shares: Readonly<Record<string, number>>;
  seed: number;
  /** Default: pictures, patient and case. */
  by?: readonly GroupKind[];
}

/** The keys of what a question must stay together with. Of its own, when it shares nothing. */
export function groupKeys({ id, source, images, group }: Question, by: readonly GroupKind[]): number[] {
  const keys: number[] = [];
  const own = (kind: string, value: string | undefined) => {
    if (value !== undefined) keys.push(hash53([kind, source, value].join("\u0000")));
  };
  if (by.includes("pictures")) {
    for (const { sha256 } of images) keys.push(hash53(`picture\u0000${sha256}`));
    own("image", group.image);
  }
  if (by.includes("patient")) own("patient", group.patient);
  if (by.includes("case")) own("case", group.case);
  if (by.includes("stem")) own("stem", group.stem);
  return keys.length > 0 ? keys : [hash53(`question\u0000${id}`)];
}

/**
 * Gives each question a split so that no picture, patient or case is in two of them. Questions that share something, also by way of others, are one group; the group's smallest
 * key and the seed decide its split, so a question that is added moves no group but those that it joins. Some 40 bytes for each picture, patient or case.
 * `see` every question first, then ask.
 */
export function groupSplitter({ shares, seed, by = ["pictures", "patient", "case"] }: GroupSplitOptions) {
  const names = Object.keys(shares).sort();
  const total = names.reduce((sum, name) => sum + shares[name]!, 0);
  if (names.length === 0 || Math.abs(total - 1) > 1e-9 || names.some((name) => !(shares[name]! > 0)))
    throw new RangeError(`the shares of a split must be above 0 and make 1, not ${JSON.stringify(shares)}`);
  const nodes = createHashMap();
  const parents: number[] = [];
  const smallest: number[] = [];
  const rootOf = (node: number): number => {
    let root = node;
    while (parents[root] !== root) root = parents[root]!;
    for (let at = node; parents[at] !== root; ) {
      const next = parents[at]!;
      parents[at] = root;
      at = next;
    }
    return root;
  };
  const nodeOf = (key: number): number => {
    const known = nodes.get(key);
    if (known >= 0) return known;
    const node = parents.length;
    nodes.set(key, node);
    parents.push(node);
    smallest.push(key);
    return node;
  };
  return {
    see(question: Question): void {
      const [first, ...rest] = groupKeys(question, by).map(nodeOf);
      for (const node of rest) {
        const [a, b] = [rootOf(first!), rootOf(node)];
        if (a === b) continue;
        parents[b] = a;
        smallest[a] = Math.min(smallest[a]!, smallest[b]!);
      }
    },
    groupOf: (question: Question): number => smallest[rootOf(nodeOf(groupKeys(question, by)[0]!))]!,
    splitOf(question: Question): string {
      const at = mix53([this.groupOf(question), seed]) / 2 ** 53;
      let upTo = 0;
      for (const name of names) {
        upTo += shares[name]!;
        if (at < upTo) return name;
      }
      return names.at(-1)!;
    },
  };
}

export interface SplitFileResult extends WrittenJsonl {
  /** Questions and groups by split. */
  splits: Record<string, { questions: number; groups: number }>;
}

/** Writes the questions of a file with new splits, in their order. The file is read twice. */
export async function splitFile(
  file: string,
  out: string,
  options: GroupSplitOptions,
): Promise<SplitFileResult> {
  const splitter = groupSplitter(options);
  for await (const { question } of readQuestions(file)) splitter.see(question);
  const questions = new Map<string, number>();
  const groups = new Map<string, Set<number>>();
  async function* assigned(): AsyncGenerator<Question> {
    for await (const { question } of readQuestions(file)) {
      const split = splitter.splitOf(question);
      questions.set(split, (questions.get(split) ?? 0) + 1);
      groups.set(split, (groups.get(split) ?? new Set()).add(splitter.groupOf(question)));
      yield { ...question, split };
    }
  }
  const written = await writeJsonlAtomic(out, assigned());
  const splits = Object.fromEntries(
    Object.keys(options.shares)
      .sort()
      .map((name) => [name, { questions: questions.get(name) ?? 0, groups: groups.get(name)?.size ?? 0 }]),
  );
  return { ...written, splits };
}
