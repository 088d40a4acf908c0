// Bundles the extension (one CommonJS file) and its webviews (one script and one style sheet each), and writes the JSON schema of plans.
//   node scripts/bundle.mjs [--watch]
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, context } from "esbuild";

const folder = fileURLToPath(new URL("..", import.meta.url));
const dist = join(folder, "dist");
const common = {
  absWorkingDir: folder,
  bundle: true,
  minify: true,
  conditions: ["mede2-source"],
  logLevel: "warning",
  legalComments: "none",
};

/** Zod's messages in fifty languages are a third of the bundle; ours are in English. */
const englishOnly = {
  name: "english-only",
  setup({ onLoad }) {
    onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
      loader: "js",
    }));
  },
};

const builds = [
  {
    ...common,
    entryPoints: { extension: "src/host/extension.ts" },
    outdir: "dist",
    outExtension: { ".js": ".cjs" },
    platform: "node",
    format: "cjs",
    target: "node20",
    external: ["vscode"],
    plugins: [englishOnly],
  },
  {
    ...common,
    entryPoints: ["traces", "review", "run", "comparison"].map((name) => `src/webview/${name}.tsx`),
    outdir: "dist/webview",
    platform: "browser",
    format: "iife",
    target: "chrome128",
    jsx: "automatic",
    jsxImportSource: "preact",
    plugins: [englishOnly],
  },
];

/** The schema of plans for completion and validation, from the records themselves. */
async function planSchema() {
  const file = join(dist, ".schemas.mjs");
  await build({
    ...common,
    stdin: { contents: 'export { jsonSchemas } from "@mede2/schemas";', resolveDir: folder },
    platform: "node",
    format: "esm",
    outfile: file,
  });
  const { jsonSchemas } = await import(`${pathToFileURL(file).href}?${Date.now()}`);
  rmSync(file);
  const schema = {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Plan of MedE²",
    ...jsonSchemas().plan,
  };
  writeFileSync(join(dist, "plan.schema.json"), `${JSON.stringify(schema)}\n`);
}

mkdirSync(dist, { recursive: true });
if (process.argv.includes("--watch")) {
  await planSchema();
  for (const each of builds) await (await context(each)).watch();
} else {
  await Promise.all(builds.map((each) => build(each)));
  await planSchema();
}
