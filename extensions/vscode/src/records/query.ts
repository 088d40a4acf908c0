import type { Facets, Filter } from "../protocol/trace-messages.ts";
import type { RecordFacts } from "./record-facts.ts";
import { asksNothing, factsOf, passes } from "./record-facts.ts";
import type { RecordFile } from "./record-file.ts";

/** What a filter has found so far. Without a filter every line is found, and none is looked at. */
export interface Query {
  readonly filter: Filter;
  /** How many rows pass, as far as is known. */
  readonly count: number;
  readonly scanned: number;
  readonly unreadable: number;
  /** The record at a place of the list. */
  at(position: number): number;
  /** Looks at more records, for about `milliseconds`; true when all that are indexed have been looked at. */
  advance(milliseconds: number): Promise<boolean>;
  stop(): void;
}

/** Looks through a file; `before` is what another evaluation says of the same row. */
export function query(
  file: RecordFile,
  filter: Filter,
  before: (key: string) => RecordFacts["outcome"],
  now: () => number,
): Query {
  const matches: number[] = [];
  const all = asksNothing(filter);
  const ended = new AbortController();
  let scanned = 0;
  let unreadable = 0;
  return {
    filter,
    get count() {
      return all ? file.index.count : matches.length;
    },
    get scanned() {
      return all ? file.index.count : scanned;
    },
    get unreadable() {
      return unreadable;
    },
    at(position) {
      const at = all ? position : matches[position];
      if (at === undefined || at >= file.index.count) throw new RangeError(`there is no row ${position}`);
      return at;
    },
    async advance(milliseconds) {
      if (all || ended.signal.aborted) return true;
      const until = now() + milliseconds;
      for await (const { at, found } of file.scan(scanned, ended.signal)) {
        scanned = at + 1;
        if ("fault" in found) unreadable += 1;
        else {
          const facts = factsOf(found.ok);
          if (passes(filter, facts, found.text, before(facts.key))) matches.push(at);
        }
        if (now() > until) return false;
      }
      return true;
    },
    stop: () => ended.abort(),
  };
}

const mostValues = 60;

/** The values that occur in the first records: what a filter may ask for. */
export async function facetsOf(file: RecordFile, changes: string | undefined, most = 2000): Promise<Facets> {
  const sets = {
    answers: new Set<string>(),
    specialties: new Set<string>(),
    images: new Set<string>(),
    negativeKinds: new Set<string>(),
    criteria: new Set<string>(),
  };
  let outcomes = false;
  const add = (set: Set<string>, value: string | undefined) => {
    if (value !== undefined && value !== "" && value.length <= 200 && set.size < mostValues) set.add(value);
  };
  const ended = new AbortController();
  for await (const { at, found } of file.scan(0, ended.signal)) {
    if (at >= most) break;
    if ("fault" in found) continue;
    const facts = factsOf(found.ok);
    if (facts.outcome !== undefined) outcomes = true;
    add(sets.answers, facts.answer);
    add(sets.specialties, facts.specialty);
    add(sets.images, facts.images);
    add(sets.negativeKinds, facts.negativeKind);
    for (const name of facts.criteria.keys()) add(sets.criteria, name);
  }
  const list = (set: Set<string>) => [...set].sort();
  return {
    outcomes,
    ...(changes === undefined ? {} : { changes }),
    ...{ answers: list(sets.answers), specialties: list(sets.specialties), images: list(sets.images) },
    ...{ negativeKinds: list(sets.negativeKinds), criteria: list(sets.criteria) },
  };
}
