// Makes everything that a release publishes, and publishes nothing by itself: tarballs of all packages, each handed to `npm publish --dry-run`; the VS Code extension;
// a list of all that is installed with them (SBOM, CycloneDX) with its licences checked; and the sha256 of each file. Needs a build and the npm registry.
//   node scripts/release.mjs [--out DIR]       default: .cache/release
//   node scripts/release.mjs --publish         publishes the tarballs to npm, with provenance; only in the release workflow, from a tag
import { createHash } from "node:crypto";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { closingLine } from "./lib/counts.mjs";
import { checker, packAll, projectWith, publishedPackages, run, SKIP } from "./lib/pack.mjs";
import { faultsOfLicences, plainSbom } from "./lib/sbom.mjs";
import { packagesOf, root } from "./lib/workspace.mjs";

const at = process.argv.indexOf("--out");
const out = at > 0 ? resolve(process.argv[at + 1]) : join(root, ".cache/release");
const publish = process.argv.includes("--publish");
const { check, counts } = checker();
const packages = publishedPackages();
const extension = packagesOf().find(({ name }) => name === "mede2-vscode");
const version = packages[0].manifest.version;

/** npm signs where and from what a package was built only when its manifest says where that is. */
function readyToPublish() {
  const { GITHUB_REF, GITHUB_ACTIONS } = process.env;
  if (GITHUB_ACTIONS !== "true" || GITHUB_REF !== `refs/tags/v${version}`)
    throw new Error(`publish from the release workflow, at the tag v${version}`);
  const without = packages.filter(({ manifest }) => !manifest.repository);
  if (without.length)
    throw new Error(
      "set `repository` in the root package.json and run node scripts/check-manifests.mjs --write",
    );
}

async function isPublished(name) {
  const { stdout } = await run("npm", ["view", `${name}@${version}`, "version"], out).catch(() => ({
    stdout: "",
  }));
  return stdout.trim() === version;
}

async function publishAll(packed) {
  for (const { name } of packages) {
    if (await isPublished(name)) console.log(`${name}@${version} is there already`);
    else
      await check(`${name}: published`, () =>
        run("npm", ["publish", packed.get(name).tarball, "--provenance", "--access", "public"], out),
      );
    if (counts.failed) return; // what depends on it must not come out before it
  }
}

async function listContents(packed) {
  const project = mkdtempSync(join(tmpdir(), "mede2-sbom-"));
  try {
    const all = packages.map(({ name }) => name);
    const manifest = projectWith(all, packed, { name: "mede2", version, license: "Apache-2.0" });
    writeFileSync(join(project, "package.json"), JSON.stringify(manifest));
    const quiet = ["--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts"];
    await run("npm", ["install", ...quiet], project, { [SKIP]: "skip" });
    const { stdout } = await run(
      "npm",
      ["sbom", "--sbom-format", "cyclonedx", "--sbom-type", "application", "--omit", "dev"],
      project,
    );
    const sbom = plainSbom(JSON.parse(stdout));
    writeFileSync(join(out, "mede2.cdx.json"), `${JSON.stringify(sbom, null, 2)}\n`);
    const lacks = all.filter((name) => !sbom.components.some((it) => it.purl?.startsWith(purl(name))));
    const faults = [...lacks.map((name) => `${name} is missing`), ...faultsOfLicences(sbom)];
    if (faults.length) throw new Error(faults.join("\n"));
    console.log(`     ${sbom.components.length} components, ${all.length} of them ours`);
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}

const purl = (name) => `pkg:npm/${name.replace("@", "%40")}@`;

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, "npm"), { recursive: true });
await check(`all packages and the extension have version ${version}`, () => {
  const other = packagesOf().filter(({ manifest }) => manifest.version !== version);
  if (other.length)
    throw new Error(other.map(({ name, manifest }) => `${name} has ${manifest.version}`).join("\n"));
});
const packed = await packAll(packages, join(out, "npm"));
if (publish) {
  await check("ready to publish", readyToPublish);
  if (!counts.failed) await publishAll(packed);
} else {
  for (const { name } of packages)
    await check(`${name}: npm publish --dry-run`, () =>
      run("npm", ["publish", packed.get(name).tarball, "--dry-run", "--access", "public"], out),
    );
  await check("the VS Code extension", async () => {
    await run("pnpm", ["run", "package"], extension.dir);
    const made = readdirSync(join(extension.dir, "dist")).filter((name) => name.endsWith(`-${version}.vsix`));
    if (made.length !== 1)
      throw new Error(`expected one .vsix of ${version}, found ${made.join(", ") || "none"}`);
    copyFileSync(join(extension.dir, "dist", made[0]), join(out, made[0]));
  });
  await check("SBOM and licences", () => listContents(packed));
  const files = [
    ...readdirSync(join(out, "npm")).map((name) => join("npm", name)),
    ...readdirSync(out).filter((name) => /\.(?:vsix|json)$/.test(name)),
  ];
  const lines = files.map(
    (name) =>
      `${createHash("sha256")
        .update(readFileSync(join(out, name)))
        .digest("hex")}  ${name.replaceAll("\\", "/")}\n`,
  );
  writeFileSync(join(out, "SHA256SUMS"), lines.join(""));
  console.log(
    `${files.length} files and SHA256SUMS in ${basename(out) === "release" ? ".cache/release" : out}`,
  );
}
console.log(closingLine(counts));
process.exitCode = counts.failed ? 1 : 0;
