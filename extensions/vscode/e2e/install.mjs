// Installs what the tests in a real editor need, outside of the workspace and its lockfile, in ~/.cache/mede2/vscode (or XDG_CACHE_HOME):
// code-server, a Node of its own, playwright-core and axe-core from npm, without install scripts; and Chromium from the system.
//   node e2e/install.mjs        prints the place; or one line that says what is missing, and ends with 1
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

export const versions = {
  node: "24.21.0",
  "code-server": "4.139.1",
  "playwright-core": "1.65.1",
  "axe-core": "4.14.1",
};
export const place = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "mede2", "vscode");
const marker = join(place, "installed.json");
const wanted = JSON.stringify(versions);

export const serverNode = join(place, "node_modules", `node-linux-${process.arch}`, "bin", "node");
export const serverEntry = join(place, "node_modules/code-server/out/node/entry.js");

/** The browser: named by MEDE2_CHROMIUM, or the system's. */
export function chromium() {
  const found = [
    process.env.MEDE2_CHROMIUM,
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome-stable",
    "/usr/bin/google-chrome",
  ];
  return found.find((path) => path && existsSync(path));
}

function run(command, args, cwd) {
  execFileSync(command, args, {
    cwd,
    stdio: ["ignore", "ignore", "pipe"],
    timeout: 600_000,
    env: { ...process.env, npm_config_update_notifier: "false" },
  });
}

function installServer() {
  if (existsSync(marker) && readFileSync(marker, "utf8") === wanted) return;
  const { bavail, bsize } = statfsSync(existsSync(place) ? place : homedir());
  if (bavail * bsize < 1.5e9) throw new Error(`less than 1.5 GB are free for ${place}`);
  mkdirSync(place, { recursive: true });
  rmSync(marker, { force: true });
  writeFileSync(join(place, "package.json"), '{"private":true}\n');
  const { node, ...packages } = versions;
  const names = [
    `node-linux-${process.arch}@${node}`,
    ...Object.entries(packages).map(([name, version]) => `${name}@${version}`),
  ];
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  run("npm", ["install", ...quiet, ...names], place);
  const editor = join(place, "node_modules/code-server/lib/vscode");
  for (const folder of [editor, join(editor, "extensions")])
    run("npm", ["install", "--omit=dev", ...quiet], folder);
  writeFileSync(marker, wanted);
}

function installChromium() {
  if (chromium()) return;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get"))
    throw new Error("there is no Chromium: install one, or name it in MEDE2_CHROMIUM");
  run("apt-get", ["install", "-y", "--no-install-recommends", "chromium", "fonts-dejavu-core"], "/");
}

if (process.argv[1]?.endsWith("install.mjs")) {
  try {
    if (process.platform !== "linux" || !["x64", "arm64"].includes(process.arch))
      throw new Error(
        `the editor for tests is installed on Linux only, and this is ${process.platform}-${process.arch}`,
      );
    installServer();
    installChromium();
    console.log(place);
  } catch (error) {
    const lines = String(error.stderr ?? error.message)
      .trim()
      .split("\n");
    console.error(`the editor for tests cannot be installed: ${lines.at(-1)}`);
    process.exitCode = 1;
  }
}
