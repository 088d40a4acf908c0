// The public interface of each package, as its built declarations state it, stands in packages/X/api.txt. A change of
// it is then a change that a reviewer sees.
//   node scripts/check-api.mjs [--update]     after a build
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { publicApi } from "./lib/declarations.mjs";
import { packagesOf, root } from "./lib/workspace.mjs";

const update = process.argv.includes("--update");
let differing = 0;
for (const { name, dir, manifest } of packagesOf()) {
  const entries = Object.entries(manifest.exports ?? {}).filter(([, target]) => target.types);
  if (entries.length === 0) continue;
  const snapshot = join(dir, "api.txt");
  const where = relative(root, snapshot);
  const missing = entries.map(([, { types }]) => join(dir, types)).find((file) => !existsSync(file));
  if (missing) {
    differing++;
    console.log(`${relative(root, missing)} does not exist: build first (pnpm build)`);
    continue;
  }
  const now = entries
    .map(([subpath, { types }]) => section(name + subpath.slice(1), publicApi(join(dir, types))))
    .join("\n");
  if (update) writeFileSync(snapshot, now);
  const before = existsSync(snapshot) ? readFileSync(snapshot, "utf8") : "";
  if (now === before) continue;
  differing++;
  console.log(`${where} differs from the built interface:`);
  for (const line of difference(before, now)) console.log(`  ${line}`);
}
console.log(
  differing
    ? "api: meant? then run `node scripts/check-api.mjs --update` and add a changeset"
    : "api: as in the snapshots",
);
process.exitCode = differing ? 1 : 0;

function section(title, api) {
  const names = [...api.keys()].sort();
  return `# ${title}\n\n${names.map((name) => `${api.get(name).join("\n")}\n`).join("\n")}`;
}

/** Lines that only one side has, at most 40. */
function difference(before, now) {
  const [old, fresh] = [before, now].map((text) => text.split("\n"));
  const only = (lines, others, sign) =>
    lines.filter((line) => !others.has(line)).map((line) => `${sign} ${line}`);
  const all = [...only(old, new Set(fresh), "-"), ...only(fresh, new Set(old), "+")];
  return all.length > 40 ? [...all.slice(0, 40), `… ${all.length - 40} more lines`] : all;
}
