import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { keysMarkdown } from "./keys-markdown.ts";

it("docs/terminal.md has the key table as it is", () => {
  const page = readFileSync(new URL("../../../../docs/terminal.md", import.meta.url), "utf8");
  const part = /<!-- keys: begin [^>]*-->\n([\s\S]*)\n<!-- keys: end -->/.exec(page)?.[1];
  expect(part).toBe(keysMarkdown());
});
