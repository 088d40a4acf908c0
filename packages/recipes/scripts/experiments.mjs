#!/usr/bin/env node
/**
 * The two stages and their controls over bases and seeds, on the ward: node packages/recipes/scripts/experiments.mjs --out DIR [--bases NAME=FOLDER,…] [--seeds 1,2,3]
 * [--threads 2] [--only NAME:SEED,…] [--control-seeds 1,2] [--arms controls|all|NAME,…] [--by-case N] [--report FILE]. Stopped at any moment, the next call goes on. With --only it works on some units and reports nothing;
 * so several processes can share the work.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { allArms, demoAmounts, experimentMarkdown, runUnit, tinyFolder } from "../dist/index.js";

const { values } = parseArgs({
  options: {
    out: { type: "string" },
    bases: { type: "string", default: `tiny=${tinyFolder}` },
    seeds: { type: "string", default: "1,2,3" },
    threads: { type: "string", default: "2" },
    only: { type: "string" },
    "control-seeds": { type: "string" },
    arms: { type: "string" },
    "by-case": { type: "string" },
    report: { type: "string" },
  },
});
if (values.out === undefined) {
  process.stderr.write("experiments: --out DIR is needed\n");
  process.exit(2);
}
const out = resolve(values.out);
await mkdir(out, { recursive: true });
const bases = values.bases.split(",").map((each) => {
  const [name, folder] = each.split("=");
  return { name, folder: resolve(folder) };
});
const seeds = values.seeds.split(",").map(Number);
const only = values.only === undefined ? undefined : new Set(values.only.split(","));
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());
process.once("SIGTERM", () => stop.abort());
let [last, lastTold] = ["", 0];
const settings = {
  out,
  bases,
  seeds,
  threads: Number(values.threads),
  ...(values["control-seeds"] === undefined
    ? {}
    : { controlSeeds: values["control-seeds"].split(",").filter(Boolean).map(Number) }),
  code: { version: "0.1.0", commit: "unknown", dirty: false },
  ...(values["by-case"] === undefined
    ? {}
    : { amounts: { ...demoAmounts.full, heldOutByCase: Number(values["by-case"]) } }),
  ...(values.arms === undefined || values.arms === "controls"
    ? {}
    : { arms: values.arms === "all" ? allArms.map(({ name }) => name) : values.arms.split(",") }),
  signal: stop.signal,
  onProgress(unit, arm, done, total) {
    const line = `${unit} · ${arm}`;
    if (line === last && Date.now() - lastTold < 20_000) return;
    [last, lastTold] = [line, Date.now()];
    process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line} ${done}/${total}\n`);
  },
};
const units = [];
for (const base of bases)
  for (const seed of seeds)
    if (only === undefined || only.has(`${base.name}:${seed}`))
      units.push(await runUnit(settings, base, seed));
if (only === undefined) {
  const markdown = experimentMarkdown(units);
  if (values.report !== undefined) await writeFile(values.report, `${markdown}\n`);
  process.stdout.write(`${markdown}\n`);
}
