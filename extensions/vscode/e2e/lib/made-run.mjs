import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

const hash = "0".repeat(64);

/** A run folder that a test writes itself, in place of an engine. */
export function makeRun(folder, id, { seed }) {
  const dir = join(folder, "runs", id);
  for (const name of ["control", "traces", "checkpoints"]) mkdirSync(join(dir, name), { recursive: true });
  const plan = { record: "plan", v: 1, kind: "evaluate", recipe: "by hand", data: [], seed, threads: 1 };
  const manifest = {
    ...{
      record: "run-manifest",
      v: 1,
      id,
      kind: "evaluate",
      plan,
      planHash: hash,
      code: { version: "0.1.0" },
      data: [],
      device: "cpu",
    },
    ...{
      host: hostname(),
      argv: [],
      createdAt: new Date().toISOString(),
      parents: [],
      imageStore: ".mede2/images",
    },
  };
  writeFileSync(join(dir, "run.json"), JSON.stringify(manifest));
  return dir;
}

const bootId = () => {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return "unknown";
  }
};

/** Appends events as an engine does, with this process as the one that lives. */
export function eventWriter(dir, from = 0) {
  let seq = from;
  const event = (body) =>
    appendFileSync(
      join(dir, "events.jsonl"),
      `${JSON.stringify({ record: "run-event", v: 1, seq: seq++, ts: new Date().toISOString(), ...body })}\n`,
    );
  return {
    event,
    started: () =>
      event({ type: "run-started", attempt: 1, pid: process.pid, bootId: bootId(), host: hostname() }),
    step: (step, loss) =>
      event({
        type: "step-end",
        step,
        loss,
        learningRate: 1e-4,
        gradientNorm: 1 + loss,
        tokens: 1000,
        seconds: 0.5,
        memoryBytes: 5e8,
      }),
    acknowledge: ({ id, request }) => event({ type: "control-acknowledged", id, request, outcome: "done" }),
  };
}
