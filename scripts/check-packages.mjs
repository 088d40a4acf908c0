// Each package stands alone: packs it, installs the tarball in an empty project with npm, type checks an import of it
// and runs the example of its README. Needs a build and the npm registry.
//   node scripts/check-packages.mjs [--keep] [NAME…]      NAME: a folder of packages/
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { closingLine } from "./lib/counts.mjs";
import { workspaceEnvironment } from "./lib/pnpm.mjs";
import { packagesOf, root } from "./lib/workspace.mjs";

const RUNTIME = "onnxruntime-node";
const SKIP = "ONNXRUNTIME_NODE_INSTALL";
const exec = promisify(execFile);
const env = { ...workspaceEnvironment(), NODE_OPTIONS: "", npm_config_update_notifier: "false" };
const run = (command, args, cwd, more = {}) =>
  exec(command, args, {
    cwd,
    env: { ...env, ...more },
    timeout: 300_000,
    maxBuffer: 1e8,
    shell: process.platform === "win32",
  });

/** What must not and what must be in a tarball. */
function faultsOfTarball(files, manifest) {
  const faults = ["README.md", "LICENSE", "package.json"]
    .filter((it) => !files.includes(it))
    .map((it) => `lacks ${it}`);
  const stray = files.filter((it) =>
    /^src\/|\.test\.|\.tsbuildinfo$|^test\/|^tsconfig|(^|\/)\.(?!\/)/.test(it),
  );
  faults.push(...stray.map((it) => `carries ${it}`));
  const text = JSON.stringify(manifest);
  for (const word of ["mede2-source", "workspace:"])
    if (text.includes(word)) faults.push(`its package.json says ${word}`);
  const targets = Object.values(manifest.exports).flatMap((it) =>
    typeof it === "string" ? [it] : Object.values(it),
  );
  for (const target of [...targets, ...Object.values(manifest.bin ?? {})])
    if (!files.includes(target.replace("./", "")))
      faults.push(`lacks ${target}, which its package.json names`);
  return faults;
}

/** Packs a package; its tarball, the files in it and its manifest as published. */
async function pack({ dir }, folder) {
  const { stdout } = await run("pnpm", ["pack", "--json", "--pack-destination", folder], dir);
  const tarball = JSON.parse(stdout).filename;
  const list = (await run("tar", ["-tzf", tarball], folder)).stdout.trim().split("\n");
  const manifest = JSON.parse((await run("tar", ["-xzOf", tarball, "package/package.json"], folder)).stdout);
  return { tarball, files: list.map((it) => it.replace("package/", "")), manifest };
}

/** The names of the packages of the workspace that `name` needs, itself first, and whether one needs the native runtime. */
function needs(name, packed, seen = new Set()) {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const next of Object.keys(packed.get(name)?.manifest.dependencies ?? {})) needs(next, packed, seen);
  return seen;
}

/** Installs one package alone and uses it. Throws when something of it does not work. */
async function use({ name, dir }, packed, folder) {
  const needed = needs(name, packed);
  const readme = readFileSync(join(dir, "README.md"), "utf8");
  const example = /^```js\n([\s\S]*?)^```/m.exec(readme)?.[1];
  if (!example) throw new Error("README.md has no ```js example");
  const native = needed.has(RUNTIME);
  if (native && !readme.includes(`${SKIP}=skip npm`))
    throw new Error(
      `README.md does not say how to install without a download of ${RUNTIME}: ${SKIP}=skip npm install ${name}`,
    );
  const project = join(folder, `use-${basename(dir)}`);
  mkdirSync(project);
  const fileOf = (it) => `file:${packed.get(it).tarball}`;
  const siblings = [...needed].filter((it) => it !== name && packed.has(it));
  const manifest = {
    private: true,
    type: "module",
    dependencies: { [name]: fileOf(name) },
    overrides: Object.fromEntries(siblings.map((it) => [it, fileOf(it)])),
  };
  writeFileSync(join(project, "package.json"), JSON.stringify(manifest));
  await run(
    "npm",
    ["install", "--no-audit", "--no-fund", "--prefer-offline"],
    project,
    native ? { [SKIP]: "skip" } : {},
  );
  await typeCheck(packed.get(name).manifest, project);
  writeFileSync(join(project, "example.mjs"), example);
  const { stdout } = await run(process.execPath, ["example.mjs"], project);
  for (const bin of Object.keys(packed.get(name).manifest.bin ?? {}))
    await run(join(project, "node_modules/.bin", bin), ["--help"], project);
  return stdout;
}

/** The published types resolve under `nodenext` in a strict project that does not skip checks of libraries. */
async function typeCheck(manifest, project) {
  const entries = Object.entries(manifest.exports)
    .filter(([, it]) => it.types)
    .map(([subpath]) => manifest.name + subpath.slice(1));
  const lines = entries.map(
    (entry, i) =>
      `import * as entry${i} from "${entry}";\nexport const names${i}: string[] = Object.keys(entry${i});\n`,
  );
  const compilerOptions = {
    module: "nodenext",
    target: "es2023",
    strict: true,
    noEmit: true,
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
  };
  writeFileSync(join(project, "consumer.ts"), lines.join(""));
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["consumer.ts"] }));
  await run("tsc", ["-p", "."], project);
}

const keep = process.argv.includes("--keep");
const chosen = process.argv.slice(2).filter((it) => it !== "--keep");
const packages = packagesOf().filter(({ manifest }) => !manifest.private);
const folder = mkdtempSync(join(tmpdir(), "mede2-packages-"));
const counts = { passed: 0, failed: 0, skipped: 0 };
const check = async (what, work) => {
  const begin = performance.now();
  const fault = await work().then(
    () => null,
    (error) => [error.message, error.stdout, error.stderr].filter(Boolean).join("\n").trim(),
  );
  counts[fault === null ? "passed" : "failed"]++;
  console.log(
    `${fault === null ? "ok  " : "FAIL"} ${what} (${((performance.now() - begin) / 1000).toFixed(1)} s)${fault === null ? "" : `\n     ${fault.replace(/\n/g, "\n     ")}`}`,
  );
};

try {
  const packed = new Map();
  const each = async (list, work) => {
    const queue = [...list];
    const worker = async () => {
      for (let next = queue.shift(); next; next = queue.shift()) await work(next);
    };
    await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
  };
  await each(packages, async (pkg) => packed.set(pkg.name, await pack(pkg, folder)));
  await each(
    packages.filter(({ dir }) => chosen.length === 0 || chosen.includes(basename(dir))),
    async (pkg) => {
      await check(`${pkg.name}: tarball`, async () => {
        const { files, manifest } = packed.get(pkg.name);
        const faults = faultsOfTarball(files, manifest);
        if (faults.length) throw new Error(faults.join("\n"));
      });
      await check(`${pkg.name}: installed alone, types and the README's example`, () =>
        use(pkg, packed, folder),
      );
    },
  );
} finally {
  if (keep) console.log(`kept: ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
}
console.log(closingLine(counts));
process.exitCode = counts.failed ? 1 : 0;
