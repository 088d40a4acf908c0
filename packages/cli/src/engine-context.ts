import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { EngineContext } from "@mede2/engines";
import { defaultImageStore } from "@mede2/runs";
import type { EngineName } from "@mede2/schemas";

/** Folders in which scripts/swift-env.sh and scripts/parity-env.sh make environments, below the user's cache. */
const made: Readonly<Partial<Record<EngineName, string>>> = { "ms-swift": "swift", trl: "parity" };

/** Where an engine's environment lies: the folder that was named, else MEDE2_ENGINE_DIR, else the one that our scripts make; undefined: on the PATH. */
export function engineDirOf(
  engine: EngineName,
  named: string | undefined,
  env: NodeJS.ProcessEnv,
): string | undefined {
  if (named !== undefined) return named;
  if (env.MEDE2_ENGINE_DIR) return env.MEDE2_ENGINE_DIR;
  const folder = made[engine];
  if (folder === undefined) return undefined;
  const cached = join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "mede2", folder);
  return existsSync(join(cached, "bin")) ? cached : undefined;
}

/** What an engine must know beside a plan. Only jobs on this machine use an environment of this machine. */
export function engineContext(
  plan: { readonly engine: EngineName; readonly launcher?: { readonly name: string } | undefined },
  workspace: string,
  named: string | undefined,
  env: NodeJS.ProcessEnv,
  imageStore: string = defaultImageStore,
): EngineContext {
  const here = (plan.launcher?.name ?? "local") === "local";
  const engineDir = here || named !== undefined ? engineDirOf(plan.engine, named, env) : undefined;
  return { workspace, imageStore, ...(engineDir === undefined ? {} : { engineDir }) };
}
