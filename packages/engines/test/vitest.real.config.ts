import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { mergeConfig } from "vitest/config";
import base from "../../../vitest.base.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const { reporters: _, include: __, ...test } = base.test ?? {};

/** Launchers against the real thing: a Slurm, a Ray head, an sshd, a disk that fills. `scripts/check-launchers.mjs` runs them. */
export default mergeConfig(
  { ...base, test },
  {
    root,
    test: {
      include: ["test/**/*.real.ts"],
      ...{ testTimeout: 400_000, hookTimeout: 400_000, maxWorkers: 1 },
      reporters: [
        "default",
        [
          "json",
          { outputFile: resolve(root, `../../.cache/test-results/${process.env.MEDE2_REAL ?? "real"}.json`) },
        ],
      ],
    },
  },
);
