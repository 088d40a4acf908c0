#!/usr/bin/env node
/**
 * VQA-RAD split by picture, and the pairs of MMedPO, through Stage II: node packages/recipes/scripts/vqa-rad.mjs --vqa-rad DIR --mmedpo DIR --out DIR
 * [--model FOLDER] [--seed N] [--threads N] [--quick] [--amounts FILE.json]. Both sources as published. Stopped at any moment, the next call goes on. The last line of stdout is the report;
 * then: mede2 compare DIR/evaluations/base DIR/evaluations/stage0 DIR/evaluations/stage2-mmedpo DIR/evaluations/stage2-own
 */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { runVqaRad, tinyFolder } from "../dist/index.js";

const { values } = parseArgs({
  options: {
    "vqa-rad": { type: "string" },
    mmedpo: { type: "string" },
    out: { type: "string" },
    model: { type: "string", default: tinyFolder },
    seed: { type: "string", default: "1" },
    threads: { type: "string", default: "1" },
    quick: { type: "boolean", default: false },
    amounts: { type: "string" },
  },
});
if (values["vqa-rad"] === undefined || values.mmedpo === undefined || values.out === undefined) {
  process.stderr.write("vqa-rad: usage: vqa-rad.mjs --vqa-rad DIR --mmedpo DIR --out DIR\n");
  process.exit(2);
}
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());
process.once("SIGTERM", () => stop.abort());
let [last, told] = ["", 0];
try {
  const report = await runVqaRad({
    workspace: resolve(values.out),
    vqaRad: resolve(values["vqa-rad"]),
    mmedpo: resolve(values.mmedpo),
    model: resolve(values.model),
    seed: Number(values.seed),
    threads: Number(values.threads),
    quick: values.quick,
    ...(values.amounts === undefined ? {} : { amounts: JSON.parse(await readFile(values.amounts, "utf8")) }),
    code: { version: "0.1.0", commit: "unknown", dirty: false },
    signal: stop.signal,
    onProgress(step, done, total) {
      if (step === last && Date.now() - told < 5000) return;
      [last, told] = [step, Date.now()];
      process.stderr.write(`${step}: ${done} of ${total}\n`);
    },
  });
  for (const [stage, summaries] of Object.entries(report.results))
    for (const { images, accuracy } of summaries)
      process.stderr.write(`${stage} ${images}: ${JSON.stringify(accuracy)}\n`);
  process.stdout.write(`${JSON.stringify(report)}\n`);
} catch (error) {
  if (!stop.signal.aborted) throw error;
  process.stderr.write("vqa-rad: stopped; the same command goes on\n");
  process.exitCode = 130;
}
