import { mergeConfig } from "vitest/config";
import base from "../../vitest.base.ts";

const { reporters: _, include: __, ...test } = base.test ?? {};

/** Launchers against the real thing: a Slurm, a Ray head, an sshd, a disk that fills. `scripts/check-launchers.mjs` runs them. */
export default mergeConfig(
  { ...base, test },
  {
    test: { include: ["real/**/*.test.ts"], testTimeout: 400_000, hookTimeout: 400_000, maxWorkers: 1 },
  },
);
