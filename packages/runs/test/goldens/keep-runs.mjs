// Keeps the runs of a demo as a golden folder: what `run-folders/README.md` says is cut and changed.
//   node test/goldens/keep-runs.mjs DEMO/runs NAME
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const [from, name] = process.argv.slice(2);
if (from === undefined || name === undefined) throw new Error("name the folder of the runs, and the version that wrote them");
const to = fileURLToPath(new URL(`run-folders/${name}`, import.meta.url));

const plainHost = (text) => text.replace(/("host": ?)"[^"]*"/g, '$1"host"').replace(/("bootId": ?)"[^"]*"/g, '$1"boot"');

/** Absolute paths of checkpoints, as traces name their model, from the workspace on. */
const plainPaths = (text) => text.replace(/"\/[^"]*\/(runs\/[^"]*)"/g, '"$1"');

/** Paths of a command line are told by their last part. */
function plainManifest(text) {
  const manifest = JSON.parse(plainHost(text));
  const argv = manifest.argv.map((word) => (word.includes("/") ? basename(word) : word));
  return `${JSON.stringify({ ...manifest, argv }, null, 2)}\n`;
}

// One run of each kind is enough.
const kinds = new Set();
for (const run of readdirSync(from).sort()) {
  const manifest = readFileSync(join(from, run, "run.json"), "utf8");
  const kind = `${JSON.parse(manifest).kind} ${JSON.parse(manifest).recipe ?? JSON.parse(manifest).plan.recipe}`;
  if (kinds.has(kind)) continue;
  kinds.add(kind);
  for (const folder of ["control", "traces"]) mkdirSync(join(to, run, folder), { recursive: true });
  writeFileSync(join(to, run, "run.json"), plainManifest(manifest));
  for (const file of ["events.jsonl", "heartbeat"])
    if (existsSync(join(from, run, file)))
      writeFileSync(join(to, run, file), plainHost(readFileSync(join(from, run, file), "utf8")));
  for (const file of readdirSync(join(from, run, "control")))
    cpSync(join(from, run, "control", file), join(to, run, "control", file));
  for (const file of readdirSync(join(from, run, "traces"))) {
    const lines = readFileSync(join(from, run, "traces", file), "utf8").split("\n").slice(0, 3);
    writeFileSync(join(to, run, "traces", file), plainPaths(lines.map((line) => `${line}\n`).join("")));
  }
}
console.log(to);
