// Removes what builds and tests left: `pnpm clean`. Runs, models and data are never touched.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { packagesOf, root } from "./lib/workspace.mjs";

const leftovers = [root, ...packagesOf().map(({ dir }) => dir)].flatMap((dir) =>
  ["dist", ".turbo"].map((name) => join(dir, name)),
);
for (const path of [...leftovers, join(root, ".cache"), join(root, "node_modules/.cache")])
  rmSync(path, { recursive: true, force: true });
