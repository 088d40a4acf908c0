// Installs when need be, builds, and runs `mede2 demo`: `pnpm demo`. Options are those of `mede2 demo`.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ensureInstalled, workspaceEnvironment } from "./lib/pnpm.mjs";
import { root } from "./lib/workspace.mjs";

const options = process.argv.slice(2);
const env = workspaceEnvironment();
const run = (command, args) => spawnSync(command, args, { cwd: root, env, stdio: "inherit" }).status ?? 1;

ensureInstalled();
const built = spawnSync("turbo", ["run", "build", "--output-logs=errors-only"], {
  cwd: root,
  env,
  stdio: ["ignore", 2, 2], // standard output belongs to the demo
  shell: process.platform === "win32",
});
process.exitCode =
  built.status ||
  run(process.execPath, [
    join(root, "packages/cli/bin/mede2.mjs"),
    "demo",
    ...(options.some((it) => it === "--out" || it.startsWith("--out=")) ? [] : ["--out", join(root, "demo")]),
    ...options,
  ]);
