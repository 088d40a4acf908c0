// Builds everything and runs every check that needs no more than Node: `pnpm test`. Installs first when need be.
//   node scripts/test.mjs [--only PART]…
import { mkdirSync, rmSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { add, none, vitestCounts, vitestFailures } from "./lib/counts.mjs";
import { ensureInstalled, workspaceEnvironment } from "./lib/pnpm.mjs";
import { runParts } from "./lib/run-parts.mjs";
import { packagesOf, root } from "./lib/workspace.mjs";

const reports = join(root, ".cache/test-results");
const node = (script) => [process.execPath, join(root, "scripts", script)];

/** The reports of all packages, whether they left one or not. */
function packageReports() {
  const tested = packagesOf().filter(({ manifest }) => manifest.scripts?.test);
  return tested.map(({ dir }) => join(reports, `${basename(dir)}.json`));
}

/** The results in these reports, with the names of what failed printed once more, where it is found. */
function read(files) {
  for (const line of files.flatMap(vitestFailures)) console.log(`not ok: ${relative(root, line)}`);
  return files.map(vitestCounts).reduce(add, none);
}

const parts = [
  { name: "build", command: ["turbo", "run", "build", "--output-logs=errors-only"] },
  { name: "lint", command: ["biome", "ci", "--colors=off", "."] },
  { name: "types", command: ["tsc", "-p", "tsconfig.tests.json"] },
  { name: "layers", command: node("check-layers.mjs") },
  { name: "manifests", command: node("check-manifests.mjs") },
  { name: "api", command: node("check-api.mjs") },
  {
    name: "scripts",
    command: ["vitest", "run"],
    cwd: join(root, "scripts"),
    counts: () => read([join(reports, "scripts.json")]),
  },
  {
    name: "packages",
    command: ["turbo", "run", "test", "--continue", "--concurrency=2", "--output-logs=errors-only"],
    counts: () => read(packageReports()),
  },
];

ensureInstalled();
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
const only = process.argv.slice(2).filter((word) => word !== "--only");
const unknown = only.filter((name) => !parts.some((part) => part.name === name));
if (unknown.length) {
  console.error(`no part ${unknown.join(", ")}; there are ${parts.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}
process.exitCode = await runParts(
  parts.filter(({ name }) => only.length === 0 || only.includes(name)),
  workspaceEnvironment(),
);
