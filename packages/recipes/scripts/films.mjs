#!/usr/bin/env node
/**
 * Both stages on real chest films: node packages/recipes/scripts/films.mjs SOURCE --out DIR [--model FOLDER] [--seed N] [--threads N] [--quick]
 * [--fold 0–4] [--amounts FILE.json]. SOURCE holds class folders as published, or labels.jsonl and images/. Stopped at any moment, the next call goes on.
 * --fold holds out a fifth of the training films instead of using the test films. The last line of stdout is the report.
 */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { filmsMarkdown, runFilms, tinyFolder } from "../dist/index.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: "string" },
    model: { type: "string", default: tinyFolder },
    seed: { type: "string", default: "1" },
    threads: { type: "string", default: "2" },
    quick: { type: "boolean", default: false },
    fold: { type: "string" },
    amounts: { type: "string" },
  },
});
if (positionals.length !== 1 || values.out === undefined) {
  process.stderr.write("films: usage: films.mjs SOURCE --out DIR\n");
  process.exit(2);
}
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());
process.once("SIGTERM", () => stop.abort());
let [last, lastTold] = ["", 0];
try {
  const report = await runFilms({
    workspace: resolve(values.out),
    source: resolve(positionals[0]),
    model: resolve(values.model),
    seed: Number(values.seed),
    threads: Number(values.threads),
    quick: values.quick,
    ...(values.fold === undefined ? {} : { developmentFold: Number(values.fold) }),
    ...(values.amounts === undefined ? {} : { amounts: JSON.parse(await readFile(values.amounts, "utf8")) }),
    code: { version: "0.1.0", commit: "unknown", dirty: false },
    signal: stop.signal,
    onProgress({ step, done, total, unit }) {
      if (step === last && Date.now() - lastTold < 5000) return;
      [last, lastTold] = [step, Date.now()];
      process.stderr.write(`${step}: ${done} of ${total} ${unit}\n`);
    },
  });
  process.stderr.write(`\n${filmsMarkdown(report)}\n`);
  process.stdout.write(`${JSON.stringify(report)}\n`);
} catch (error) {
  if (!stop.signal.aborted) throw error;
  process.stderr.write("films: stopped; the same command goes on\n");
  process.exitCode = 130;
}
