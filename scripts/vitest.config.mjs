import { defineConfig, mergeConfig } from "vitest/config";
import base from "../vitest.base.ts";

/** Tests of the repository's own scripts. */
export default mergeConfig(
  base,
  defineConfig({ cacheDir: "../node_modules/.cache/vitest-scripts", test: { include: ["**/*.test.mjs"] } }),
);
