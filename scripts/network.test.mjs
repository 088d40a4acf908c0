import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { filesUnder, root } from "./lib/workspace.mjs";

/** What reaches another machine: clients, sockets, and what a page could send. */
const network =
  /\b(?:fetch\s*\(|XMLHttpRequest|WebSocket|EventSource|sendBeacon|createConnection\s*\()|["'](?:node:)?(?:https?|http2|net|dgram|tls|dns)(?:\/promises)?["']|["'](?:undici|axios|got|node-fetch|ws)["']/;

/** Who may: models behind servers, and launchers of clusters. */
const allowed = ["packages/llm/src/", "packages/engines/src/"];

const source = (path) =>
  /\.(?:ts|tsx|mjs)$/.test(path) && !/\.test\.|\.d\.ts$|node_modules|\/dist\//.test(path);
const files = ["packages", "extensions"]
  .flatMap((folder) => filesUnder(join(root, folder), source))
  .map((file) => relative(root, file).replaceAll("\\", "/"))
  .filter((file) => /^(?:packages\/[^/]+|extensions\/[^/]+)\/src\//.test(file));

test("nothing but models and launchers reaches another machine: there is no telemetry", () => {
  expect(files.length).toBeGreaterThan(300);
  const found = files
    .filter((file) => !allowed.some((folder) => file.startsWith(folder)))
    .filter((file) =>
      network.test(readFileSync(join(root, file), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "")),
    );
  expect(found).toEqual([]);
});

test("the search finds what it looks for", () => {
  for (const text of [
    'import { request } from "node:https";',
    "await fetch(url)",
    "navigator.sendBeacon(x)",
    'from "undici"',
  ])
    expect(network.test(text)).toBe(true);
  for (const text of ["launcher.fetch;", 'import { join } from "node:path";', "prefetchLinks"])
    expect(network.test(text)).toBe(false);
});

test("the README says so", () => {
  expect(readFileSync(join(root, "README.md"), "utf8")).toMatch(/no telemetry/i);
});
