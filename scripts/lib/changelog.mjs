import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packagesOf, root } from "./workspace.mjs";

/** A changeset file as {packages, bump, text}, or null for files that are none. */
export function parseChangeset(source) {
  const match = /^---\n([\s\S]*?)\n---\n+([\s\S]*)$/.exec(source.replaceAll("\r\n", "\n"));
  if (!match) return null;
  const bumps = [...match[1].matchAll(/^["']?([^"':]+)["']?: *(major|minor|patch) *$/gm)];
  if (bumps.length === 0) return null;
  const order = ["patch", "minor", "major"];
  const bump = bumps.map(([, , it]) => it).sort((a, b) => order.indexOf(b) - order.indexOf(a))[0];
  return { packages: bumps.map(([, name]) => name), bump, text: match[2].trim() };
}

/** The changesets that wait for the next release, by name. */
export function pendingChangesets(folder = join(root, ".changeset")) {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".md") && name !== "README.md")
    .sort()
    .map((name) => parseChangeset(readFileSync(join(folder, name), "utf8")))
    .filter((it) => it !== null);
}

/** The released versions of a CHANGELOG.md of one package, as changesets writes it: [{version, entries: [{bump, text}]}], newest first. */
export function parseChangelog(source) {
  return source
    .split(/^## /m)
    .slice(1)
    .map((part) => {
      const [version, ...lines] = part.split("\n");
      const entries = [];
      let bump = "patch";
      for (const block of lines.join("\n").split(/^(?=### |- )/m)) {
        const heading = /^### (Major|Minor|Patch) Changes/.exec(block);
        if (heading) bump = heading[1].toLowerCase();
        else if (/^- Updated dependencies/.test(block)) continue;
        else if (block.startsWith("- "))
          entries.push({
            bump,
            text: block
              .slice(2)
              .replace(/^(?:[0-9a-f]{7,}: )/, "")
              .replace(/^ {2}/gm, "")
              .trim(),
          });
      }
      return { version: version.trim(), entries };
    });
}

const short = (name) => name.replace("@mede2/", "");

/** One version as Markdown: each change once, with the packages that it belongs to. */
function section(title, changes) {
  const lines = changes.map(({ text, packages }) => {
    const [first, ...rest] = text.split("\n");
    const names = packages.length > 12 ? "all packages" : packages.map(short).sort().join(", ");
    return `- ${[first, ...rest.map((line) => (line === "" ? "" : `  ${line}`))].join("\n")} *(${names})*`;
  });
  return `## ${title}\n\n${lines.join("\n")}\n`;
}

/** The changelog of the whole: what waits for the next release, then the released versions, from the packages' own changelogs. */
export function changelog({ pending = pendingChangesets(), packages = packagesOf() } = {}) {
  const released = new Map();
  for (const { name, dir } of packages) {
    const file = join(dir, "CHANGELOG.md");
    if (!existsSync(file)) continue;
    for (const { version, entries } of parseChangelog(readFileSync(file, "utf8"))) {
      const changes = released.get(version) ?? new Map();
      for (const { text } of entries) changes.set(text, [...(changes.get(text) ?? []), name]);
      released.set(version, changes);
    }
  }
  const byVersion = [...released].sort(([a], [b]) => newest(a, b));
  return [
    "# Changelog\n\nWhat a user of the packages, the command or the VS Code extension can notice. All packages share one version. How records and plans of older versions are read: [upgrading](docs/upgrading.md).\n",
    ...(pending.length ? [section("Not released yet", pending)] : []),
    ...byVersion.map(([version, changes]) =>
      section(
        version,
        [...changes].map(([text, names]) => ({ text, packages: names })),
      ),
    ),
  ].join("\n");
}

/** What the newest version of a changelog changed. */
export const newestNotes = (text) => text.split(/^## .*\n+/m)[1] ?? "";

function newest(a, b) {
  const [x, y] = [a, b].map((it) => it.split(/[.-]/).map(Number));
  for (let at = 0; at < 3; at++) if (x[at] !== y[at]) return y[at] - x[at];
  return 0;
}
