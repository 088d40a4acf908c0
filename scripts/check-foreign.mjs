// Each package on foreign ground: all tarballs installed in one empty project, then every entry is imported as ESM, required from CommonJS, bundled by esbuild
// and by Vite and run, bundled for a browser, type checked under two module resolutions and two versions of TypeScript, and looked at by publint and
// arethetypeswrong. Needs a build and the npm registry.
//   node scripts/check-foreign.mjs [--keep] [--project DIR]      --project: a project that an earlier run kept
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { closingLine } from "./lib/counts.mjs";
import { checker, each, entriesOf, packAll, projectWith, publishedPackages, run, SKIP } from "./lib/pack.mjs";

/** What is used on them. Exact, and no part of the workspace. */
const tools = {
  "@arethetypeswrong/core": "0.18.5",
  "@types/node": "20.19.21",
  esbuild: "0.28.2",
  publint: "0.3.25",
  typescript: "7.0.2",
  "typescript-5": "npm:typescript@5.9.3",
  vite: "8.3.8",
};
/** What a bundle leaves where it is: native code, and Ink, which looks for a debugger that is not installed and awaits at its top. */
const outside = ["onnxruntime-node", "sharp", "ink"];
/** Packages that need nothing of Node and can be bundled for a browser. */
const browsers = new Set(["@mede2/stats", "@mede2/onnx"]);

const { check, counts } = checker();
const given = process.argv.indexOf("--project");
const folder = given > 0 ? dirname(process.argv[given + 1]) : mkdtempSync(join(tmpdir(), "mede2-foreign-"));
const project = join(folder, "project");
const bin = (name) => join("node_modules", name);
const node = (...args) => run(process.execPath, args, project);
const file = (name, content) => {
  writeFileSync(join(project, name), typeof content === "string" ? content : JSON.stringify(content));
  return name;
};
const lastLine = ({ stdout }) => stdout.trim().split("\n").at(-1);

const packages = publishedPackages();
const entries = packages.flatMap(({ name, manifest }) =>
  entriesOf(manifest).map((entry) => ({ entry, name, tag: entry.replace(/\W+/g, "_").replace(/^_/, "") })),
);

/** What every entry exports, by its name, as one line of JSON. */
const report = (pairs) => `
const plain = (it) => Object.keys(it).filter((name) => !["default", "module.exports", "__esModule"].includes(name)).sort().join();
console.log(JSON.stringify({ ${pairs.map(([entry, it]) => `${JSON.stringify(entry)}: plain(${it})`).join(", ")} }));`;
const imports = (list, from) =>
  list.map(({ tag, ...it }) => `import * as ${tag} from "${from({ tag, ...it })}";`).join("\n");
const ids = (list) => list.map(({ entry, tag }) => [entry, tag]);

let wanted = {};
/** Throws when what a way in gives is not what an import gives. */
function same(text, list) {
  const got = JSON.parse(text);
  const other = list.filter(({ entry }) => got[entry] !== wanted[entry]);
  if (other.length)
    throw new Error(
      other.map(({ entry }) => `${entry} gives ${got[entry]}, an import ${wanted[entry]}`).join("\n"),
    );
}

async function asEsm() {
  wanted = JSON.parse(
    lastLine(await node(file("all.mjs", imports(entries, ({ entry }) => entry) + report(ids(entries))))),
  );
  const empty = entries.filter(({ entry }) => !wanted[entry]);
  if (empty.length) throw new Error(`${empty.map(({ entry }) => entry).join(", ")} export nothing`);
}

async function asCommonJs() {
  const lines = entries.map(({ entry, tag }) => `const ${tag} = require("${entry}");`).join("\n");
  same(lastLine(await node(file("all.cjs", lines + report(ids(entries))))), entries);
}

/** Each entry a bundle of its own; then all of them are run. */
async function byEsbuild(format) {
  const list = entries;
  for (const { entry, tag } of list) file(`in_${tag}.mjs`, `export * from "${entry}";`);
  const ending = format === "esm" ? ".mjs" : ".cjs";
  const options = [
    "--bundle",
    "--platform=node",
    "--target=node20",
    `--format=${format}`,
    `--outdir=esbuild-${format}`,
  ];
  const more = [
    `--out-extension:.js=${ending}`,
    "--log-level=error",
    ...outside.map((it) => `--external:${it}`),
  ];
  // Packages of npm that are CommonJS call `require`, which a module has to make for itself; and a CommonJS file has to be told where it is.
  const esm =
    "import { createRequire as forBundle } from 'node:module'; const require = forBundle(import.meta.url);";
  const cjs = "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;";
  more.push(`--banner:js=${format === "esm" ? esm : cjs}`);
  if (format === "cjs") more.push("--define:import.meta.url=importMetaUrl");
  await node(bin("esbuild/bin/esbuild"), ...list.map(({ tag }) => `in_${tag}.mjs`), ...options, ...more);
  const at = ({ tag }) => `./esbuild-${format}/in_${tag}${ending}`;
  if (format === "esm")
    same(lastLine(await node(file("ran.mjs", imports(list, at) + report(ids(list))))), list);
  else {
    const lines = list.map((it) => `const ${it.tag} = require("${at(it)}");`).join("\n");
    same(lastLine(await node(file("ran.cjs", lines + report(ids(list))))), list);
  }
}

async function byVite() {
  const input = Object.fromEntries(entries.map(({ tag }) => [tag, `in_${tag}.mjs`]));
  const config = {
    logLevel: "error",
    build: {
      ssr: true,
      outDir: "by-vite",
      minify: false,
      rollupOptions: { input, output: { entryFileNames: "[name].mjs" }, preserveEntrySignatures: "strict" },
    },
    ssr: { noExternal: true, external: outside },
  };
  await node(
    bin("vite/bin/vite.js"),
    "build",
    "--config",
    file("vite.config.mjs", `export default ${JSON.stringify(config)};`),
  );
  same(
    lastLine(
      await node(
        file("by-vite.mjs", imports(entries, ({ tag }) => `./by-vite/${tag}.mjs`) + report(ids(entries))),
      ),
    ),
    entries,
  );
}

async function forBrowser() {
  const made = [];
  await each(entries, async ({ entry, name, tag }) => {
    const options = [
      "--bundle",
      "--platform=browser",
      "--format=esm",
      "--log-level=error",
      "--outdir=browser",
    ];
    const done = await node(bin("esbuild/bin/esbuild"), `in_${tag}.mjs`, ...options).then(
      () => true,
      () => false,
    );
    if (done !== browsers.has(name)) made.push(`${entry}: ${done ? "can now, say so" : "cannot any more"}`);
  });
  if (made.length) throw new Error(made.join("\n"));
}

async function types(version, compiler, resolution) {
  const lines = `${imports(entries, ({ entry }) => entry)}\nexport const names: string[] = [${entries.map(({ tag }) => `...Object.keys(${tag})`).join(", ")}];\n`;
  const base = {
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    types: ["node"],
    target: "es2023",
    lib: ["es2023"],
  };
  const settings = {
    nodenext: {
      files: [file("all.mts", lines), file("all.cts", lines)],
      compilerOptions: { ...base, module: "nodenext" },
    },
    bundler: {
      files: ["all.mts"],
      compilerOptions: { ...base, module: "esnext", moduleResolution: "bundler" },
    },
  };
  await node(
    join("node_modules", compiler, "bin/tsc"),
    "-p",
    file(`${resolution}-${version}.json`, settings[resolution]),
  );
}

/** Both linters, one process for all tarballs. The packages are ESM: what the resolution of Node 10 or a CommonJS consumer without `require(esm)` would see is no fault. */
async function linted(tarballs) {
  const script = file(
    "lint.mjs",
    `import { readFileSync } from "node:fs";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
const faults = [];
for (const path of process.argv.slice(2)) {
  const bytes = new Uint8Array(readFileSync(path));
  const { messages, pkg } = await publint({ pack: { tarball: bytes.buffer }, strict: true });
  for (const it of messages) if (it.type !== "suggestion") faults.push(pkg.name + ": publint: " + formatMessage(it, pkg, { color: false }));
  const { problems } = await checkPackage(createPackageFromTarballData(bytes));
  for (const it of problems ?? [])
    if (it.kind !== "CJSResolvesToESM" && it.resolutionKind !== "node10") faults.push(pkg.name + ": types: " + JSON.stringify(it));
}
console.log(JSON.stringify(faults));`,
  );
  const faults = JSON.parse(lastLine(await node(script, ...tarballs)));
  if (faults.length) throw new Error(faults.join("\n"));
}

async function install() {
  const packed = await packAll(packages, folder);
  mkdirSync(project);
  const names = packages.map(({ name }) => name);
  file("package.json", projectWith(names, packed, { devDependencies: tools }));
  const quiet = ["--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts"];
  await run("npm", ["install", ...quiet], project, { [SKIP]: "skip" });
}

try {
  if (given < 0) await check(`${packages.length} tarballs in one empty project`, install);
  await check(`${entries.length} entries: import`, asEsm);
  await check(`${entries.length} entries: require`, asCommonJs);
  await check("esbuild, ES modules, run", () => byEsbuild("esm"));
  await check("esbuild, CommonJS, run", () => byEsbuild("cjs"));
  await check("Vite, run", byVite);
  await check(`a browser: ${[...browsers].join(", ")} and no other`, forBrowser);
  for (const resolution of ["nodenext", "bundler"]) {
    await check(`TypeScript 7, ${resolution}, libraries checked`, () => types(7, "typescript", resolution));
    await check(`TypeScript 5.9, ${resolution}, libraries checked`, () =>
      types(5, "typescript-5", resolution),
    );
  }
  const tarballs = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  await check("publint and arethetypeswrong", () => linted(tarballs.map((name) => join(folder, name))));
} finally {
  if (process.argv.includes("--keep") || given > 0) console.log(`kept: ${project}`);
  else rmSync(folder, { recursive: true, force: true });
}
console.log(closingLine(counts));
process.exitCode = counts.failed ? 1 : 0;
