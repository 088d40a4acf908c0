import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The root folder of this repository. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

export const readJson = (file) => JSON.parse(readFileSync(file, "utf8"));

/** Every package of the workspace under `folder`: its name, folder and manifest, lowest layer first. */
export function packagesOf(folder = root) {
  return ["packages", "extensions"]
    .filter((group) => existsSync(join(folder, group)))
    .flatMap((group) => readdirSync(join(folder, group)).map((name) => resolve(folder, group, name)))
    .filter((dir) => existsSync(join(dir, "package.json")))
    .map((dir) => ({ dir, manifest: readJson(join(dir, "package.json")) }))
    .map(({ dir, manifest }) => ({ name: manifest.name, dir, manifest }))
    .sort((a, b) => a.manifest.layer - b.manifest.layer || a.name.localeCompare(b.name));
}

/** The files under `dir` that `keep` wants, sorted; never those of node_modules or dist. */
export function filesUnder(dir, keep) {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true })
    .sort((a, b) => a.name.localeCompare(b.name))
    .flatMap((entry) => {
      const path = join(dir, entry.name);
      if (entry.isDirectory())
        return ["node_modules", "dist"].includes(entry.name) ? [] : filesUnder(path, keep);
      return keep(path) ? [path] : [];
    });
}
