// Runs the examples of docs/commands.md: its ```sh blocks, in order, in one bash, in an empty workspace with the built command on the path. Needs bash and a built workspace.
//   node scripts/check-commands.mjs [--keep]
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { closingLine } from "./lib/counts.mjs";
import { checker } from "./lib/pack.mjs";
import { bashOf, chaptersOf, secondsOf } from "./lib/tutorial.mjs";
import { root } from "./lib/workspace.mjs";

const folder = mkdtempSync(join(tmpdir(), "mede2-commands-"));
const { check, counts } = checker();
const chapters = chaptersOf(readFileSync(join(root, "docs/commands.md"), "utf8"));

/** Runs a script and resolves to its exit code and its output. */
function run(script) {
  const path = `${join(root, "node_modules/.bin")}${delimiter}${process.env.PATH}`;
  const { MEDE2_WORKSPACE: _, ...rest } = process.env;
  const env = { ...rest, PATH: path, NO_COLOR: "1" };
  const child = spawn("bash", [script], { cwd: folder, env, stdio: ["ignore", "pipe", 2] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output += text;
    process.stderr.write(text);
  });
  return new Promise((done) => child.on("close", (code) => done({ code, output })));
}

try {
  const script = join(folder, "commands.sh");
  writeFileSync(script, bashOf(chapters));
  const { code, output } = await run(script);
  const times = secondsOf(output);
  for (const { title } of chapters)
    await check(`${title}${times.has(title) ? `: ${times.get(title).toFixed(1)} s` : ""}`, () => {
      if (!times.has(title)) throw new Error(`bash ended with ${code} here or before`);
    });
  console.log(`all ${[...times.values()].reduce((sum, it) => sum + it, 0).toFixed(0)} s`);
} finally {
  if (process.argv.includes("--keep")) console.log(`kept: ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
}
console.log(closingLine(counts));
process.exitCode = counts.failed ? 1 : 0;
