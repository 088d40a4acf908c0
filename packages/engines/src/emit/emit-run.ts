import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";
import { openImageStore } from "@mede2/images";
import type { ExportFormat } from "@mede2/preference";
import { writeDirAtomic } from "@mede2/runs";
import type { ImageRef, JsonValue, TrainingPlan } from "@mede2/schemas";
import type { RecordEncoder } from "@mede2/trainer";
import { planOrder } from "../data/plan-order.ts";
import { isPair, type PlanRow, planRows } from "../data/plan-rows.ts";
import { encodeRow, openModelSide, rowLength, rowTokens } from "../data/row-encoding.ts";
import type { EmittedFile, EmittedRun, EngineContext, EngineLog } from "../engine.ts";
import { EngineError } from "../engine-error.ts";
import { expectationsOf } from "../live/expectations.ts";
import { engineSettings, processesOf, splitBatch } from "../settings.ts";
import { baseForFullTraining } from "./base-names.ts";
import type { Emission, TextFile } from "./emission.ts";
import { engineRow } from "./rows.ts";

/** What one engine adds to the files that all share. */
export type EngineParts = {
  readonly files: readonly TextFile[];
  readonly command: readonly string[];
  readonly resumeCommand: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly unset: readonly string[];
  readonly log: EngineLog;
  readonly checkpointsDir: string;
  readonly expected?: Readonly<Record<string, JsonValue>>;
};

export type EmitterOf = (emission: Emission) => EngineParts | Promise<EngineParts>;

/** Name of the file that describes an emitted run. */
export const emittedFile = "emitted.json";

/**
 * Writes the files of a run for an outside engine to `dir`, whole or not at all: data in the plan's order, an index of its rows, the engine's own configuration, the pictures
 * when the run goes to another machine, and `emitted.json`.
 */
export async function emitRun(
  engine: EmittedRun["engine"],
  format: ExportFormat,
  emit: EmitterOf,
  plan: TrainingPlan,
  dir: string,
  context: EngineContext,
): Promise<EmittedRun> {
  const { workspace } = context;
  const root = context.targetDir ?? dir;
  refusePatterns(root);
  const settings = engineSettings(plan);
  const batch = splitBatch(plan);
  if (batch === undefined)
    throw new EngineError(
      "batch-split",
      `a batch of ${plan.batch.size * plan.batch.accumulation} cannot be divided among the processes of the launcher`,
      "choose batch.size × batch.accumulation as a multiple of nodes × processes",
    );
  const side = await openModelSide(resolve(workspace, plan.model));
  const store = openImageStore(resolve(workspace, context.imageStore));
  const moves = context.targetDir !== undefined;
  const pictures = new Map<string, ImageRef>();
  const imagePath = (image: ImageRef) => {
    if (!store.has(image.sha256)) return "";
    pictures.set(image.sha256, image);
    return moves ? `${root}/images/${fileName(store.path(image))}` : store.path(image);
  };
  const encoder: RecordEncoder = {
    encoder: side,
    maxTokens: plan.batch.maxTokens,
    hasImage: (sha256) => store.has(sha256),
  };
  const read = await readRows(plan, workspace, encoder);
  const line = (row: PlanRow) => `${JSON.stringify(engineRow(format, row, imagePath))}\n`;
  const { order, steps } = planOrder(
    plan,
    read.train.map(({ length }) => length),
  );
  return writeDirAtomic(dir, async (temporary) => {
    const lines = read.train.map(({ row }) => line(row));
    const files: TextFile[] = [
      { path: "data/train.jsonl", text: order.map((index) => lines[index]).join("") },
      {
        path: "data/rows.jsonl",
        text: order.map((index, row) => rowIndex(read.train[index]!, row)).join(""),
      },
    ];
    if (read.validation.length > 0)
      files.push({ path: "data/validation.jsonl", text: read.validation.map(line).join("") });
    const base = await baseForFullTraining(plan, settings, workspace, temporary);
    const onTarget = (path: string) => (isAbsolute(path) ? path : resolve(workspace, path));
    const emission: Emission = {
      ...{ plan, settings, side, batch, steps, processes: processesOf(plan) },
      validationRows: read.validation.length,
      paths: {
        root,
        model: base === undefined ? (settings.targetModel ?? onTarget(plan.model)) : `${root}/${base}`,
        adapter:
          plan.adapter === undefined ? undefined : await adapterPath(plan.adapter, root, temporary, context),
        train: `${root}/data/train.jsonl`,
        validation: read.validation.length > 0 ? `${root}/data/validation.jsonl` : undefined,
        output: `${root}/output`,
      },
    };
    const parts = await emit(emission);
    for (const { path, text } of [...files, ...parts.files]) {
      await mkdir(join(temporary, path, ".."), { recursive: true });
      await writeFile(join(temporary, path), text);
    }
    if (moves && pictures.size > 0) {
      await mkdir(join(temporary, "images"), { recursive: true });
      for (const picture of pictures.values())
        await copyFile(store.path(picture), join(temporary, "images", fileName(store.path(picture))));
    }
    const first = read.train[order[0]!]!;
    const run: EmittedRun = {
      engine,
      name: fileName(resolve(dir, "..")).replace(/[^A-Za-z0-9.-]/g, "-") || "run",
      dir,
      targetDir: root,
      files: await listFiles(temporary),
      ...{ command: parts.command, resumeCommand: parts.resumeCommand, env: parts.env, unset: parts.unset },
      ...{ log: parts.log, checkpointsDir: parts.checkpointsDir, checkpointMark: "trainer_state.json" },
      steps,
      processes: processesOf(plan),
      expected: {
        ...expectationsOf(emission, encodeRow(encoder, first.row), order.length),
        ...parts.expected,
      },
    };
    await writeFile(join(temporary, emittedFile), `${JSON.stringify(run, null, 2)}\n`);
    return run;
  });
}

/** The library that reads data for all three engines (datasets) takes paths for patterns, and chains of addresses for one. */
function refusePatterns(root: string): void {
  const found = /[*?[]|::/.exec(root);
  if (found !== null)
    throw new EngineError(
      "path",
      `the path of the run's files holds "${found[0]}", which the engine's reader of data would take for a pattern: ${root}`,
      "choose a workspace and a name for the run without * ? [ and ::",
    );
}

/** The description of a run that was emitted before. */
export async function readEmitted(dir: string): Promise<EmittedRun> {
  return JSON.parse(await readFile(join(dir, emittedFile), "utf8")) as EmittedRun;
}

type ReadRow = {
  readonly row: PlanRow;
  /** Of the longer sequence. */
  readonly length: number;
  /** Of all its sequences, and those that are learnt. */
  readonly tokens: number;
  readonly supervised: number;
};

async function readRows(
  plan: TrainingPlan,
  workspace: string,
  encoder: RecordEncoder,
): Promise<{ train: ReadRow[]; validation: PlanRow[] }> {
  const train: ReadRow[] = [];
  const validation: PlanRow[] = [];
  for await (const row of planRows(plan, workspace)) {
    const encoded = encodeRow(encoder, row); // a row that cannot be learnt from ends it here
    if (row.learns) train.push({ row, length: rowLength(encoded), ...rowTokens(encoded) });
    else validation.push(row);
  }
  if (train.length === 0)
    throw new EngineError("no-data", "the plan has no record to learn from", "check the splits of its data");
  return { train, validation };
}

/** What the rows of engines cannot hold: which record a row is, and its weight. */
function rowIndex({ row: { record, place }, tokens, supervised }: ReadRow, row: number): string {
  const more = isPair(record)
    ? { questionId: record.question.id, negativeKind: record.negativeKind, weight: record.weight }
    : { questionId: record.question.id };
  return `${JSON.stringify({ row, id: record.id, ...more, line: place.line, tokens, supervised })}\n`;
}

/** An adapter goes along when the run goes to another machine. */
async function adapterPath(
  adapter: string,
  root: string,
  temporary: string,
  { workspace, targetDir }: EngineContext,
): Promise<string> {
  const folder = resolve(workspace, adapter);
  if (targetDir === undefined) return folder;
  await mkdir(join(temporary, "adapter"), { recursive: true });
  for (const name of ["adapter_config.json", "adapter_model.safetensors"])
    await copyFile(join(folder, name), join(temporary, "adapter", name));
  return `${root}/adapter`;
}

async function listFiles(folder: string, below = ""): Promise<EmittedFile[]> {
  const files: EmittedFile[] = [];
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) files.push(...(await listFiles(folder, path)));
    else {
      const { size } = await stat(join(folder, path));
      const hash = createHash("sha256").update(await readFile(join(folder, path)));
      files.push({ path, sha256: hash.digest("hex"), bytes: size });
    }
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

const fileName = (path: string) => path.split("/").at(-1) ?? "";
