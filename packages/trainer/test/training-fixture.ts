import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeTrace } from "@mede2/answers";
import { encodePng, openImageStore } from "@mede2/images";
import { openModelFolder } from "@mede2/nn";
import { createRun, eventReader, runPlaces } from "@mede2/runs";
import {
  type Demonstration,
  demonstrationSchema,
  type EventOf,
  type ImageRef,
  type Passage,
  type PreferencePair,
  parseRecord,
  passageSchema,
  planSchema,
  preferencePairSchema,
  type Question,
  type RatedAnswer,
  type Rating,
  type RunEvent,
  type RunEventType,
  type RunManifest,
  ratedAnswerSchema,
  readRecord,
  runEventSchema,
  runManifestSchema,
  sha256Hex,
  type TrainingPlan,
  withId,
} from "@mede2/schemas";
import { runTraining, type TrainingResult } from "../src/train/run-training.ts";
import { goldens } from "./golden-model.ts";

/** A workspace in a temporary folder, whose model is the golden checkpoint: a whole Hugging Face folder of 75,000 parameters. */
export type Fixture = {
  readonly workspace: string;
  readonly model: string;
  /** Small pictures of three sizes in the image store. */
  readonly images: readonly ImageRef[];
  /** A plan of four steps and a bit; data, loss and the rest as overridden. */
  plan(overrides?: Partial<TrainingPlan>): TrainingPlan;
  /** Writes records as a data file of a plan. */
  data(name: string, records: readonly object[], split?: string): Promise<TrainingPlan["data"][number]>;
  /** Makes a run folder. */
  run(plan: TrainingPlan): Promise<TestRun>;
  remove(): Promise<void>;
};

export type TestRun = {
  readonly dir: string;
  readonly manifest: RunManifest;
  start(signal?: AbortSignal): Promise<TrainingResult>;
  events(): Promise<RunEvent[]>;
  /** The last event of each step: what holds after a resume. */
  steps(): Promise<EventOf<"step-end">[]>;
  /** sha256 of weights and moments of a checkpoint. */
  files(step: number): Record<string, string>;
};

const sizes = [
  [24, 16],
  [32, 32],
  [16, 40],
] as const;

export async function openFixture(): Promise<Fixture> {
  const workspace = await mkdtemp(join(tmpdir(), "mede2-trainer-"));
  const model = join(goldens, "checkpoint");
  const { template, images: pixels } = await (await openModelFolder(model)).processor();
  const store = openImageStore(join(workspace, ".mede2/images"));
  const images = await Promise.all(
    sizes.map(async ([width, height], n) => {
      const data = Uint8Array.from({ length: width * height }, (_, i) => (i * 37 * (n + 1)) % 256);
      return store.put(await encodePng({ width, height, channels: 1, data }));
    }),
  );
  return {
    workspace,
    model,
    images,
    plan: (overrides = {}) => ({
      record: "plan",
      v: 1,
      kind: "sft",
      recipe: "fixture",
      model,
      data: [],
      loss: { name: "cross-entropy" },
      optimiser: { name: "adamw", betas: [0.9, 0.99], epsilon: 1e-8, weightDecay: 0.01, clipNorm: 1 },
      schedule: { name: "cosine", learningRate: 1e-3, minLearningRate: 1e-5, warmupSteps: 2, steps: 5 },
      batch: { size: 2, accumulation: 1, maxTokens: 400 },
      freeze: ["visual."],
      seed: 3,
      threads: 2,
      device: "cpu",
      engine: "embedded",
      templateHash: template.hash,
      pixels: { min: pixels.minPixels, max: pixels.maxPixels },
      decoding: { temperature: 0, topP: 1, maxTokens: 4 },
      ...overrides,
    }),
    async data(name, records, split = "train") {
      const text = records.map((record) => `${JSON.stringify(record)}\n`).join("");
      await writeFile(join(workspace, name), text);
      return { path: name, sha256: sha256Hex(text), split };
    },
    async run(plan) {
      const { dir, manifest } = await createRun({
        workspace,
        plan: parseRecord(planSchema, plan, { file: "plan" }),
        code: { version: "0.0.0" },
        data: [],
      });
      return openTestRun(workspace, dir, manifest);
    },
    remove: () => rm(workspace, { recursive: true, force: true }),
  };
}

function openTestRun(workspace: string, dir: string, manifest: RunManifest): TestRun {
  const events = async () => {
    const batch = await eventReader(dir).read();
    if (batch.bad.length > 0) throw new Error(`bad events: ${JSON.stringify(batch.bad)}`);
    return batch.events.map((event) => parseRecord(runEventSchema, event, { file: "event" }));
  };
  return {
    dir,
    manifest,
    events,
    start: async (signal = new AbortController().signal) =>
      runTraining(dir, await readRecord(runPlaces.manifest(dir), runManifestSchema), { workspace, signal }),
    async steps() {
      const last = new Map((await events()).flatMap((e) => (e.type === "step-end" ? [[e.step, e]] : [])));
      return [...last.values()].sort((a, b) => a.step - b.step);
    },
    files(step) {
      const folder = join(runPlaces.checkpoints(dir), `step-${String(step).padStart(7, "0")}`);
      const weights = manifest.plan.kind !== "evaluate" && "lora" in manifest.plan;
      const names = [
        weights ? "adapter_model.safetensors" : "model.safetensors",
        "trainer/optimiser.safetensors",
      ];
      return Object.fromEntries(
        names.map((name) => [
          name,
          createHash("sha256")
            .update(readFileSync(join(folder, name)))
            .digest("hex"),
        ]),
      );
    },
  };
}

export function ofType<Type extends RunEventType>(events: readonly RunEvent[], type: Type): EventOf<Type>[] {
  return events.filter((event): event is EventOf<Type> => event.type === type);
}

export function question(n: number, images: readonly ImageRef[] = []): Question {
  return {
    record: "question",
    v: 1,
    id: `fixture:${n}`,
    source: "fixture",
    revision: "1",
    split: "train",
    stem: `${"case ".repeat((n % 5) + 1)}${n}: which?`,
    options: ["lung", "heart"],
    gold: { labels: ["A"] },
    images: [...images],
    group: {},
    tags: { language: "en" },
    licence: "CC0-1.0",
  };
}

function traceOf(asked: Question, text: string) {
  return makeTrace({
    question: asked,
    text,
    finish: "stop",
    tokens: { prompt: 1, completion: 1 },
    by: { kind: "template", name: "fixture" },
    stage: null,
    images: asked.images.length === 0 ? "none" : "real",
    promptHash: sha256Hex("prompt"),
    sample: null,
  });
}

const chain = (n: number, answer: string) =>
  `<think>\nStep ${"and step ".repeat(n % 4)}${n}.\n</think>\n\n\\boxed{${answer}}`;

export function demonstration(
  n: number,
  images: readonly ImageRef[] = [],
  text = chain(n, "A"),
): Demonstration {
  const asked = question(n, images);
  const record = {
    record: "demonstration" as const,
    v: 1 as const,
    question: asked,
    trace: traceOf(asked, text),
    orchestration: { name: "fixture", version: "1" },
    checks: [],
  };
  return parseRecord(demonstrationSchema, withId(record), { file: "fixture" });
}

export function passage(n: number, images: readonly ImageRef[] = []): Passage {
  const record = {
    record: "passage" as const,
    v: 1 as const,
    source: "fixture",
    split: "pretrain",
    text: `finding ${n} means group ${n % 3}`,
    images: [...images],
    licence: "CC0-1.0",
  };
  return parseRecord(passageSchema, withId(record), { file: "fixture" });
}

export function pair(n: number, images: readonly ImageRef[] = [], weight = 1): PreferencePair {
  const asked = question(n, images);
  const [chosen, rejected] = [traceOf(asked, chain(n, "A")), traceOf(asked, chain(n + 1, "B"))];
  const record = {
    record: "preference-pair" as const,
    v: 1 as const,
    question: asked,
    chosen,
    rejected,
    ratings: { chosen: rating(chosen.id), rejected: rating(rejected.id) },
    negativeKind: "sampled",
    margin: 1,
    weight,
    provenance: { plan: "", scorer: "fixture", seed: 1, parents: [] },
    licence: "CC0-1.0",
    split: "train",
  };
  return parseRecord(preferencePairSchema, withId(record), { file: "fixture" });
}

function rating(traceId: string): Rating {
  return {
    record: "rating",
    v: 1,
    traceId,
    scorer: { name: "fixture", version: "1", rubric: "none", mode: "programmatic", judges: [] },
    gates: {},
    criteria: {},
    total: null,
  };
}

export function ratedAnswer(
  n: number,
  desirable: boolean,
  images: readonly ImageRef[] = [],
  weight = 1,
): RatedAnswer {
  const asked = question(n, images);
  const trace = traceOf(asked, chain(n, desirable ? "A" : "B"));
  const record = {
    record: "rated-answer" as const,
    v: 1 as const,
    question: asked,
    trace,
    rating: rating(trace.id),
    ...{ desirable, weight },
    provenance: { plan: "", scorer: "fixture", parents: [trace.id] },
    licence: "CC0-1.0",
    split: "train",
  };
  return parseRecord(ratedAnswerSchema, withId(record), { file: "fixture" });
}
