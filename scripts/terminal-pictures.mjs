// Makes the pictures of the terminal UI anew: every screen of `mede2 watch` under tmux at 120 × 40, over a finished demo, as SVG. Needs a build and tmux.
//   node scripts/terminal-pictures.mjs DEMO [--out docs/images]      DEMO: the folder of a finished `mede2 demo`
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { terminalSvg } from "./lib/terminal-svg.mjs";
import { root } from "./lib/workspace.mjs";

const demo = process.argv[2];
const at = process.argv.indexOf("--out");
const out = at > 0 ? resolve(process.argv[at + 1]) : join(root, "docs/images");
if (demo === undefined) {
  console.error("name the folder of a finished demo");
  process.exit(2);
}
const workspace = join(tmpdir(), "demo");
const socket = `mede2-pictures-${process.pid}`;
const tmux = (...argv) => execFileSync("tmux", ["-L", socket, ...argv], { encoding: "utf8" });
const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const screen = (...more) => tmux("capture-pane", "-p", ...more, "-t", "it");

/** Presses keys, waits until the screen shows `wanted` and stands still, and draws it as terminal-NAME.svg. */
async function picture(name, title, keys, wanted) {
  for (const key of keys) {
    tmux("send-keys", "-t", "it", key);
    await sleep(300);
  }
  let before = "";
  for (const end = Date.now() + 60_000; ; await sleep(500)) {
    const now = screen();
    if (wanted.test(now) && now === before) break;
    if (Date.now() > end) throw new Error(`${name}: ${wanted} did not come\n${now}`);
    before = now;
  }
  writeFileSync(join(out, `terminal-${name}.svg`), terminalSvg(screen("-e"), { title }));
  console.log(name);
}

try {
  rmSync(workspace, { recursive: true, force: true });
  cpSync(demo, workspace, { recursive: true });
  mkdirSync(out, { recursive: true });
  const command = [process.execPath, join(root, "packages/cli/bin/mede2.mjs"), "watch", workspace];
  const env = ["-e", "TERM=xterm-256color", "-e", "COLORTERM=truecolor", "-e", "LANG=C.UTF-8"];
  tmux("-f", "/dev/null", "new-session", "-d", "-s", "it", "-x", "120", "-y", "40", ...env, ...command);
  await picture("workspace", "The runs of a workspace", [], /Stage II/);
  await picture("keys", "The keys of a screen", ["?"], /close|back/);
  await picture("new", "Starting a run", ["Escape", "n"], /demo-stage1/);
  await picture(
    "run",
    "Curves of a Stage II run",
    ["Escape", "Home", "Down", "Down", "Down", "Enter"],
    /4-stage2[\s\S]*loss/,
  );
  await picture("preference", "What preference optimisation does", ["2"], /margin/);
  await picture("system", "Processor, memory, disk", ["3"], /memory/i);
  await picture("log", "The event log", ["4"], /run-finished|run-started/);
  await picture("traces", "Traces and pairs of a run", ["5"], /stage2.pairs/);
  await picture("trace", "A pair: question, picture, both answers", ["Enter", "Tab"], /▀▀▀[\s\S]*rejected/);
  const marks = ["Escape", "Escape", "Escape", "Home", "Space", "Down", "Down", "Space", "c"];
  await picture("compare", "Two runs compared", marks, /1-stage1[\s\S]*4-stage2/);
} finally {
  spawnSync("tmux", ["-L", socket, "kill-server"]);
  rmSync(workspace, { recursive: true, force: true });
}
