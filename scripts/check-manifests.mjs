// Every package.json says the same things in the same way, so that each package can be published alone.
//   node scripts/check-manifests.mjs           report what differs; exit 1 if anything does
//   node scripts/check-manifests.mjs --write   bring manifests, licence copies and project references in line
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { workspaceEnvironment } from "./lib/pnpm.mjs";
import { packagesOf, readJson, root } from "./lib/workspace.mjs";

const licence = readFileSync(join(root, "LICENSE"), "utf8");

/** Conditions that only the workspace knows. A published package leads to its built files alone. */
function published(entry) {
  if (typeof entry !== "object") return entry;
  const kept = Object.entries(entry).filter(([condition]) => condition !== "mede2-source");
  return Object.fromEntries(kept.map(([key, value]) => [key, published(value)]));
}

/** The manifest as it should be, given the manifest as it is, and for `repository` where the root says where that is. */
export function wanted(manifest, repository) {
  return {
    ...manifest,
    license: "Apache-2.0",
    type: "module",
    ...(repository ? { repository } : {}),
    keywords: [...new Set(["medical", "reasoning", "vision-language", ...(manifest.keywords ?? [])])],
    engines: { ...manifest.engines, node: ">=20.19" },
    files: [...new Set(["dist", "!dist/.tsbuildinfo", "README.md", "LICENSE", ...(manifest.files ?? [])])],
    publishConfig: { access: "public", provenance: true, exports: published(manifest.exports) },
  };
}

/** The project references that a package's workspace dependencies ask for. */
function references({ manifest }, folderOf) {
  const names = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
  return names.filter((name) => folderOf.has(name)).map((name) => ({ path: `../${folderOf.get(name)}` }));
}

/** The files that are not as they should be, with the text that they should have. */
export function differences(packages, licenceText, repository) {
  const folderOf = new Map(packages.map(({ name, dir }) => [name, basename(dir)]));
  const text = (value) => `${JSON.stringify(value, null, 2)}\n`;
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  return packages.flatMap((pkg) => {
    const found = [];
    const tsconfigFile = join(pkg.dir, "tsconfig.json");
    const tsconfig = readJson(tsconfigFile);
    const wantedTsconfig = { ...tsconfig, references: references(pkg, folderOf) };
    const licenceFile = join(pkg.dir, "LICENSE");
    const place = repository && { type: "git", url: repository, directory: `packages/${basename(pkg.dir)}` };
    const manifest = wanted(pkg.manifest, place);
    if (!same(pkg.manifest, manifest))
      found.push({ file: join(pkg.dir, "package.json"), text: text(manifest) });
    if (!same([...(tsconfig.references ?? [])].sort(byPath), [...wantedTsconfig.references].sort(byPath)))
      found.push({ file: tsconfigFile, text: text(wantedTsconfig) });
    if (!existsSync(licenceFile) || readFileSync(licenceFile, "utf8") !== licenceText)
      found.push({ file: licenceFile, text: licenceText });
    return found;
  });
}

const byPath = (a, b) => a.path.localeCompare(b.path);

if (process.argv[1] && import.meta.url.endsWith(basename(process.argv[1]))) {
  const packages = packagesOf().filter(({ dir }) => basename(join(dir, "..")) === "packages");
  const { repository } = readJson(join(root, "package.json"));
  const found = differences(packages, licence, repository?.url ?? repository);
  const write = process.argv.includes("--write");
  for (const { file, text } of found) {
    if (write) writeFileSync(file, text);
    console.log(
      `${relative(root, file)}: ${write ? "written" : "not as scripts/check-manifests.mjs wants it (run it with --write)"}`,
    );
  }
  const json = found.map(({ file }) => file).filter((file) => file.endsWith(".json"));
  if (write && json.length)
    execFileSync("biome", ["format", "--write", ...json], {
      cwd: root,
      env: workspaceEnvironment(),
      stdio: "inherit",
    });
  if (!found.length) console.log(`manifests: ${packages.length} packages in line`);
  process.exitCode = found.length && !write ? 1 : 0;
}
