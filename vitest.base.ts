import { basename, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL(".", import.meta.url));

/** Tests run on the sources of every package: the export condition `mede2-source` leads there, so no build is needed. */
export default defineConfig({
  resolve: { conditions: ["mede2-source", "node"] },
  ssr: {
    resolve: { conditions: ["mede2-source", "node"], externalConditions: ["mede2-source", "node"] },
    noExternal: [/^@mede2\//],
  },
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 120_000, // machines that do other work at the same time are common
    hookTimeout: 120_000,
    reporters: [
      "default",
      ["json", { outputFile: resolve(root, ".cache/test-results", `${basename(process.cwd())}.json`) }],
    ],
  },
});
