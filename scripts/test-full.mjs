// Everything that can be checked on this machine, however long it takes: `pnpm test:full`.
//   node scripts/test-full.mjs [--list] [PART…]
import { parts } from "./lib/parts.mjs";
import { ensureInstalled, workspaceEnvironment } from "./lib/pnpm.mjs";
import { runParts } from "./lib/run-parts.mjs";

const names = process.argv.slice(2);
const unknown = names.filter((name) => name !== "--list" && !parts.some((part) => part.name === name));
if (names.includes("--list") || unknown.length) {
  if (unknown.length) console.error(`no part ${unknown.join(", ")}`);
  for (const { name, command, needs } of parts)
    console.log(`${name.padEnd(42)} ${needs?.() ?? command.slice(1).join(" ")}`);
  process.exit(unknown.length ? 2 : 0);
}
ensureInstalled();
process.exitCode = await runParts(
  parts.filter(({ name }) => names.length === 0 || names.includes(name)),
  workspaceEnvironment(),
);
