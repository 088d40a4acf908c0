#!/usr/bin/env node
/**
 * How good the base is by its bare answers, against the number of questions that pretraining answers directly: node packages/recipes/scripts/pool-curve.mjs --out DIR
 * [--pools 60,200,600,2000,6000] [--scale 0.25] [--seed 1] [--threads 1] [--only POOL,…] [--report FILE]. One small pretraining for each pool, all from the same vision tower.
 * Stopped at any moment, the next call goes on. With --only it works on some pools and reports nothing.
 */
import { existsSync } from "node:fs";
import { cp, mkdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { openImageStore } from "@mede2/images";
import { writeFileAtomic } from "@mede2/schemas";
import { wilson } from "@mede2/stats";
import { demoAmounts, evaluateModel, pretrainTiny, writeDemoData } from "../dist/index.js";

const { values } = parseArgs({
  options: {
    out: { type: "string" },
    pools: { type: "string", default: "60,200,600,2000,6000" },
    scale: { type: "string", default: "0.25" },
    seed: { type: "string", default: "1" },
    threads: { type: "string", default: "1" },
    only: { type: "string" },
    report: { type: "string" },
  },
});
if (values.out === undefined) {
  process.stderr.write("pool-curve: --out DIR is needed\n");
  process.exit(2);
}
const out = resolve(values.out);
const [seed, threads, scale] = [Number(values.seed), Number(values.threads), Number(values.scale)];
const pools = values.pools.split(",").map(Number);
const only = values.only === undefined ? undefined : new Set(values.only.split(",").map(Number));
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());
process.once("SIGTERM", () => stop.abort());
const code = { version: "0.1.0", commit: "unknown", dirty: false };
const heldOut = join(out, "held-out");
const store = openImageStore(join(heldOut, ".mede2/images"));
const { byCase, byCombination } = await writeDemoData(heldOut, demoAmounts.full, seed, store);

/** The tower has seen no question, so that of any pool serves the others. */
async function shareTower(workspace) {
  await mkdir(join(workspace, "models"), { recursive: true });
  for (const other of pools.map((pool) => join(out, `pool-${pool}`)))
    for (const model of ["models/fresh", "models/tower"])
      if (!existsSync(join(workspace, model)) && existsSync(join(other, "models/tower/config.json")))
        await cp(join(other, model), join(workspace, model), { recursive: true });
}

async function measure(pool) {
  const workspace = join(out, `pool-${pool}`);
  const finished = join(workspace, "base.json");
  if (existsSync(finished)) return JSON.parse(await readFile(finished, "utf8"));
  await shareTower(workspace);
  let [shown, told] = ["", 0];
  const model = await pretrainTiny({
    ...{ workspace, seed, threads, scale, pool, code, signal: stop.signal },
    onProgress(stage, done, total, note) {
      if (stage === shown && Date.now() - told < 20_000) return;
      [shown, told] = [stage, Date.now()];
      process.stderr.write(`pool ${pool} · ${stage} ${done}/${total} ${note}\n`);
    },
  });
  const right = {};
  for (const [name, questions] of Object.entries({ byCase, byCombination })) {
    const { records } = await evaluateModel({
      ...{ model, stage: "base", questions, style: "direct", conditions: ["real"], store, threads },
      ...{ task: `ward-${name}`, out: join(workspace, "evaluations", name), signal: stop.signal },
    });
    right[name] = {
      correct: records.filter(({ outcome }) => outcome.correct === true).length,
      n: records.length,
    };
  }
  const result = { pool, scale, seed, ...right };
  await writeFileAtomic(finished, `${JSON.stringify(result)}\n`);
  return result;
}

const share = ({ correct, n }) => {
  const { low, high } = wilson(correct, n);
  const percent = (value) => (100 * value).toFixed(1);
  return `${percent(correct / n)} [${percent(low)}, ${percent(high)}]`;
};
const rows = [];
for (const pool of pools) if (only === undefined || only.has(pool)) rows.push(await measure(pool));
if (only === undefined) {
  const table = [
    "| questions in the pool | by case, % | by combination, % |",
    "| --: | --- | --- |",
    ...rows.map(
      ({ pool, byCase, byCombination }) => `| ${pool} | ${share(byCase)} | ${share(byCombination)} |`,
    ),
    "",
  ].join("\n");
  if (values.report !== undefined) await writeFileAtomic(values.report, table);
  process.stdout.write(table);
}
