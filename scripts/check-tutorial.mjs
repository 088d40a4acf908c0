// Follows docs/tutorial.md literally: its ```sh blocks, in order, in one bash, in a fresh clone of this repository (what is committed), and says what each chapter took.
// Blocks marked ```sh screen open something for a person and are left out. Needs bash, git, and what the tutorial needs.
//   node scripts/check-tutorial.mjs [--keep]            everything, install and demo with it
//   node scripts/check-tutorial.mjs --demo DIR          in this checkout, as built, from a finished demo (see check-demo.mjs --keep): chapters after the first
import { spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative, resolve } from "node:path";
import { closingLine } from "./lib/counts.mjs";
import { checker } from "./lib/pack.mjs";
import { bashOf, chaptersOf, secondsOf } from "./lib/tutorial.mjs";
import { root } from "./lib/workspace.mjs";

const at = process.argv.indexOf("--demo");
const demo = at > 0 ? resolve(process.argv[at + 1]) : undefined;
const folder = mkdtempSync(join(tmpdir(), "mede2-tutorial-"));
const clone = join(folder, "mede2");
const { check, counts } = checker();
const chapters = chaptersOf(readFileSync(join(root, "docs/tutorial.md"), "utf8"));

/** A clone, or for `--demo` a folder that looks like one: the installed command and the finished demo. */
function prepare() {
  if (demo === undefined) {
    const { status, stderr } = spawnSync("git", ["clone", "--quiet", root, clone], { encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
    return;
  }
  mkdirSync(clone);
  symlinkSync(join(root, "node_modules"), join(clone, "node_modules"), "junction");
  cpSync(demo, join(clone, "demo"), { recursive: true });
}

/** Runs the blocks of all chapters in one bash. Resolves to its exit code and its output. */
function follow(script) {
  const env = { ...process.env, NO_COLOR: "1", npm_config_update_notifier: "false" };
  const child = spawn("bash", [script], { cwd: clone, env, stdio: ["ignore", "pipe", 2] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output += text;
    process.stderr.write(text);
  });
  return new Promise((done) => child.on("close", (code) => done({ code, output })));
}

const { nameFault } = await import("../packages/schemas/dist/index.js");
/** Every file and folder below `dir`. */
const everything = (dir) =>
  readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    return entry.isDirectory() ? [path, ...everything(path)] : [path];
  });

try {
  prepare();
  const wanted = demo === undefined ? chapters : chapters.filter(({ first }) => !first);
  const script = join(folder, "tutorial.sh");
  writeFileSync(script, bashOf(wanted));
  const { code, output } = await follow(script);
  const times = secondsOf(output);
  for (const { title } of wanted)
    await check(`${title}${times.has(title) ? `: ${times.get(title).toFixed(0)} s` : ""}`, () => {
      if (!times.has(title)) throw new Error(`bash ended with ${code} here or before`);
    });
  console.log(`all ${[...times.values()].reduce((sum, it) => sum + it, 0).toFixed(0)} s`);
  await check("every file that it made can be copied to any system", () => {
    const made = existsSync(join(clone, "demo")) ? everything(join(clone, "demo")) : [];
    const faults = made
      .filter((path) => nameFault(basename(path)) !== null)
      .map((path) => relative(clone, path));
    if (faults.length || made.length < 50) throw new Error(faults.join("\n") || `only ${made.length} files`);
  });
} finally {
  if (process.argv.includes("--keep")) console.log(`kept: ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
}
console.log(closingLine(counts));
process.exitCode = counts.failed ? 1 : 0;
