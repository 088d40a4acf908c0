import { basename } from "node:path";
import { dropped, type Filter, kept } from "../filters/filter.ts";
import type { Fingerprints } from "../pictures/fingerprint.ts";
import { readQuestions } from "../records/read-questions.ts";
import { type AuditSettings, auditSettings } from "./audit-settings.ts";
import { addBenchmark, benchmarkIndex } from "./benchmark-index.ts";
import { documentCounter } from "./document-counter.ts";
import { findHits, type HitKind, sharedPictures } from "./find-hits.ts";

export interface ContaminationSettings {
  /** Ways of sharing that drop a question. */
  kinds: readonly HitKind[];
  fingerprints?: Fingerprints;
  settings?: AuditSettings;
}

/** Drops what is in a benchmark: `contaminated-exact`, `-near`, `-passage`, `-image` … The benchmarks are read once and kept in memory. */
export async function contaminationFilter(
  against: readonly string[],
  { kinds, fingerprints, settings = auditSettings }: ContaminationSettings,
): Promise<Filter> {
  const index = benchmarkIndex(settings);
  for (const [number, path] of against.entries())
    for await (const { question } of readQuestions(path))
      await addBenchmark(index, number, question, fingerprints);
  const documents = documentCounter(index);
  return {
    name: "contamination",
    about: `nothing of ${against.map((path) => basename(path)).join(", ")}: ${kinds.join(", ")}`,
    survey: (question) => documents.add(question),
    async judge(question) {
      const shared = await sharedPictures(index, question, fingerprints);
      const hits = findHits(
        index,
        question,
        shared,
        settings,
        (key) => documents.withOptions(key) > settings.boilerplate,
      );
      for (const kind of kinds) {
        const hit = hits.find((one) => one.kinds.includes(kind));
        if (hit !== undefined)
          return dropped(
            `contaminated-${kind}`,
            `${index.items[hit.item]!.id} of ${basename(against[index.items[hit.item]!.file]!)}`,
          );
      }
      return kept;
    },
  };
}
