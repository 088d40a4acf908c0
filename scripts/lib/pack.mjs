import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { promisify } from "node:util";
import { workspaceEnvironment } from "./pnpm.mjs";
import { packagesOf } from "./workspace.mjs";

export const RUNTIME = "onnxruntime-node";
/** Keeps the native runtime from downloading CUDA libraries when it is installed. */
export const SKIP = "ONNXRUNTIME_NODE_INSTALL";

const exec = promisify(execFile);
const env = { ...workspaceEnvironment(), NODE_OPTIONS: "", npm_config_update_notifier: "false" };

/** Runs a command in a folder; resolves to its output, rejects with what it printed. */
export const run = (command, args, cwd, more = {}) =>
  exec(command, args, {
    cwd,
    env: { ...env, ...more },
    timeout: 300_000,
    maxBuffer: 1e8,
    shell: process.platform === "win32",
  });

/** What a failed command or check has to say, its first forty lines. */
export function faultText({ message, stdout = "", stderr = "" }) {
  const parts = [message, stdout, message.includes(stderr) ? "" : stderr].filter(Boolean);
  return parts.join("\n").trim().split("\n").slice(0, 40).join("\n");
}

/** The packages that are published, lowest layer first. */
export const publishedPackages = () => packagesOf().filter(({ manifest }) => !manifest.private);

/** Packs a package; its tarball, the files in it and its manifest as published. */
export async function pack({ dir }, folder) {
  const { stdout } = await run("pnpm", ["pack", "--json", "--pack-destination", folder], dir);
  const tarball = JSON.parse(stdout).filename;
  const list = (await run("tar", ["-tzf", tarball], folder)).stdout.trim().split("\n");
  const manifest = JSON.parse((await run("tar", ["-xzOf", tarball, "package/package.json"], folder)).stdout);
  return { tarball, files: list.map((it) => it.replace("package/", "")), manifest };
}

/** Packs all of them: name → what `pack` gives. */
export async function packAll(packages, folder) {
  const packed = new Map();
  await each(packages, async (pkg) => packed.set(pkg.name, await pack(pkg, folder)));
  return packed;
}

/** Does the work for every item, two at a time. */
export async function each(list, work) {
  const queue = [...list];
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
}

/** The manifest of a project that depends on some of the packed packages: their tarballs, and those of all they need. */
export const projectWith = (names, packed, more = {}) => ({
  private: true,
  type: "module",
  dependencies: Object.fromEntries(names.map((name) => [name, `file:${packed.get(name).tarball}`])),
  overrides: Object.fromEntries(
    [...packed.keys()]
      .filter((it) => !names.includes(it))
      .map((it) => [it, `file:${packed.get(it).tarball}`]),
  ),
  ...more,
});

/** The entries of a published package that can be imported, such as `@mede2/onnx/autodiff`. */
export const entriesOf = (manifest) =>
  Object.entries(manifest.exports)
    .filter(([, it]) => it.types)
    .map(([subpath]) => manifest.name + subpath.slice(1));

/** Counts checks and prints one line for each. `closing()` is the last line of a test command. */
export function checker(counts = { passed: 0, failed: 0, skipped: 0 }) {
  const check = async (what, work) => {
    const begin = performance.now();
    const fault = await Promise.resolve()
      .then(work)
      .then(() => null, faultText);
    counts[fault === null ? "passed" : "failed"]++;
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    console.log(
      `${fault === null ? "ok  " : "FAIL"} ${what} (${seconds} s)${fault === null ? "" : `\n     ${fault.replace(/\n/g, "\n     ")}`}`,
    );
  };
  return { check, counts };
}
