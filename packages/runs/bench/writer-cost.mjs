// What the event log costs an engine: processor time of `append` for one step-end event, controls and heartbeat included.
//   node packages/runs/bench/writer-cost.mjs [COUNT]       after a build
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRun, openRunWriter } from "../dist/index.js";

const count = Number(process.argv[2] ?? 50_000);
const workspace = mkdtempSync(join(tmpdir(), "mede2-writer-cost-"));
try {
  const plan = { record: "plan", v: 1, kind: "evaluate", recipe: "bench", data: [], seed: 1, threads: 1 };
  const { dir } = await createRun({ workspace, plan, code: { version: "0" }, data: [] });
  const writer = await openRunWriter(dir);
  const step = (at) => ({
    ...{
      type: "step-end",
      step: at,
      epoch: at / 1000,
      loss: 1 / at,
      learningRate: 3e-5,
      gradientNorm: 1.25,
      tokens: 4096,
    },
    ...{ supervisedTokens: 1024, seconds: 0.4, memoryBytes: 2e9 },
    rewards: { chosen: 0.1, rejected: -0.1, margin: 0.2, accuracy: 0.75 },
  });
  for (let at = 1; at <= 1000; at++) writer.append(step(at));
  const [before, begun] = [process.cpuUsage(), performance.now()];
  for (let at = 1; at <= count; at++) {
    writer.append(step(1000 + at));
    await writer.controls(); // an engine looks for requests after every step
  }
  const { user, system } = process.cpuUsage(before);
  const wall = performance.now() - begun;
  writer.close();
  console.log(
    `${((user + system) / count).toFixed(1)} µs of processor a step (${((1000 * wall) / count).toFixed(1)} µs by the clock), ${count} steps, ${process.version}`,
  );
} finally {
  rmSync(workspace, { recursive: true, force: true });
}
