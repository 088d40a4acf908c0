import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { drawing } from "./draw-architecture.mjs";
import { root } from "./lib/workspace.mjs";

test("docs/images/architecture.svg shows the packages as they are (else: node scripts/draw-architecture.mjs)", () => {
  expect(readFileSync(join(root, "docs/images/architecture.svg"), "utf8")).toBe(drawing());
});
