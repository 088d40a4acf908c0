// The next release: turns the changesets into versions and CHANGELOG.md files, one in each package and one of the whole, and brings CITATION.cff in line.
//   node scripts/release-version.mjs            then: pnpm install --lockfile-only, bash .ci/run, commit, tag vVERSION
//   node scripts/release-version.mjs --pending  only writes what waits into the CHANGELOG.md of the whole
//   node scripts/release-version.mjs --notes    prints what the newest version in it changed
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { changelog, newestNotes, pendingChangesets } from "./lib/changelog.mjs";
import { workspaceEnvironment } from "./lib/pnpm.mjs";
import { packagesOf, readJson, root } from "./lib/workspace.mjs";

const write = (file, text) => writeFileSync(join(root, file), text);

/** A version that has no changelog was never released: it is the one to be released, so it is counted up to from nothing. */
function startFromNothing() {
  for (const { dir, manifest } of packagesOf()) {
    const text = readFileSync(join(dir, "package.json"), "utf8");
    writeFileSync(
      join(dir, "package.json"),
      text.replace(`"version": "${manifest.version}"`, '"version": "0.0.0"'),
    );
  }
}

function nextVersion() {
  if (pendingChangesets().length === 0) {
    console.error("there is no changeset: nothing to release");
    process.exit(1);
  }
  if (!packagesOf().some(({ dir }) => existsSync(join(dir, "CHANGELOG.md")))) startFromNothing();
  execFileSync("changeset", ["version"], {
    cwd: root,
    env: workspaceEnvironment(),
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  const { version } = readJson(join(root, "packages/cli/package.json"));
  const citation = readFileSync(join(root, "CITATION.cff"), "utf8");
  const today = new Date().toISOString().slice(0, 10);
  const dated = citation.replace(/^date-released: .*\n/m, "");
  write("CITATION.cff", dated.replace(/^version: .*$/m, `version: ${version}\ndate-released: ${today}`));
  console.log(version);
}

if (process.argv.includes("--notes")) process.stdout.write(newestNotes(changelog({ pending: [] })));
else {
  if (!process.argv.includes("--pending")) nextVersion();
  write("CHANGELOG.md", changelog());
}
