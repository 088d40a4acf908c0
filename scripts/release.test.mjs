import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import {
  changelog,
  newestNotes,
  parseChangelog,
  parseChangeset,
  pendingChangesets,
} from "./lib/changelog.mjs";
import { commandPage, commandsIn, helpOfAll } from "./lib/command-page.mjs";
import { faultsOfLicences, isAllowed, plainSbom } from "./lib/sbom.mjs";
import { packagesOf } from "./lib/workspace.mjs";

const folder = mkdtempSync(join(tmpdir(), "mede2-release-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("every changeset of this repository can be read and names packages that there are", () => {
  const names = new Set(packagesOf().map(({ name }) => name));
  for (const { packages, text } of pendingChangesets()) {
    expect(text).not.toBe("");
    for (const name of packages) expect(names).toContain(name);
  }
});

test("a changeset has its packages, its largest bump and its text", () => {
  const source = '---\n"@mede2/nn": patch\n"@mede2/cli": minor\n---\n\nWhat changed.\nAnd why.\n';
  const parsed = { packages: ["@mede2/nn", "@mede2/cli"], bump: "minor", text: "What changed.\nAnd why." };
  expect(parseChangeset(source)).toEqual(parsed);
  expect(parseChangeset(source.replaceAll("\n", "\r\n"))).toEqual(parsed);
  expect(parseChangeset("# Changesets\n")).toBeNull();
});

test("the changelog of the whole has each change once, newest version first, and what waits before it", () => {
  const log = (name, body) => {
    const dir = join(folder, name);
    return { name: `@mede2/${name}`, dir, body };
  };
  const a = log(
    "a",
    "# @mede2/a\n\n## 0.10.0\n\n### Minor Changes\n\n- New.\n  More of it.\n\n### Patch Changes\n\n- Updated dependencies\n  - @mede2/b@0.10.0\n\n## 0.9.0\n\n### Patch Changes\n\n- abc1234: Mended.\n",
  );
  const b = log("b", "# @mede2/b\n\n## 0.10.0\n\n### Minor Changes\n\n- New.\n  More of it.\n");
  for (const { dir, body } of [a, b]) {
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, "CHANGELOG.md"), body);
  }
  const text = changelog({
    packages: [a, b],
    pending: [{ packages: ["@mede2/a"], bump: "minor", text: "Waits." }],
  });
  expect(text.slice(text.indexOf("## "))).toBe(
    "## Not released yet\n\n- Waits. *(a)*\n\n## 0.10.0\n\n- New.\n  More of it. *(a, b)*\n\n## 0.9.0\n\n- Mended. *(a)*\n",
  );
  expect(newestNotes(changelog({ packages: [a, b], pending: [] }))).toBe(
    "- New.\n  More of it. *(a, b)*\n\n",
  );
  expect(parseChangelog(a.body)[1]).toEqual({
    version: "0.9.0",
    entries: [{ bump: "patch", text: "Mended." }],
  });
});

test("licences", () => {
  expect(["MIT", "(MIT OR GPL-3.0)", "Apache-2.0 AND LGPL-3.0-or-later"].map(isAllowed)).toEqual([
    true,
    true,
    true,
  ]);
  expect(["GPL-3.0", "MIT AND GPL-3.0", "SEE LICENSE IN x"].map(isAllowed)).toEqual([false, false, false]);
  const component = (name, licenses) => ({ group: "", name, version: "1", licenses, "bom-ref": name });
  const sbom = {
    components: [
      component("a", [{ license: { id: "MIT" } }]),
      component("b", [{ expression: "GPL-3.0-only" }]),
      component("c", undefined),
    ],
  };
  expect(faultsOfLicences(sbom)).toEqual(["b@1 has the licence GPL-3.0-only", "c@1 states no licence"]);
});

test("an SBOM is the same whenever and wherever it is made", () => {
  const made = (serialNumber, timestamp, url) => ({
    bomFormat: "CycloneDX",
    serialNumber,
    metadata: { timestamp, component: { name: "mede2" } },
    components: [
      { "bom-ref": "b@1", externalReferences: [{ type: "distribution", url }] },
      { "bom-ref": "a@1", externalReferences: [{ type: "distribution", url: "https://registry/a.tgz" }] },
    ],
  });
  const one = plainSbom(made("urn:1", "2026-01-01", "file:../x/b.tgz"));
  expect(plainSbom(made("urn:2", "2026-01-02", "file:/y/b.tgz"))).toEqual(one);
  expect(one.components.map((it) => it["bom-ref"])).toEqual(["a@1", "b@1"]);
  expect(one.components[0].externalReferences).toHaveLength(1);
});

test("the page of commands has the help of every command, groups without arguments left out", () => {
  const helps = {
    "": "Usage: mede2\n\nCommands:\n  data        d\n  train [x]   t\n  help [c]    h\n\nmore",
    data: "Usage: mede2 data\n\nCommands:\n  import <x>  i\n",
    "data import": "Usage: mede2 data import",
    train: "Usage: mede2 train",
  };
  expect(commandsIn(helps[""])).toEqual(["data", "train"]);
  const all = helpOfAll([], (path) => helps[path.join(" ")]);
  expect(all.map(([path]) => path.join(" "))).toEqual(["", "data import", "train"]);
  expect(commandPage(all)).toContain("## data import\n\n```text\nUsage: mede2 data import\n```");
});
