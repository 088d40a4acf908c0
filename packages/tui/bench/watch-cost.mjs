// What watching costs: processor time and memory of `mede2 watch` on a pseudo terminal of 140 × 40, as the system counts them (/proc).
//   node packages/tui/bench/watch-cost.mjs [--node PATH] [--seconds N] [--gigabyte] [--markdown]
// Rows: nothing changes (a finished run, 2 looks a second); a run of 200 events a second, 5 looks a second; with --gigabyte a log of 1 GiB (written to
// the temporary folder, and removed): the time to the first screen, without and with its index. Linux, with `script` of util-linux.
import { spawn, spawnSync } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    node: { type: "string", default: process.execPath },
    seconds: { type: "string", default: "20" },
    gigabyte: { type: "boolean", default: false },
    markdown: { type: "boolean", default: false },
  },
});
const seconds = Number(values.seconds);
const cli = fileURLToPath(new URL("../../cli/bin/mede2.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "mede2-watch-cost-"));
const version = spawnSync(values.node, ["--version"], { encoding: "utf8" }).stdout.trim();
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const ticks = 100;

const hash = "0".repeat(64);
const plan = {
  ...{
    record: "plan",
    v: 1,
    kind: "preference",
    recipe: "bench",
    model: "models/none",
    seed: 1,
    threads: 1,
    freeze: [],
  },
  data: [{ path: "none.pairs.jsonl", sha256: hash, split: "train" }],
  loss: { name: "dpo", beta: 0.1 },
  optimiser: { name: "adamw", betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0, clipNorm: 1 },
  schedule: { name: "constant", learningRate: 1e-4, steps: 10_000_000 },
  batch: { size: 8, accumulation: 1, maxTokens: 512 },
  ...{ device: "cpu", engine: "embedded", templateHash: hash, pixels: { min: 1, max: 1 } },
  decoding: { temperature: 1, topP: 1, maxTokens: 16 },
};

function makeRun(id) {
  const dir = join(folder, "runs", id);
  mkdirSync(dir, { recursive: true });
  const manifest = {
    record: "run-manifest",
    v: 1,
    id,
    kind: "preference",
    plan,
    planHash: hash,
    code: { version: "0" },
    data: [],
    device: "cpu",
    host: "bench",
    argv: [],
    createdAt: new Date().toISOString(),
    parents: [],
    imageStore: ".mede2/images",
  };
  writeFileSync(join(dir, "run.json"), JSON.stringify(manifest));
  return dir;
}

let seq = 0;
const line = (ts, body) =>
  `${JSON.stringify({ record: "run-event", v: 1, seq: seq++, ts: new Date(ts).toISOString(), ...body })}\n`;
const started = { type: "run-started", attempt: 1, pid: process.pid, bootId: "bench", host: "bench" };
const step = (at) => ({
  ...{
    type: "step-end",
    step: at,
    epoch: at / 1000,
    loss: 0.1 + 2 / (1 + at / 2000) + 0.05 * Math.sin(at / 7),
    learningRate: 3e-5,
  },
  ...{
    gradientNorm: 1 + Math.random(),
    tokens: 4096,
    supervisedTokens: 1024,
    seconds: 0.4,
    memoryBytes: 2e9,
  },
  rewards: { chosen: 0.1, rejected: -0.1, margin: 0.2, accuracy: 0.75 },
  logProbs: { chosen: -12.5, rejected: -19.1 },
});

/** Starts the viewer on a pseudo terminal. `bytes()`: what it wrote; `use()`: seconds of processor and bytes at most. */
async function openViewer(dir, fps) {
  const begun = performance.now();
  const command = `stty cols 140 rows 40; exec ${values.node} ${cli} watch ${dir} --fps ${fps}`;
  const child = spawn("script", ["-qfec", command, "/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, TERM: "xterm-256color", COLORTERM: "truecolor", LANG: "C.UTF-8" },
  });
  let [bytes, frames, first, firstCpu] = [0, 0, undefined, undefined];
  let pid;
  const use = () => {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return { cpu: (Number(fields[11]) + Number(fields[12])) / ticks, peak: Number(peak[1]) * 1024 };
  };
  child.stdout.on("data", (data) => {
    bytes += data.length;
    frames += data.toString("latin1").split("\u001b[?2026h").length - 1;
    if (first === undefined && data.includes("loss")) {
      first = performance.now() - begun;
      firstCpu = use().cpu;
    }
  });
  await sleep(200);
  const find = () =>
    spawnSync("pgrep", ["-P", String(child.pid)], { encoding: "utf8" })
      .stdout.trim()
      .split("\n")[0];
  pid = find();
  while (pid === "") {
    await sleep(50);
    pid = find();
  }
  return {
    use,
    counts: () => ({ bytes, frames }),
    first: async () => {
      while (first === undefined) await sleep(5);
      return { seconds: first / 1000, cpu: firstCpu };
    },
    close: async () => {
      child.stdin.write("q");
      await sleep(300);
      child.kill();
    },
  };
}

async function measure(name, dir, fps, during) {
  const viewer = await openViewer(dir, fps);
  await viewer.first();
  await sleep(3000); // its own start is not what is measured
  const [before, counts] = [viewer.use(), viewer.counts()];
  const begun = performance.now();
  await during();
  const passed = (performance.now() - begun) / 1000;
  const [after, now] = [viewer.use(), viewer.counts()];
  await viewer.close();
  return {
    what: name,
    node: version,
    processor: `${((100 * (after.cpu - before.cpu)) / passed).toFixed(1)} %`,
    memory: `${(after.peak / 2 ** 20).toFixed(0)} MiB`,
    frames: `${((now.frames - counts.frames) / passed).toFixed(1)} /s`,
    written: `${((now.bytes - counts.bytes) / passed / 1024).toFixed(1)} KiB/s`,
  };
}

const rows = [];
try {
  const idle = makeRun("idle");
  seq = 0;
  let text = line(Date.now() - 4e6, started);
  for (let at = 1; at <= 2000; at++) text += line(Date.now() - 4e6 + at, step(at));
  writeFileSync(
    join(idle, "events.jsonl"),
    text + line(Date.now() - 3e6, { type: "run-finished", summary: {} }),
  );
  rows.push(await measure("nothing changes, 2 looks a second", idle, 2, () => sleep(seconds * 1000)));

  const live = makeRun("live");
  seq = 0;
  let at = 0;
  const events = join(live, "events.jsonl");
  writeFileSync(events, line(Date.now(), started) + line(Date.now(), step(++at)));
  const beat = () =>
    writeFileSync(
      join(live, "heartbeat"),
      JSON.stringify({
        record: "heartbeat",
        v: 1,
        ts: new Date().toISOString(),
        attempt: 1,
        pid: process.pid,
        bootId: "bench",
        host: "bench",
        intervalSeconds: 5,
      }),
    );
  beat();
  const writer = setInterval(() => {
    appendFileSync(events, Array.from({ length: 10 }, () => line(Date.now(), step(++at))).join(""));
    if (at % 500 === 0) beat();
  }, 50);
  rows.push(await measure("200 events a second, 5 looks a second", live, 5, () => sleep(seconds * 1000)));
  clearInterval(writer);

  if (values.gigabyte) {
    const big = makeRun("big");
    seq = 0;
    const file = openSync(join(big, "events.jsonl"), "w");
    let [bytes, buffer, number] = [0, line(1.77e12, started), 0];
    while (bytes < 2 ** 30) {
      buffer += line(1.77e12 + number * 400, step(++number));
      if (buffer.length < 1 << 22) continue;
      writeSync(file, buffer);
      bytes += buffer.length;
      buffer = "";
    }
    writeSync(file, buffer);
    closeSync(file);
    for (const name of ["1 GiB of events, first time", "1 GiB of events, with its index"]) {
      const viewer = await openViewer(big, 2);
      const first = await viewer.first();
      // until the whole log is read, or it was at once
      const until = performance.now() + 600_000;
      while (!existsSync(join(big, "index", "fold.json")) && performance.now() < until) await sleep(500);
      await sleep(1000);
      const { cpu, peak } = viewer.use();
      await viewer.close();
      rows.push({
        what: `${name}, ${number} steps`,
        node: version,
        processor: `first screen ${first.seconds.toFixed(2)} s (${first.cpu.toFixed(2)} s of processor), whole log ${cpu.toFixed(1)} s of processor`,
        memory: `${(peak / 2 ** 20).toFixed(0)} MiB`,
        frames: "",
        written: "",
      });
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (values.markdown) {
  const keys = Object.keys(rows[0]);
  console.log(
    [
      `| ${keys.join(" | ")} |`,
      `|${keys.map(() => "---|").join("")}`,
      ...rows.map((row) => `| ${keys.map((key) => row[key]).join(" | ")} |`),
    ].join("\n"),
  );
} else console.table(rows);
