// What happens on a full disk: a small tmpfs in a namespace of its own, on which a plan is written, a training begins, saves, is filled up and goes on. Linux with user namespaces; needs a built workspace.
//   node scripts/check-disk-full.mjs
import { spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { closingLine } from "./lib/counts.mjs";
import { checker } from "./lib/pack.mjs";
import { root } from "./lib/workspace.mjs";

const own = fileURLToPath(import.meta.url);
const mede2 = join(root, "packages/cli/bin/mede2.mjs");
const load = (name) => import(pathToFileURL(join(root, `packages/${name}/dist/index.js`)).href);

if (process.argv[2] !== "--inside") {
  const folder = mkdtempSync(join(tmpdir(), "mede2-disk-"));
  const script = 'mount -t tmpfs -o size=14m tmpfs "$1" && exec "$2" "$3" --inside "$1"';
  const { status } = spawnSync("unshare", ["-Urm", "sh", "-c", script, "sh", folder, process.execPath, own], {
    stdio: "inherit",
  });
  rmSync(folder, { recursive: true, force: true });
  process.exit(status ?? 1);
}

const disk = process.argv[3];
const { check, counts } = checker();
const resize = (size) => {
  const { status, stderr } = spawnSync("mount", ["-o", `remount,size=${size}`, disk], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
};
const run = (...argv) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [mede2, ...argv, "--json"], {
    ...{ cwd: disk, encoding: "utf8" },
  });
  return { code: status, stderr, json: JSON.parse(stdout.trim().split("\n").at(-1) || "{}") };
};
const expectThat = (holds, what) => {
  if (!holds) throw new Error(typeof what === "string" ? what : JSON.stringify(what));
};
const checkpoints = (id) => readdirSync(join(disk, "runs", id, "checkpoints"));
const fill = () => {
  try {
    for (let n = 0; ; n++) writeFileSync(join(disk, `filler-${n}`), Buffer.alloc(1 << 12));
  } catch {
    // full
  }
};
const empty = () => {
  for (const name of readdirSync(disk)) if (name.startsWith("filler-")) rmSync(join(disk, name));
};

const [{ tinyFolder }, { wardCases, wardDemonstration }, { writeJsonlAtomic }] = await Promise.all(
  ["recipes", "data", "schemas"].map(load),
);
const records = wardCases({ split: "stage1", count: 48, seed: 1 }).map((each) => wardDemonstration(each, 1));
await writeJsonlAtomic(join(disk, "a.demonstrations.jsonl"), records);
const model = mkdtempSync(join(tmpdir(), "mede2-disk-model-"));
cpSync(tinyFolder, model, { recursive: true });
const plan = (out, ...more) =>
  run(
    ...[
      "plan",
      "demo-stage1",
      "--model",
      model,
      "--data",
      "a.demonstrations.jsonl",
      "--no-time",
      "--threads",
      "1",
    ],
    ...["--set", "batch.size=4", "--out", out, ...more],
  );

try {
  await check("a checkpoint that will not fit ends a training before its first step", () => {
    expectThat(
      plan(
        "a.plan.json",
        "--steps",
        "6",
        "--set",
        "batch.checkpointEvery=2",
        "--set",
        "batch.keepCheckpoints=3",
      ).code === 0,
      "plan",
    );
    const { code, json } = run("train", "a.plan.json", "--out", "runs/a");
    expectThat(code === 1 && json.error?.code === "disk-full", json);
    expectThat(/14\.\d MB|1[0-4]\.\d MB left/.test(json.error.message) && /gc/.test(json.error.next), json);
    expectThat(checkpoints("a").length === 0, checkpoints("a"));
  });
  await check("with more room it goes on, and gives up its own older checkpoints for the next", () => {
    resize("42m");
    const { code, json } = run("train", "--resume", "runs/a");
    expectThat(code === 0 && json.status === "finished", json);
    const events = readFileSync(join(disk, "runs/a/events.jsonl"), "utf8");
    expectThat(events.includes('"checkpoints-removed"'), "no warning");
    expectThat(checkpoints("a").includes("step-0000006"), checkpoints("a"));
  });
  await check("a disk that fills up during a training: a sentence, and nothing half written", async () => {
    resize("80m");
    mkdirSync(join(disk, "runs"), { recursive: true });
    expectThat(plan("b.plan.json", "--steps", "40", "--set", "batch.checkpointEvery=10").code === 0, "plan");
    const child = spawn(process.execPath, [mede2, "train", "b.plan.json", "--out", "runs/b", "--json"], {
      ...{ cwd: disk, stdio: ["ignore", "pipe", "ignore"] },
    });
    let text = "";
    child.stdout.on("data", (piece) => {
      text += piece;
    });
    const ended = new Promise((done) => child.on("exit", done));
    const saved = join(disk, "runs/b/checkpoints/step-0000010");
    while (!existsSync(saved) && child.exitCode === null) await sleep(20);
    fill();
    const code = await ended;
    const { error } = JSON.parse(text.trim().split("\n").at(-1));
    expectThat(code === 1 && /disk|space/.test(`${error.message} ${error.next}`), error);
    expectThat(
      checkpoints("b").every((name) => /^step-\d+$/.test(name)),
      checkpoints("b"),
    );
  });
  await check("a full disk takes no file away that was there", () => {
    const before = readFileSync(join(disk, "b.plan.json"), "utf8");
    fill();
    const { code, json } = plan("b.plan.json", "--steps", "41");
    expectThat(code === 1 && json.error?.code === "ENOSPC" && /free disk space/.test(json.error.next), json);
    expectThat(readFileSync(join(disk, "b.plan.json"), "utf8") === before, "the plan was changed");
    expectThat(!readdirSync(disk).some((name) => name.endsWith(".tmp")), readdirSync(disk));
  });
  await check("with room again it goes on to the end", () => {
    empty();
    const { code, json } = run("train", "--resume", "runs/b");
    expectThat(code === 0 && json.steps === 40, json);
  });
} finally {
  rmSync(model, { recursive: true, force: true });
}
console.log(closingLine(counts));
process.exitCode = counts.failed ? 1 : 0;
