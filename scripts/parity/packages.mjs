import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../lib/workspace.mjs";

// The built packages, found as the trainer finds them.
const { resolve } = createRequire(join(root, "packages/trainer/package.json"));
const load = (name) => import(pathToFileURL(resolve(name)).href);

export const trainer = await import(pathToFileURL(join(root, "packages/trainer/dist/index.js")).href);
export const [nn, images, llm, runs, safetensors, schemas] = await Promise.all(
  ["nn", "images", "llm", "runs", "safetensors", "schemas"].map((name) => load(`@mede2/${name}`)),
);
