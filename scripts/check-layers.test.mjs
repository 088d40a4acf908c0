import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { breaches, specifiersOf } from "./check-layers.mjs";

let folder;
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A workspace of two packages: `low` (layer 0) and `high` (layer 1, which depends on low), with these files. */
function workspace(files) {
  folder = mkdtempSync(join(tmpdir(), "mede2-layers-"));
  const all = {
    "package.json": { devDependencies: { vitest: "1" } },
    "packages/low/package.json": { name: "low", layer: 0, exports: { ".": "./src/index.ts" } },
    "packages/low/src/index.ts": 'export { low } from "./low.ts";\n',
    "packages/low/src/low.ts": "export const low = 0;\n",
    "packages/high/package.json": {
      name: "high",
      layer: 1,
      dependencies: { low: "*" },
      exports: { ".": "./src/index.ts" },
    },
    "packages/high/src/index.ts": 'export { high } from "./high.ts";\n',
    "packages/high/src/high.ts":
      'import { low } from "low";\nimport { readFileSync } from "node:fs";\nexport const high = [low, readFileSync];\n',
    ...files,
  };
  for (const [path, content] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), typeof content === "string" ? content : JSON.stringify(content));
  }
  return folder;
}

test("a workspace that keeps the rules has no breach", () => {
  expect(breaches(workspace({}))).toEqual([]);
});

test.each([
  [
    "an upward import",
    {
      "packages/low/package.json": {
        name: "low",
        layer: 0,
        dependencies: { high: "*" },
        exports: { ".": "" },
      },
      "packages/low/src/low.ts": 'import { high } from "high";\nexport const low = high;\n',
    },
    /low: src\/low.ts \(layer 0\) imports high \(layer 1\)/,
  ],
  [
    "an import within a layer",
    { "packages/low/package.json": { name: "low", layer: 1, exports: { ".": "" } } },
    /high \(layer 1\) imports low \(layer 1\)|\(layer 1\) imports low \(layer 1\)/,
  ],
  [
    "an undeclared dependency",
    { "packages/high/src/high.ts": 'import { z } from "zod";\nexport const high = z;\n' },
    /imports zod, which its package.json does not declare/,
  ],
  [
    "an undeclared lazy import",
    { "packages/high/src/high.ts": 'export const high = () => import("zod");\n' },
    /imports zod/,
  ],
  [
    "a multi-line import",
    { "packages/high/src/high.ts": 'import {\n  a,\n  b,\n} from "zod";\nexport const high = [a, b];\n' },
    /imports zod/,
  ],
  [
    "an import past exports",
    { "packages/high/src/high.ts": 'import { low } from "low/src/low.ts";\nexport const high = low;\n' },
    /imports low\/src\/low.ts, which low does not export/,
  ],
  [
    "an import out of the package",
    {
      "packages/high/src/high.ts": 'import { low } from "../../low/src/low.ts";\nexport const high = low;\n',
    },
    /outside its package/,
  ],
  [
    "a missing file",
    { "packages/high/src/high.ts": 'import { low } from "./gone.ts";\nexport const high = low;\n' },
    /imports .\/gone.ts, which is not a file/,
  ],
  [
    "a cycle",
    {
      "packages/low/src/low.ts": 'import { b } from "./b.ts";\nexport const low = b;\n',
      "packages/low/src/b.ts": 'import type { low } from "./low.ts";\nexport const b: typeof low = 0;\n',
    },
    /import cycle b.ts → low.ts → b.ts/,
  ],
  [
    "a long file",
    { "packages/low/src/low.ts": `export const low = 0;\n${"//\n".repeat(400)}` },
    /src\/low.ts has 401 lines/,
  ],
  ["a star export", { "packages/low/src/index.ts": 'export * from "./low.ts";\n' }, /exports by `\*`/],
  ["a file name", { "packages/low/src/lowFile.ts": "export const a = 0;\n" }, /not named in kebab-case/],
])("finds %s", (_, files, message) => {
  const found = breaches(workspace(files));
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(message);
});

test("tests may import what the workspace develops with; sources may not", () => {
  const code = 'import { test } from "vitest";\ntest("a", () => {});\n';
  expect(breaches(workspace({ "packages/low/src/low.test.ts": code }))).toEqual([]);
  rmSync(folder, { recursive: true });
  expect(breaches(workspace({ "packages/low/src/other.ts": code }))).toHaveLength(1);
});

test("reads every form of import, and no comment or type alias", () => {
  folder = "";
  const code = `
// import { a } from "x";
/* import "y"; */
import "side-effect";
import type { A } from "./a.ts";
export { b } from "./b.ts";
export const lazy = () => import("lazy");
export type C = "d";
`;
  expect(specifiersOf(code)).toEqual(["side-effect", "./a.ts", "./b.ts", "lazy"]);
});
