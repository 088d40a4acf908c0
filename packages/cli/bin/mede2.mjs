#!/usr/bin/env node
import { existsSync } from "node:fs";

const main = new URL("../dist/main.js", import.meta.url);
if (!existsSync(main)) {
  process.stderr.write(
    "mede2: not built yet. Run `npx -y pnpm@10.34.8 build` at the root of the repository first.\n",
  );
  process.exit(2);
}
await import(main.href);
