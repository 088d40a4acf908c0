import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodePng, openImageStore } from "@mede2/images";
import { type PreferencePair, preferencePairSchema, spanOf } from "@mede2/schemas";
import { text } from "./make-run.ts";

const hash = "0".repeat(64);
/** A file of one pair with a picture, in the workspace: its answers hold what a terminal would act on. */
export async function makePairs(workspace: string): Promise<{ file: string; pair: PreferencePair }> {
  const store = openImageStore(join(workspace, ".mede2/images"));
  const image = await store.put(
    await encodePng({ width: 8, height: 8, channels: 1, data: new Uint8Array(64).fill(200) }),
  );
  const trace = (id: string, words: string) => ({
    ...{
      record: "trace" as const,
      v: 1 as const,
      id,
      questionId: "w:1",
      by: { kind: "model" as const, name: "m" },
      stage: "stage1" as const,
    },
    ...{ images: "real" as const, imageHashes: [image.sha256], promptHash: hash, sample: null, text: words },
    ...{
      reasoning: null,
      steps: [],
      answer: { status: "found" as const, labels: ["A"], text: "aspirin", rule: "boxed", span: null },
    },
    ...{ finish: "stop" as const, tokens: { prompt: 1, completion: 9 } },
  });
  const chosen = trace("a".repeat(16), "the picture shows a raised segment.\nso aspirin.");
  const rejected = trace(
    "b".repeat(16),
    "there is\u001b[2J\u001b]0;owned\u0007 nothing to see.\nso aspirin.",
  );
  const rating = (of: typeof chosen, value: number) => ({
    ...{ record: "rating" as const, v: 1 as const, traceId: of.id, gates: {}, total: value },
    scorer: { name: "mmrp", version: "1", rubric: "r", mode: "programmatic" as const, judges: [] },
    criteria: {
      "image-involvement": {
        status: "scored" as const,
        value,
        spans: value > 0.5 ? [spanOf(of, "text", 0, 35)] : [],
      },
    },
  });
  const pair = preferencePairSchema.parse({
    ...{
      record: "preference-pair",
      v: 1,
      id: "c".repeat(16),
      negativeKind: "sampled",
      margin: 0.8,
      weight: 1,
      licence: "CC0-1.0",
      split: "train",
    },
    question: {
      record: "question",
      v: 1,
      id: "w:1",
      source: "w",
      revision: "1",
      split: "train",
      stem: "What helps?",
      options: ["aspirin", "rest"],
      gold: { labels: ["A"] },
      images: [image],
      group: {},
      tags: { language: "en" },
      licence: "CC0-1.0",
    },
    ...{ chosen, rejected, ratings: { chosen: rating(chosen, 0.9), rejected: rating(rejected, 0.1) } },
    provenance: { plan: "", scorer: "mmrp", seed: 1, parents: [] },
  }) as PreferencePair;
  mkdirSync(join(workspace, "data"), { recursive: true });
  const file = join(workspace, "data/a.pairs.jsonl");
  writeFileSync(file, text([pair]));
  return { file, pair };
}
