import type { Question } from "@mede2/schemas";
import { hash53 } from "../text/hash.ts";
import { createHashSet } from "../text/hash-set.ts";
import type { AuditedAgainst, AuditReport } from "./audit-report.ts";
import { type BenchmarkIndex, stemKey } from "./benchmark-index.ts";
import { contaminating, type Hit, type HitKind, hitKinds, type SharedPictures } from "./find-hits.ts";

/** Counts hits from both sides: questions of the audited set, and items of each benchmark. */
export function hitTally(index: BenchmarkIndex, files: number) {
  const questions = new Map<HitKind | "byLook" | "any", number>();
  /** A bit for each kind of hit, by item. */
  const touched: number[] = [];
  const sides = Array.from({ length: files }, () => ({
    items: 0,
    shortStems: 0,
    pictures: new Set<string>(),
    patients: new Set<string>(),
  }));
  const shownPictures = new Set<string>();
  const sharedPatients = new Set<string>();
  const benchmarkPatients = new Set<string>();
  const distinct = createHashSet();
  const add = (key: HitKind | "byLook" | "any") => questions.set(key, (questions.get(key) ?? 0) + 1);
  const patientOf = ({ source, group }: Question) =>
    group.patient === undefined ? undefined : `${source}\u0000${group.patient}`;

  return {
    /** An item, right after it was added to the index. */
    benchmark(file: number, question: Question): void {
      const side = sides[file]!;
      side.items += 1;
      for (const { sha256 } of question.images) side.pictures.add(sha256);
      const patient = patientOf(question);
      if (patient !== undefined) benchmarkPatients.add(patient);
      if (patient !== undefined) side.patients.add(patient);
      if (index.grams.short.isShort(index.stems.get(stemKey(question))!)) side.shortStems += 1;
    },
    /** A question of the audited set, as it is first seen. */
    audited(question: Question): void {
      for (const { sha256 } of question.images) distinct.add(hash53(sha256));
      const patient = patientOf(question);
      if (patient !== undefined && benchmarkPatients.has(patient)) sharedPatients.add(patient);
    },
    /** The hits of a question. Returns the kinds that it is counted under. */
    hit(hits: readonly Hit[], shared: SharedPictures): ReadonlySet<HitKind> {
      const kinds = new Set<HitKind>();
      for (const { item, kinds: found } of hits)
        for (const kind of found) {
          kinds.add(kind);
          touched[item] = (touched[item] ?? 0) | (1 << hitKinds.indexOf(kind));
        }
      if (kinds.has("exact")) kinds.delete("near"); // each question once, under the stronger
      for (const kind of kinds) add(kind);
      if (contaminating.some((kind) => kinds.has(kind))) add("any");
      if (shared.size > 0 && [...shared.values()].every(({ distance }) => distance !== undefined))
        add("byLook");
      for (const sha256 of shared.keys()) shownPictures.add(sha256);
      return kinds;
    },
    counts(): Pick<
      AuditReport,
      | "exact"
      | "near"
      | "ngram"
      | "passages"
      | "images"
      | "imagesByLook"
      | "flagged"
      | "optionSet"
      | "sameWords"
    > {
      const of = (key: HitKind | "byLook" | "any") => questions.get(key) ?? 0;
      return {
        ...{
          exact: of("exact"),
          near: of("near"),
          ngram: of("ngram"),
          passages: of("passage"),
          images: of("image"),
        },
        ...{
          imagesByLook: of("byLook"),
          flagged: of("any"),
          optionSet: of("option-set"),
          sameWords: of("same-words"),
        },
      };
    },
    distinctPictures: () => distinct.size,
    against(file: number): Omit<AuditedAgainst, "file" | "sha256"> {
      const { items, pictures, patients, shortStems } = sides[file]!;
      const bits = touched.filter((_, item) => index.items[item]!.file === file);
      const having = (mask: number) => bits.filter((set) => (set & mask) !== 0).length;
      const bit = (kind: HitKind) => 1 << hitKinds.indexOf(kind);
      const within = (all: ReadonlySet<string>, some: ReadonlySet<string>) =>
        [...all].filter((key) => some.has(key)).length;
      return {
        items,
        touched: {
          ...(Object.fromEntries(
            hitKinds.flatMap((kind) => (kind === "same-words" ? [] : [[kind, having(bit(kind))]])),
          ) as Record<Exclude<HitKind, "same-words">, number>),
          any: having(contaminating.reduce((mask, kind) => mask | bit(kind), 0)),
        },
        pictures: { shared: within(pictures, shownPictures), of: pictures.size },
        patients: { shared: within(patients, sharedPatients), of: patients.size },
        shortStems,
      };
    },
  };
}
