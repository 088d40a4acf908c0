import type { Question } from "@mede2/schemas";
import { goldTexts } from "../records/question-keys.ts";
import { hash53 } from "../text/hash.ts";
import { normalisedWords } from "../text/words.ts";
import { column } from "./column.ts";
import type { CurateSettings } from "./curate-settings.ts";
import type { Pool } from "./select-balanced.ts";

type Axis = CurateSettings["balance"]["axes"][number];

/** Where a record lies: the number of its file, its line from 1, and its bytes. */
export interface RecordPlaceInFiles {
  file: number;
  line: number;
  offset: number;
  length: number;
}

export const NOT_STATED = "not stated";

/** The value of a question on an axis. `answer` is the right option in words, so that yes balances no; free answers are one value. */
export function axisValue({ source, tags, ...question }: Question, axis: Axis): string {
  if (axis === "source") return source;
  if (axis === "answer")
    return question.options.length === 0
      ? "free"
      : normalisedWords(goldTexts({ source, tags, ...question }).join(" "));
  return tags[axis] ?? NOT_STATED;
}

/** The cases that passed all filters, in columns, with the order of their values as text made independent of the order in which they came. */
export function candidatePool({ axes, perPicture, perPatient, perStem }: CurateSettings["balance"]) {
  const values = axes.map(() => new Map<string, number>());
  const columns = axes.map(() => column("uint32"));
  const files = column("uint16");
  const lines = column("uint32");
  const offsets = column("float64");
  const lengths = column("uint32");
  const ranks = column("float64");
  const caps: {
    most: number;
    keys: number[][];
    keysAt(candidate: number): number[];
    of: (question: Question) => number[];
  }[] = [];
  const cap = (most: number | undefined, of: (question: Question) => number[]) => {
    if (most === undefined) return;
    const keys: number[][] = [];
    caps.push({ most, keys, keysAt: (candidate) => keys[candidate]!, of });
  };
  cap(perPicture, ({ images }) => [...new Set(images.map(({ sha256 }) => hash53(sha256)))]);
  cap(perPatient, ({ source, group }) =>
    group.patient === undefined ? [] : [hash53(`${source}\u0000${group.patient}`)],
  );
  cap(perStem, ({ stem }) => [hash53(normalisedWords(stem))]);
  const pool: Pool = { axes: columns, ranks, caps };
  return {
    ...pool,
    get size() {
      return ranks.length;
    },
    add(question: Question, place: RecordPlaceInFiles, rank: number): void {
      for (const [at, axis] of axes.entries()) {
        const value = axisValue(question, axis);
        const known = values[at]!;
        if (!known.has(value)) known.set(value, known.size);
        columns[at]!.push(known.get(value)!);
      }
      for (const { keys, of } of caps) keys.push(of(question));
      ranks.push(rank);
      files.push(place.file);
      lines.push(place.line);
      offsets.push(place.offset);
      lengths.push(place.length);
    },
    where: (at: number): RecordPlaceInFiles => ({
      file: files.at(at),
      line: lines.at(at),
      offset: offsets.at(at),
      length: lengths.at(at),
    }),
    place: (at: number, paths: readonly string[]) => ({ file: paths[files.at(at)]!, line: lines.at(at) }),
    /** For each axis, what there was of each value and what was chosen, most first. */
    balance(
      chosen: ReadonlySet<number>,
    ): Record<string, Record<string, { available: number; chosen: number }>> {
      return Object.fromEntries(
        axes.map((axis, at) => {
          const counts = [...values[at]!.keys()].map((value) => ({ value, available: 0, chosen: 0 }));
          for (let candidate = 0; candidate < ranks.length; candidate++) {
            const count = counts[columns[at]!.at(candidate)]!;
            count.available += 1;
            if (chosen.has(candidate)) count.chosen += 1;
          }
          counts.sort((a, b) => b.available - a.available || (a.value < b.value ? -1 : 1));
          return [
            axis,
            Object.fromEntries(
              counts.map(({ value, available, chosen: taken }) => [value, { available, chosen: taken }]),
            ),
          ];
        }),
      );
    },
  };
}
