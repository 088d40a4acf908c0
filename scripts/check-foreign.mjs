// Each package on foreign ground: all tarballs installed in one empty project, then every entry is imported as ESM, required from CommonJS, bundled by esbuild
// and by Vite and run, type checked under two module resolutions and two versions of TypeScript, and looked at by publint and arethetypeswrong.
// Needs a build and the npm registry.
//   node scripts/check-foreign.mjs [--keep] [NAME…]      NAME: a folder of packages/
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { closingLine } from "./lib/counts.mjs";
import { checker, each, entriesOf, packAll, projectWith, publishedPackages, run, SKIP } from "./lib/pack.mjs";

/** What is used on them. Exact, and no part of the workspace. */
const tools = {
  "@arethetypeswrong/cli": "0.18.5",
  "@types/node": "20.19.21",
  esbuild: "0.28.2",
  publint: "0.3.25",
  typescript: "7.0.2",
  "typescript-5": "npm:typescript@5.9.3",
  vite: "8.3.8",
};
/** Native code cannot be bundled; a bundle leaves these where they are. */
const native = ["onnxruntime-node", "sharp"];
/** A module that awaits at its top cannot be required; Node says so with ERR_REQUIRE_ASYNC_MODULE. Yoga, which Ink lays out with, is one. */
const asynchronous = new Set(["@mede2/tui"]);
/** Packages that need nothing of Node and can be bundled for a browser. */
const browsers = new Set(["@mede2/stats"]);

const keep = process.argv.includes("--keep");
const chosen = process.argv.slice(2).filter((it) => it !== "--keep");
const packages = publishedPackages();
const wanted = packages.filter(({ dir }) => chosen.length === 0 || chosen.includes(basename(dir)));
const folder = mkdtempSync(join(tmpdir(), "mede2-foreign-"));
const project = join(folder, "project");
const bin = (name) => join(project, "node_modules/.bin", name);
const { check, counts } = checker();
const file = (name, content) => {
  writeFileSync(join(project, name), typeof content === "string" ? content : JSON.stringify(content));
  return name;
};
const names =
  "(it) => Object.keys(it).filter((name) => name !== 'default' && name !== 'module.exports' && name !== '__esModule').sort().join()";
const lastLine = ({ stdout }) => stdout.trim().split("\n").at(-1);

function same(what, got, want) {
  if (got !== want) throw new Error(`${what} gives ${got}, an import gives ${want}`);
}

async function asEsm(entry, tag) {
  const source = `import * as it from "${entry}"; console.log((${names})(it));`;
  return lastLine(await run(process.execPath, [file(`${tag}.mjs`, source)], project));
}

async function asCommonJs(entry, tag, want, synchronous) {
  const source = `const it = require("${entry}"); console.log((${names})(it));`;
  const asked = run(process.execPath, [file(`${tag}.cjs`, source)], project);
  if (synchronous) return same("require", lastLine(await asked), want);
  const said = await asked.then(
    () => "nothing",
    (error) => error.stderr,
  );
  if (!said.includes("ERR_REQUIRE_ASYNC_MODULE")) throw new Error(`a stated error was expected, not ${said}`);
}

async function byEsbuild(entry, tag, want, format) {
  const source = file(`${tag}.bundle.mjs`, `import * as it from "${entry}"; console.log((${names})(it));`);
  const out = `${tag}.esbuild.${format === "esm" ? "mjs" : "cjs"}`;
  const options = [
    "--bundle",
    "--platform=node",
    "--target=node20",
    `--format=${format}`,
    `--outfile=${out}`,
    "--log-level=error",
  ];
  const externals = native.map((it) => `--external:${it}`);
  // Packages of npm that are CommonJS call `require`, which a module has to make for itself.
  const banner =
    format === "esm"
      ? [
          "--banner:js=import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
        ]
      : [];
  await run(bin("esbuild"), [source, ...options, ...externals, ...banner], project);
  same(`esbuild (${format})`, lastLine(await run(process.execPath, [out], project)), want);
}

async function byVite(entry, tag, want) {
  const source = file(`${tag}.vite.mjs`, `import * as it from "${entry}"; console.log((${names})(it));`);
  const config = {
    logLevel: "error",
    build: {
      ssr: source,
      outDir: `${tag}-vite`,
      minify: false,
      rollupOptions: { output: { entryFileNames: "out.mjs" } },
    },
    ssr: { noExternal: true, external: native },
  };
  file(`${tag}.vite.config.mjs`, `export default ${JSON.stringify(config)};`);
  await run(bin("vite"), ["build", "--config", `${tag}.vite.config.mjs`], project);
  same("Vite", lastLine(await run(process.execPath, [join(`${tag}-vite`, "out.mjs")], project)), want);
}

async function forBrowser(entry, tag, possible) {
  const source = file(`${tag}.browser.mjs`, `import * as it from "${entry}"; console.log(it);`);
  const options = [
    "--bundle",
    "--platform=browser",
    "--format=esm",
    `--outfile=${tag}.browser.out.js`,
    "--log-level=error",
  ];
  const made = await run(bin("esbuild"), [source, ...options], project).then(
    () => true,
    () => false,
  );
  if (made !== possible) throw new Error(made ? "it can be bundled for a browser now: say so" : "it cannot");
}

async function types(entries, tag) {
  const lines = entries.map(
    (entry, i) =>
      `import * as entry${i} from "${entry}";\nexport const names${i}: string[] = Object.keys(entry${i});\n`,
  );
  const base = {
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    types: ["node"],
    target: "es2023",
    lib: ["es2023", "dom"],
  };
  const settings = {
    nodenext: { files: [`${tag}.mts`, `${tag}.cts`], compilerOptions: { ...base, module: "nodenext" } },
    bundler: {
      files: [`${tag}.mts`],
      compilerOptions: { ...base, module: "esnext", moduleResolution: "bundler" },
    },
  };
  for (const ending of ["mts", "cts"]) file(`${tag}.${ending}`, lines.join(""));
  const compilers = { 7: ["typescript", "bin/tsc"], 5.9: ["typescript-5", "bin/tsc"] };
  for (const [resolution, config] of Object.entries(settings))
    for (const [version, [at, script]] of Object.entries(compilers)) {
      const config_ = file(`${tag}.${resolution}.tsconfig.json`, config);
      await run(process.execPath, [join("node_modules", at, script), "-p", config_], project).catch(
        (error) => {
          throw new Error(`TypeScript ${version}, ${resolution}: ${error.stdout}`);
        },
      );
    }
}

async function lint({ tarball }) {
  const script = file(
    "publint.mjs",
    `import { readFileSync } from "node:fs"; import { publint } from "publint"; import { formatMessage } from "publint/utils";
     const tarball = readFileSync(process.argv[2]); const data = tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.byteLength);
     const { messages, pkg } = await publint({ pack: { tarball: data }, strict: true });
     console.log(JSON.stringify(messages.map((it) => it.type + ": " + formatMessage(it, pkg))));`,
  );
  const messages = JSON.parse(lastLine(await run(process.execPath, [script, tarball], project)));
  const faults = messages.filter((it) => !it.startsWith("suggestion"));
  if (faults.length) throw new Error(faults.join("\n"));
}

/** The packages are ESM: what a CommonJS consumer without `require(esm)`, or the resolution of Node 10, would see is no fault. */
const typesRight = ({ tarball }) =>
  run(bin("attw"), [tarball, "--profile", "esm-only", "--no-emoji", "--format", "table-flipped"], project);

try {
  mkdirSync(project);
  const packed = await packAll(packages, folder);
  await check("all tarballs in one empty project", () => {
    const manifest = projectWith(
      packages.map(({ name }) => name),
      packed,
      { devDependencies: tools },
    );
    file("package.json", manifest);
    const quiet = ["--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts"];
    return run("npm", ["install", ...quiet], project, { [SKIP]: "skip" });
  });
  await each(wanted, async ({ name }) => {
    const { manifest } = packed.get(name);
    const entries = entriesOf(manifest);
    const synchronous = !asynchronous.has(name);
    for (const [at, entry] of entries.entries()) {
      const tag = `${basename(name)}-${at}`;
      let want;
      await check(`${entry}: import`, async () => {
        want = await asEsm(entry, tag);
        if (!want) throw new Error("it exports nothing");
      });
      if (want === undefined) continue;
      await check(`${entry}: require${synchronous ? "" : " ends with ERR_REQUIRE_ASYNC_MODULE"}`, () =>
        asCommonJs(entry, tag, want, synchronous),
      );
      await check(`${entry}: esbuild, ESM`, () => byEsbuild(entry, tag, want, "esm"));
      if (synchronous) await check(`${entry}: esbuild, CommonJS`, () => byEsbuild(entry, tag, want, "cjs"));
      await check(`${entry}: Vite`, () => byVite(entry, tag, want));
      const possible = browsers.has(name);
      await check(`${entry}: ${possible ? "can" : "cannot"} be bundled for a browser`, () =>
        forBrowser(entry, tag, possible),
      );
    }
    await check(`${name}: types under nodenext and bundler, TypeScript 5.9 and 7`, () =>
      types(entries, basename(name)),
    );
    await check(`${name}: publint`, () => lint(packed.get(name)));
    await check(`${name}: arethetypeswrong`, () => typesRight(packed.get(name)));
  });
} finally {
  if (keep) console.log(`kept: ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
}
console.log(closingLine(counts));
process.exitCode = counts.failed ? 1 : 0;
