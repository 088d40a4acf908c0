import { expect, test } from "vitest";
import { wanted } from "./check-manifests.mjs";

test("what is published leads to built files alone", () => {
  const exports = {
    ".": { "mede2-source": "./src/index.ts", types: "./dist/index.d.ts", default: "./dist/index.js" },
    "./package.json": "./package.json",
  };
  expect(wanted({ exports }).publishConfig.exports).toEqual({
    ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
    "./package.json": "./package.json",
  });
});

test("a manifest in line stays as it is", () => {
  const once = wanted({ name: "a", keywords: ["onnx"], files: ["bin"], engines: {}, exports: {} });
  expect(once.files).toContain("bin");
  expect(wanted(once)).toEqual(once);
});

test("a package says where it is built when the root does, and only then", () => {
  const place = { type: "git", url: "https://host/owner/name", directory: "packages/a" };
  expect(wanted({ exports: {} }, place).repository).toEqual(place);
  expect(wanted({ exports: {} })).not.toHaveProperty("repository");
});
