// Each package stands alone: packs it, installs the tarball in an empty project with npm, type checks an import of it
// and runs the example of its README. Needs a build and the npm registry.
//   node scripts/check-packages.mjs [--keep] [NAME…]      NAME: a folder of packages/
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { closingLine } from "./lib/counts.mjs";
import {
  checker,
  each,
  entriesOf,
  packAll,
  projectWith,
  publishedPackages,
  RUNTIME,
  run,
  SKIP,
} from "./lib/pack.mjs";
import { root } from "./lib/workspace.mjs";

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
  const siblings = [...needed].filter((it) => packed.has(it));
  const manifest = projectWith([name], new Map(siblings.map((it) => [it, packed.get(it)])));
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
  const lines = entriesOf(manifest).map(
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
const packages = publishedPackages();
const folder = mkdtempSync(join(tmpdir(), "mede2-packages-"));
const { check, counts } = checker();

try {
  const packed = await packAll(packages, folder);
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
