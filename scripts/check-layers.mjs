// The rules of docs/architecture.md about imports and files, as code. Prints one line a breach; exit 1 if there is one.
//   node scripts/check-layers.mjs
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { filesUnder, packagesOf, root } from "./lib/workspace.mjs";

const MAX_LINES = 400;
const COMMENT = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;
const IMPORT =
  /^(?:import|export)(?:\s+[\w$\s{},*]*?\bfrom)?\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*[,)]/gm;

/** What a source file imports, exports from, or imports lazily. */
export const specifiersOf = (code) =>
  [...code.replace(COMMENT, "").matchAll(IMPORT)].map((match) => match[1] ?? match[2]);

/** Breaches of the rules in the workspace at `folder`, one sentence each. */
export function breaches(folder = root) {
  const packages = packagesOf(folder);
  const byName = new Map(packages.map((pkg) => [pkg.name, pkg]));
  const rootDevelopment = existsSync(join(folder, "package.json"))
    ? JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).devDependencies
    : {};
  return packages.flatMap((pkg) =>
    breachesOf(pkg, byName, rootDevelopment ?? {}).map((text) => `${pkg.name}: ${text}`),
  );
}

function breachesOf({ dir, manifest }, byName, rootDevelopment) {
  const found = [];
  const source = join(dir, "src");
  const files = filesUnder(source, (path) => /\.(m?ts|tsx)$/.test(path));
  const graph = new Map();
  if (!Number.isInteger(manifest.layer)) found.push("package.json lacks `layer`");
  for (const file of files) {
    const where = relative(dir, file);
    const code = readFileSync(file, "utf8");
    const isTest = /\.(test|bench)\.tsx?$/.test(file);
    const lines = code.split("\n").length - 1;
    if (lines > MAX_LINES) found.push(`${where} has ${lines} lines (at most ${MAX_LINES}): split it by idea`);
    if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*$/.test(basename(file)))
      found.push(`${where} is not named in kebab-case`);
    if (basename(file) === "index.ts" && /^export (\*(?! as )|default)/m.test(code))
      found.push(`${where} exports by \`*\` or default: name each export`);
    graph.set(file, []);
    for (const specifier of specifiersOf(code)) {
      const problem = specifier.startsWith(".") ? ownFile(file, specifier) : otherPackage(specifier, isTest);
      if (problem) found.push(`${where} ${problem}`);
    }
  }
  for (const cycle of cyclesOf(graph))
    found.push(`import cycle ${cycle.map((file) => relative(source, file)).join(" → ")}`);
  return found;

  function ownFile(file, specifier) {
    const target = resolve(dirname(file), specifier);
    if (relative(dir, target).startsWith("..")) return `imports ${specifier}, outside its package`;
    if (!existsSync(target)) return `imports ${specifier}, which is not a file`;
    if (files.includes(target)) graph.get(file).push(target);
  }

  function otherPackage(specifier, isTest) {
    if (specifier.startsWith("node:")) return;
    const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
    const declared = {
      ...manifest.dependencies,
      ...manifest.peerDependencies,
      ...manifest.optionalDependencies,
      ...(manifest.engines?.vscode ? { vscode: "the editor brings it" } : {}),
    };
    const allowed = isTest
      ? { ...declared, ...manifest.devDependencies, ...rootDevelopment, [manifest.name]: "" }
      : declared;
    if (!(name in allowed)) return `imports ${name}, which its package.json does not declare`;
    const other = byName.get(name);
    if (!other || name === manifest.name) return;
    const subpath = `.${specifier.slice(name.length)}`;
    if (!(subpath in (other.manifest.exports ?? {})))
      return `imports ${specifier}, which ${name} does not export`;
    if (other.manifest.layer >= manifest.layer)
      return `(layer ${manifest.layer}) imports ${name} (layer ${other.manifest.layer}): import strictly lower layers`;
  }
}

/** Import cycles of a graph of files, each once. */
function cyclesOf(graph) {
  const done = new Set();
  const cycles = [];
  const visit = (file, path) => {
    const at = path.indexOf(file);
    if (at >= 0) cycles.push([...path.slice(at), file]);
    if (at >= 0 || done.has(file)) return;
    for (const next of graph.get(file)) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return cycles;
}

if (process.argv[1] && import.meta.url.endsWith(basename(process.argv[1]))) {
  const found = breaches();
  for (const line of found) console.log(line);
  console.log(`layers: ${found.length} breaches in ${packagesOf().length} packages`);
  process.exitCode = found.length ? 1 : 0;
}
