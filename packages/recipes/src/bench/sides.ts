import { fileURLToPath } from "node:url";
import { sharedHeapVariables } from "@mede2/trainer";
import type { BenchModel, BenchPeer, BenchTerms, BenchWork } from "./bench-report.ts";
import type { Peer } from "./find-peer.ts";
import { type LineWorker, startLineWorker } from "./line-worker.ts";

/** What is compared with whom. */
export type Comparison = {
  readonly work: BenchWork;
  readonly model: BenchModel;
  readonly terms: BenchTerms;
  readonly peer: BenchPeer;
};

const every: readonly BenchWork[] = ["sft-full", "sft-lora", "generate-1", "generate-32"];

/** What each model is for: pictures are in the preferences of the small ones. */
const worksOf: Readonly<Record<BenchModel, readonly BenchWork[]>> = {
  tiny: ["sft-full", "sft-lora", "dpo-lora", "generate-1", "generate-32"],
  "tiny-151936": ["dpo-lora"],
  "30m": every,
  "135m": every,
};

/** TRL trains, transformers generates; preferences are compared with ms-swift too. */
function peersOf(work: BenchWork): readonly BenchPeer[] {
  if (work === "dpo-lora") return ["trl", "ms-swift"];
  return [work.startsWith("sft") ? "trl" : "transformers"];
}

/** All comparisons of the given models, works and terms, in the order of the report. */
export function comparisonsOf(
  models: readonly BenchModel[],
  works: readonly BenchWork[],
  terms: readonly BenchTerms[],
): Comparison[] {
  return models.flatMap((model) =>
    works
      .filter((work) => worksOf[model].includes(work))
      .flatMap((work) =>
        terms.flatMap((at) => peersOf(work).map((peer) => ({ work, model, terms: at, peer }))),
      ),
  );
}

export const loraRank = 16;

export type SideSettings = {
  readonly comparison: Comparison;
  readonly peer: Peer;
  /** Folder of the model and file of its batches. */
  readonly model: string;
  readonly batches: string;
  readonly newTokens: number;
  readonly threads: number;
  readonly signal: AbortSignal | undefined;
};

export type Sides = {
  readonly ours: LineWorker;
  readonly theirs: LineWorker;
  readonly gemm: LineWorker;
  quit(): Promise<void>;
};

/** Starts the two sides and the one that measures the machine, one after the other. */
export async function startSides(settings: SideSettings): Promise<Sides> {
  const { comparison, peer, model, batches, newTokens, threads, signal } = settings;
  const { work, terms } = comparison;
  const own = fileURLToPath(new URL("./worker.js", import.meta.url));
  const generates = work.startsWith("generate");
  const kind = generates ? "generate" : work.slice(0, 3);
  const shared = [
    ...["--work", kind, "--model", model, "--batches", batches, "--threads", String(threads)],
    ...(generates ? ["--new-tokens", String(newTokens)] : []),
    ...(work.endsWith("-lora") ? ["--lora", String(loraRank)] : []),
  ];
  const started: LineWorker[] = [];
  const start = async (
    name: string,
    command: string,
    argv: readonly string[],
    variables = {},
  ): Promise<LineWorker> => {
    const worker = await startLineWorker(name, command, argv, signal, variables);
    started.push(worker);
    return worker;
  };
  const quit = async (): Promise<void> => {
    await Promise.all(started.map((worker) => worker.quit()));
  };
  try {
    // a training is started so (startTraining), generation is not
    const heap = generates ? {} : sharedHeapVariables;
    const ours = await start("our worker", process.execPath, [own, ...shared, "--terms", terms], heap);
    const program = peer.program(comparison.peer);
    const theirs = await start(program.name, program.python, [
      program.script,
      ...shared,
      ...(generates ? ["--precision", terms === "best" ? "bfloat16" : "float32"] : ["--terms", terms]),
    ]);
    const gemm = await start("our worker", process.execPath, [own, "--work", "gemm", ...threadsOf(threads)]);
    return { ours, theirs, gemm, quit };
  } catch (fault) {
    await quit();
    throw fault;
  }
}

function threadsOf(threads: number): string[] {
  return ["--threads", String(threads)];
}
