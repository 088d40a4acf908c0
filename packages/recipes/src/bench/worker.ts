import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { loadModel, openCpuDevice, withWeightFiles } from "@mede2/trainer";
import type { BenchBatch } from "./bench-batches.ts";
import type { BenchPair } from "./bench-pairs.ts";
import { gemmWork } from "./gemm-work.ts";
import { preferenceWork } from "./our-preference-work.ts";
import { benchLora, generationWork, type OurStep, trainingWork } from "./our-work.ts";

/**
 * Our side of the bench in a process of its own, with the line protocol of python/bench_peer.py:
 * `worker.js --work sft|dpo|generate|gemm --threads 2 [--model DIR --batches FILE] [--lora 16] [--new-tokens 64]`.
 */
const { values } = parseArgs({
  options: {
    work: { type: "string" },
    model: { type: "string", default: "" },
    batches: { type: "string", default: "" },
    threads: { type: "string", default: "2" },
    lora: { type: "string", default: "0" },
    terms: { type: "string", default: "float32" },
    "new-tokens": { type: "string", default: "64" },
  },
});

const say = (value: object): void => {
  process.stdout.write(`${JSON.stringify(value)}\n`);
};

type Opened = { readonly step: OurStep; readonly parameters: number; readonly settings: string };

async function open(): Promise<Opened> {
  const device = await openCpuDevice(Number(values.threads));
  const settings = "float32";
  const best = values.terms === "best";
  if (values.work === "gemm") return { step: await gemmWork(device), parameters: 0, settings };
  const { batches } = JSON.parse(await readFile(values.batches, "utf8")) as { batches: unknown };
  const { state, folder } = await loadModel(values.model);
  const parameters = [...state.parameters.values()].reduce((sum, { length }) => sum + length, 0);
  const rank = Number(values.lora);
  const lora = rank === 0 ? undefined : benchLora(rank);
  if (values.work === "sft") {
    const step = trainingWork(device, state, batches as BenchBatch[], lora, best);
    return { step, parameters, settings: best ? `${settings}, examples share rows` : settings };
  }
  if (values.work === "dpo" && lora !== undefined) {
    const processor = await folder.processor();
    const step = await preferenceWork(device, state, processor, batches as BenchPair[][], lora);
    return { step, parameters, settings };
  }
  if (values.work === "generate") {
    const model = withWeightFiles(state, folder);
    const count = Number(values["new-tokens"]);
    const weights = best ? "int8" : "float32";
    const step = generationWork(device, model, batches as BenchBatch[], count, weights);
    return { step, parameters, settings: best ? "8 bits for single tokens, float32 for prompts" : settings };
  }
  throw new Error(`unknown work ${values.work}: sft, dpo with --lora, generate or gemm`);
}

/** The runtime's version: the trainer depends on exactly one. */
function runtimeVersion(): string {
  const path = fileURLToPath(import.meta.resolve("@mede2/trainer/package.json"));
  const { dependencies } = JSON.parse(readFileSync(path, "utf8")) as { dependencies: Record<string, string> };
  return dependencies["onnxruntime-node"] ?? "unknown";
}

try {
  const { step, parameters, settings } = await open();
  const versions = { node: process.versions.node, onnxruntime: runtimeVersion() };
  say({ event: "ready", work: values.work, parameters, settings, versions });
  for await (const line of createInterface({ input: process.stdin })) {
    const command = line.trim();
    if (command === "step") say({ event: "step", ...(await step()) });
    else if (command === "memory") say({ event: "memory", peakBytes: process.resourceUsage().maxRSS * 1024 });
    else if (command === "quit") break;
    else if (command !== "") throw new Error(`unknown command ${command}: step, memory or quit`);
  }
} catch (error) {
  say({ event: "error", message: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
}
process.stdin.destroy();
