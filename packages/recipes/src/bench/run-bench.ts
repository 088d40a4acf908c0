import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, totalmem } from "node:os";
import { join } from "node:path";
import { BenchFault } from "./bench-fault.ts";
import { type BenchSubject, benchSubject } from "./bench-models.ts";
import {
  type BenchModel,
  type BenchReport,
  type BenchRow,
  type BenchTerms,
  type BenchWork,
  benchModels,
  benchTerms,
  benchWorks,
  type MissingRow,
} from "./bench-report.ts";
import { findPeer, type Peer } from "./find-peer.ts";
import type { LineWorker } from "./line-worker.ts";
import { measureRow, type RoundLimits } from "./measure-row.ts";
import { median } from "./order-statistics.ts";
import { type Comparison, comparisonsOf, startSides } from "./sides.ts";

export type BenchSettings = {
  /** Folder of the Python environment that scripts/parity-env.sh makes. */
  readonly python: string;
  /** Folder of the environment with ms-swift. */
  readonly swift: string;
  /** Folder for models and batches; the caller removes it. */
  readonly work: string;
  readonly threads: number;
  /** Fewer rounds and shorter generations: for a look, not for a claim. */
  readonly quick?: boolean;
  readonly models?: readonly BenchModel[];
  readonly works?: readonly BenchWork[];
  readonly terms?: readonly BenchTerms[];
  /** Ends every process at once. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number, note: string) => void;
};

type Measured = { readonly row: BenchRow; readonly gemmGflops: readonly number[] };

/**
 * Measures training and generation of this package against TRL and transformers with the same model, weights and samples on the CPU. Each side is a process of
 * its own; their steps are interleaved.
 *
 * A row whose worker fails is missing, with what it said.
 *
 * @throws BenchFault `peer-missing` | `sides-differ`
 */
export async function runBench(settings: BenchSettings): Promise<BenchReport> {
  const started = performance.now();
  const peer = findPeer(settings.python, settings.swift);
  const { models = benchModels, works = benchWorks, terms = benchTerms, onProgress } = settings;
  const rows: BenchRow[] = [];
  const missing: MissingRow[] = [];
  const gemm: number[] = [];
  const versions: Record<string, string> = {};
  const facts: Record<string, { parameters: number; weights: string }> = {};
  const wanted = comparisonsOf(models, works, terms);
  let done = 0;
  await mkdir(settings.work, { recursive: true });
  for (const model of models) {
    onProgress?.(done, wanted.length, `${model}: makes the model`);
    const own = wanted.filter((each) => each.model === model);
    const subject = await benchSubject(model, settings.work);
    for (const comparison of own) {
      settings.signal?.throwIfAborted();
      const { work, terms: at, peer: name } = comparison;
      onProgress?.(done++, wanted.length, `${model}: ${work}, ${at}, ${name}`);
      const absent = "reason" in subject ? subject.reason : peer.absent(name);
      if (absent !== undefined || "reason" in subject) {
        missing.push({ ...comparison, reason: absent ?? "" });
        continue;
      }
      const made = await benchRow(settings, peer, subject, comparison).catch((fault: unknown) => {
        if (!(fault instanceof BenchFault) || fault.code !== "worker-failed") throw fault;
        settings.signal?.throwIfAborted();
        return `${fault.message}. ${fault.next}`;
      });
      if (typeof made === "string") {
        missing.push({ ...comparison, reason: made });
        continue;
      }
      const { measured, workers } = made;
      rows.push(measured.row);
      gemm.push(...measured.gemmGflops);
      for (const { ready } of workers) Object.assign(versions, ready.versions);
      facts[model] = { parameters: Number(workers[0]!.ready.parameters), weights: subject.weights };
    }
  }
  onProgress?.(wanted.length, wanted.length, "");
  return {
    rows,
    missing,
    machine: {
      cpu: cpus()[0]?.model.trim() ?? "unknown",
      cores: availableParallelism(),
      memoryBytes: totalmem(),
    },
    gemmGflops: gemm.length === 0 ? null : median(gemm),
    threads: settings.threads,
    quick: settings.quick === true,
    versions,
    models: facts,
    seconds: (performance.now() - started) / 1000,
  };
}

async function benchRow(
  settings: BenchSettings,
  peer: Peer,
  subject: BenchSubject,
  comparison: Comparison,
): Promise<{ measured: Measured; workers: readonly LineWorker[] }> {
  const { work, model, terms } = comparison;
  const newTokens = settings.quick === true ? 32 : 64;
  const { batches, flops, words } = await subject.input(work, newTokens);
  const file = join(settings.work, `${model}-${work}.json`);
  await writeFile(file, JSON.stringify({ batches }));
  const sides = await startSides({
    ...{ comparison, peer, model: subject.folder, batches: file, newTokens },
    ...{ threads: settings.threads, signal: settings.signal },
  });
  try {
    const { unit, counted } = units[work];
    const limits = roundLimits(settings.quick === true);
    const { gemmGflops, ...measured } = await measureRow(sides, flops, counted, terms, limits, () =>
      performance.now(),
    );
    const settingsOf = (worker: LineWorker) => String(worker.ready.settings ?? terms);
    const row: BenchRow = {
      ...comparison,
      ...measured,
      unit,
      batch: words,
      settings: { ours: settingsOf(sides.ours), theirs: settingsOf(sides.theirs) },
    };
    return { measured: { row, gemmGflops }, workers: [sides.ours, sides.theirs] };
  } finally {
    await sides.quit();
  }
}

function roundLimits(quick: boolean): RoundLimits {
  return quick ? { least: 3, most: 5, seconds: 3 } : { least: 6, most: 25, seconds: 20 };
}

type Unit = {
  readonly unit: BenchRow["unit"];
  readonly counted: "supervisedTokens" | "pairs" | "newTokens";
};
const supervised: Unit = { unit: "supervised tokens/s", counted: "supervisedTokens" };
const generated: Unit = { unit: "new tokens/s", counted: "newTokens" };

const units: Readonly<Record<BenchWork, Unit>> = {
  "sft-full": supervised,
  "sft-lora": supervised,
  "dpo-lora": { unit: "pairs/s", counted: "pairs" },
  "generate-1": generated,
  "generate-32": generated,
};
