// The parts of the continuous integration, after an install: called by .ci/run.
import { parts } from "./lib/parts.mjs";
import { workspaceEnvironment } from "./lib/pnpm.mjs";
import { runParts } from "./lib/run-parts.mjs";

process.exitCode = await runParts(
  parts.filter(({ ci }) => ci),
  workspaceEnvironment(),
);
