// Installs when need be, builds, and runs `mede2 demo`: `pnpm demo`. Options are those of `mede2 demo`.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";
import { ensureInstalled, workspaceEnvironment } from "./lib/pnpm.mjs";
import { root } from "./lib/workspace.mjs";

/** Runs a command to its end. Ctrl-C reaches it by the terminal: we wait until it has put its work away. */
function run(command, args, stdio, shell = false) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env: workspaceEnvironment(), stdio, shell });
    process.on("SIGINT", () => {});
    process.on("SIGTERM", () => child.kill("SIGTERM"));
    child.on("error", (error) => {
      console.error(error.message);
      resolve(1);
    });
    child.on("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}

ensureInstalled();
// Standard output belongs to the demo.
const build = ["run", "build", "--output-logs=errors-only"];
const built = await run("turbo", build, ["ignore", 2, 2], process.platform === "win32");
const options = process.argv.slice(2);
const out = options.some((it) => /^--out(=|$)/.test(it)) ? [] : ["--out", join(root, "demo")];
const mede2 = join(root, "packages/cli/bin/mede2.mjs");
process.exitCode = built || (await run(process.execPath, [mede2, "demo", ...out, ...options], "inherit"));
