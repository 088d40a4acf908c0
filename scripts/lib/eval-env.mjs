import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** The environment that evaluations are checked in, where `scripts/eval-env.sh` puts it. */
const folder =
  process.env.MEDE2_EVAL_ENV ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "mede2/eval");

export const inspectPython = () => join(folder, "bin/python");

/** Why Inspect cannot be asked here, or null. */
export function lacksInspect() {
  return existsSync(join(folder, "bin/inspect"))
    ? null
    : `there is no Inspect in ${folder}; bash scripts/eval-env.sh makes it`;
}
