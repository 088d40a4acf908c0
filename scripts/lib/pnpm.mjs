import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { packagesOf, readJson, root } from "./workspace.mjs";

const windows = process.platform === "win32";
const marker = join(root, "node_modules/.mede2-installed");

/** The command that runs the workspace's own version of pnpm, on a machine that may have Node alone. */
function pnpmCommand() {
  const caller = process.env.npm_execpath ?? "";
  if (/pnpm\.c?js$/.test(caller)) return [process.execPath, caller];
  return [windows ? "npx.cmd" : "npx", "-y", readJson(join(root, "package.json")).packageManager];
}

/**
 * Installs the dependencies unless the last install was of this very lockfile and these manifests. So `pnpm demo` and `pnpm test` work
 * in a fresh clone, and cost nothing later.
 */
export function ensureInstalled() {
  const manifests = [
    "pnpm-lock.yaml",
    "package.json",
    ...packagesOf().map(({ dir }) => join(dir, "package.json")),
  ];
  const state = createHash("sha256");
  for (const file of manifests) state.update(readFileSync(resolve(root, file)));
  const wanted = state.digest("hex");
  if (existsSync(marker) && readFileSync(marker, "utf8") === wanted) return;
  const [command, ...args] = pnpmCommand();
  execFileSync(command, [...args, "install", "--frozen-lockfile"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: windows,
  });
  writeFileSync(marker, wanted);
}

/**
 * The environment for commands of the workspace: its `node_modules/.bin` comes first on the path, and a `pnpm` is on
 * it (turbo calls one) even where none is installed.
 */
export function workspaceEnvironment() {
  const bin = join(root, ".cache/bin");
  const found = spawnSync("pnpm", ["--version"], { shell: windows, encoding: "utf8", cwd: root });
  if (found.status !== 0) {
    mkdirSync(bin, { recursive: true });
    const line = pnpmCommand()
      .map((word) => JSON.stringify(word))
      .join(" ");
    writeFileSync(join(bin, "pnpm"), `#!/bin/sh\nexec ${line} "$@"\n`, { mode: 0o755 });
    writeFileSync(join(bin, "pnpm.cmd"), `@${line} %*\r\n`);
  }
  return {
    ...process.env,
    PATH: [join(root, "node_modules/.bin"), process.env.PATH, bin].join(delimiter),
    TURBO_TELEMETRY_DISABLED: "1",
    TURBO_NO_UPDATE_NOTIFIER: "1",
  };
}
