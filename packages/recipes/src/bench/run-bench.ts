import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BenchBatch } from "./bench-batches.ts";
import { type BenchSubject, benchSubject } from "./bench-models.ts";
import type { BenchModel, BenchReport, BenchRow, BenchWork } from "./bench-report.ts";
import { findPeer, type Peer } from "./find-peer.ts";
import { type LineWorker, startLineWorker } from "./line-worker.ts";
import { type MeasuredRow, measureRow, type RoundLimits } from "./measure-row.ts";
import { generationFlops, trainingFlops } from "./model-flops.ts";
import { median } from "./order-statistics.ts";

export type BenchSettings = {
  /** Folder of the Python environment that scripts/parity-env.sh makes. */
  readonly python: string;
  /** Folder for models and batches; the caller removes it. */
  readonly work: string;
  readonly threads: number;
  /** Fewer rounds and shorter generations: for a look, not for a claim. */
  readonly quick?: boolean;
  readonly models?: readonly BenchModel[];
  readonly works?: readonly BenchWork[];
  /** Ends every process at once. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number, note: string) => void;
};

const allModels = ["tiny", "30m"] as const;
const allWorks = ["sft-full", "generate-1", "generate-32"] as const;

/**
 * Measures training and generation of this package against the same model, weights and batches in PyTorch, in float32 on the CPU. Each side is a process of its own;
 * their steps are interleaved.
 *
 * @throws BenchFault `peer-missing` | `worker-failed` | `sides-differ`
 */
export async function runBench(settings: BenchSettings): Promise<BenchReport> {
  const started = performance.now();
  const peer = findPeer(settings.python);
  const { models = allModels, works = allWorks, onProgress } = settings;
  const rows: BenchRow[] = [];
  const gemm: number[] = [];
  const versions: Record<string, string> = {};
  const facts: Record<string, { parameters: number; weights: string }> = {};
  const total = models.length * works.length;
  await mkdir(settings.work, { recursive: true });
  for (const model of models) {
    onProgress?.(rows.length, total, `${model}: makes the model`);
    const subject = await benchSubject(model, settings.work);
    for (const work of works) {
      settings.signal?.throwIfAborted();
      onProgress?.(rows.length, total, `${model}: ${work}`);
      const { row, workers } = await benchRow(settings, peer, subject, model, work);
      rows.push(row.shown);
      gemm.push(...row.gemmGflops);
      for (const { ready } of workers) Object.assign(versions, ready.versions);
      facts[model] = { parameters: Number(workers[0]!.ready.parameters), weights: subject.weights };
    }
  }
  onProgress?.(total, total, "");
  return {
    rows,
    machine: {
      cpu: cpus()[0]?.model.trim() ?? "unknown",
      cores: availableParallelism(),
      memoryBytes: totalmem(),
    },
    gemmGflops: median(gemm),
    threads: settings.threads,
    quick: settings.quick === true,
    versions,
    models: facts,
    seconds: (performance.now() - started) / 1000,
  };
}

type Row = { readonly shown: BenchRow; readonly gemmGflops: readonly number[] };

async function benchRow(
  settings: BenchSettings,
  peer: Peer,
  subject: BenchSubject,
  model: BenchModel,
  work: BenchWork,
): Promise<{ row: Row; workers: readonly LineWorker[] }> {
  const batches = subject.batches(work);
  const file = join(settings.work, `${model}-${work}.json`);
  await writeFile(file, JSON.stringify({ batches }));
  const newTokens = settings.quick === true ? 32 : 64;
  const trains = work === "sft-full";
  const threads = ["--threads", String(settings.threads)];
  const shared = ["--work", trains ? "train" : "generate", "--model", subject.folder, "--batches", file];
  const generates = trains ? [] : ["--new-tokens", String(newTokens)];
  const freezes = trains ? ["--freeze-vision"] : [];
  const own = fileURLToPath(new URL("./worker.js", import.meta.url));
  const started: LineWorker[] = [];
  const start = async (name: string, command: string, argv: readonly string[]): Promise<LineWorker> => {
    const worker = await startLineWorker(name, command, argv, settings.signal);
    started.push(worker);
    return worker;
  };
  try {
    const ours = await start("our worker", process.execPath, [own, ...shared, ...generates, ...threads]);
    const theirs = await start("bench_peer.py", peer.python, [
      peer.script,
      ...shared,
      ...generates,
      ...freezes,
      ...threads,
    ]);
    const gemm = await start("our worker", process.execPath, [own, "--work", "gemm", ...threads]);
    const flops = batches.map((batch) => flopsOf(subject, batch, trains, newTokens));
    const unit = trains ? "supervisedTokens" : "newTokens";
    const limits = roundLimits(settings.quick === true);
    const measured = await measureRow({ ours, theirs, gemm }, flops, unit, limits, () => performance.now());
    const batch = `${subject.describe(work)}${trains ? "" : `, ${newTokens} new tokens each`}`;
    return { row: finishedRow(measured, model, work, batch), workers: [ours, theirs, gemm] };
  } finally {
    await Promise.all(started.map((worker) => worker.quit()));
  }
}

function roundLimits(quick: boolean): RoundLimits {
  return quick ? { least: 3, most: 5, seconds: 3 } : { least: 6, most: 25, seconds: 20 };
}

function flopsOf({ config }: BenchSubject, batch: BenchBatch, trains: boolean, newTokens: number): number {
  return trains ? trainingFlops(config, batch) : generationFlops(config, batch, newTokens);
}

function finishedRow(measured: MeasuredRow, model: BenchModel, work: BenchWork, batch: string): Row {
  const { gemmGflops, ours, theirs, ratio, floorShare, memoryRatio, ...more } = measured;
  const unit = work === "sft-full" ? "supervised tokens/s" : "new tokens/s";
  const terms = "float32" as const;
  const peer = "transformers" as const;
  return {
    gemmGflops,
    shown: { work, model, terms, ours, theirs, peer, ratio, floorShare, memoryRatio, unit, ...more, batch },
  };
}
