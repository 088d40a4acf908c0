// The terminal UI in a real terminal multiplexer: `mede2 watch` under tmux at three sizes, its keys, and what is left of the terminal after every way in which it may end.
//   node scripts/check-terminal.mjs        (needs a build, and tmux)
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closingLine } from "./lib/counts.mjs";
import { root } from "./lib/workspace.mjs";

const counts = { passed: 0, failed: 0, skipped: 0 };
const socket = `mede2-${process.pid}`;
const folder = mkdtempSync(join(tmpdir(), "mede2-terminal-"));
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const tmux = (...argv) => execFileSync("tmux", ["-L", socket, ...argv], { encoding: "utf8" });
const screen = (session) => tmux("capture-pane", "-p", "-t", session);

async function until(session, wanted) {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(200))
    if (wanted.test(screen(session))) return screen(session);
  throw new Error(`${session}: ${wanted} did not come\n${screen(session)}`);
}

function writeRun(dir) {
  mkdirSync(dir, { recursive: true });
  const hash = "0".repeat(64);
  const plan = { record: "plan", v: 1, kind: "evaluate", recipe: "custom", data: [], seed: 1, threads: 1 };
  const manifest = {
    record: "run-manifest",
    v: 1,
    id: "smoke",
    kind: "evaluate",
    plan,
    planHash: hash,
    code: { version: "0" },
    data: [],
    device: "cpu",
    host: "there",
    argv: [],
    createdAt: "2026-01-31T12:00:00.000Z",
    parents: [],
    imageStore: ".mede2/images",
  };
  writeFileSync(join(dir, "run.json"), JSON.stringify(manifest));
  const bodies = [
    { type: "run-started", attempt: 1, pid: 1, bootId: "there", host: "there" },
    ...Array.from({ length: 50 }, (_, index) => ({
      type: "step-end",
      step: index + 1,
      loss: 2 / (index + 1),
      tokens: 100,
      seconds: 0.5,
    })),
    { type: "run-finished", summary: { accuracy: 0.5 } },
  ];
  const lines = bodies.map((body, seq) =>
    JSON.stringify({
      record: "run-event",
      v: 1,
      seq,
      ts: new Date(1.77e12 + seq * 1000).toISOString(),
      ...body,
    }),
  );
  writeFileSync(join(dir, "events.jsonl"), `${lines.join("\n")}\n`);
}

const viewerOf = (session) => {
  const pane = tmux("display-message", "-p", "-t", session, "#{pane_pid}").trim();
  return Number(spawnSync("pgrep", ["-P", pane], { encoding: "utf8" }).stdout.trim());
};
const signal = (name) => (session) => process.kill(viewerOf(session), name);
const key = (name) => (session) => tmux("send-keys", "-t", session, name);

/** How a viewer may end, and with what code. */
const ends = [
  ["SIGINT", signal("SIGINT"), 0],
  ["SIGTERM", signal("SIGTERM"), 0],
  ["SIGHUP", signal("SIGHUP"), 0],
  ["SIGQUIT", signal("SIGQUIT"), 131],
  ["SIGABRT", signal("SIGABRT"), 134],
  ["Ctrl-C", key("C-c"), 0],
  ["q", key("q"), 0],
  // a fault anywhere in the process, such as of a library
  ["an error that nobody catches", signal("SIGUSR1"), 1],
];
const fault =
  "data:text/javascript,process.on('SIGUSR1',()=>setTimeout(()=>{throw new Error('thrown by the check')}))";

/** The terminal is that of a shell: its first screen, its cursor, lines that are edited and echoed. */
async function givenBack(session, code) {
  const left = await until(session, /before[\s\S]*after \d+ [\s\S]*end/);
  if (/[┌│]/.test(left)) throw new Error(`${session}: the terminal was not given back\n${left}`);
  if (tmux("display-message", "-p", "-t", session, "#{cursor_flag}").trim() !== "1")
    throw new Error(`${session}: the cursor stayed hidden`);
  if (!/after \d+ icanon echo end/.test(left.replace(/\s+/g, " ")))
    throw new Error(`${session}: keys are still read one by one\n${left}`);
  if (code !== undefined && !left.includes(`after ${code} `))
    throw new Error(`${session}: expected it to end with ${code}\n${left}`);
}

function open(session, [columns, rows], more = "") {
  const shell = `echo before; export LANG=C.UTF-8; ${process.execPath} --import "${fault}" ${join(root, "packages/cli/bin/mede2.mjs")} watch ${folder} ${more}; echo after $? $(stty -a | grep -ow -e '-\\?icanon' -e '-\\?echo') end; exec sleep 600`;
  tmux("new-session", "-d", "-s", session, "-x", String(columns), "-y", String(rows), "sh", "-c", shell);
}

try {
  writeRun(join(folder, "runs", "smoke"));
  for (const [columns, rows] of [
    [80, 24],
    [120, 40],
    [200, 60],
  ]) {
    const session = `s${columns}`;
    open(session, [columns, rows]);
    await until(session, /smoke.*✓ finished.*50/);
    tmux("send-keys", "-t", session, "Enter");
    await until(session, /loss 0\.04 \(first 2, lowest 0\.04\)/);
    tmux("send-keys", "-t", session, "4");
    await until(session, /run-finished\s+\{"accuracy":0\.5\}/);
    tmux("send-keys", "-t", session, "?");
    await until(session, /close the viewer; a run goes on/);
    tmux("send-keys", "-t", session, "q");
    await givenBack(session, 0);
    counts.passed += 1;
    console.log(`${columns} × ${rows}: list, run, log, keys; q gave the terminal back`);
  }
  for (const [mode, shown] of [
    ["mouse", /smoke.*✓ finished/],
    ["screen-reader", /smoke, finished/],
  ]) {
    for (const [name, end, code] of ends) {
      const session = `${mode} ${name}`.replace(/\W+/g, "-");
      open(session, [100, 30], `--${mode}`);
      await until(session, shown);
      end(session);
      await givenBack(session, code);
      tmux("kill-session", "-t", session);
      counts.passed += 1;
    }
    console.log(`--${mode}: ${ends.map(([name]) => name).join(", ")} gave the terminal back`);
  }
  // a shell with jobs: Ctrl-Z stops the viewer, fg brings it back
  tmux("new-session", "-d", "-s", "jobs", "-x", "100", "-y", "30", "bash", "--norc", "-i");
  tmux(
    "send-keys",
    "-t",
    "jobs",
    `LANG=C.UTF-8 ${process.execPath} ${join(root, "packages/cli/bin/mede2.mjs")} watch ${folder}`,
    "Enter",
  );
  await until("jobs", /┌─ Runs of/);
  tmux("send-keys", "-t", "jobs", "C-z");
  await until("jobs", /Stopped/);
  tmux("send-keys", "-t", "jobs", "echo typed; fg", "Enter");
  await until("jobs", /┌─ Runs of[\s\S]*✓ finished/);
  tmux("send-keys", "-t", "jobs", "q");
  await until("jobs", /typed/);
  counts.passed += 1;
  console.log("Ctrl-Z stopped it, fg brought it back");
  if (readFileSync(join(folder, "runs/smoke/events.jsonl"), "utf8").split("\n").length !== 53)
    throw new Error("the log was touched");
} catch (error) {
  counts.failed += 1;
  console.log(`FAIL ${error.message}`);
} finally {
  spawnSync("tmux", ["-L", socket, "kill-server"]);
  rmSync(folder, { recursive: true, force: true });
}
console.log(closingLine(counts));
process.exitCode = counts.failed > 0 ? 1 : 0;
