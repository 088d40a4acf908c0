import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BenchFault } from "./bench-fault.ts";

/** Python of the checking environment, and the program that it runs. */
export type Peer = { readonly python: string; readonly script: string };

/** Where scripts/parity-env.sh makes its environment. */
export function defaultPeerFolder(env: NodeJS.ProcessEnv, home: string): string {
  return env.MEDE2_PARITY_ENV || join(env.XDG_CACHE_HOME || join(home, ".cache"), "mede2", "parity");
}

/**
 * The peer of the bench in the environment `folder`.
 *
 * @throws BenchFault `peer-missing`, with how to make it
 */
export function findPeer(folder: string): Peer {
  const script = fileURLToPath(new URL("../../../../python/bench_peer.py", import.meta.url));
  if (!existsSync(script))
    throw new BenchFault(
      "peer-missing",
      `${script} is not there: the bench compares with PyTorch and runs in a checkout of the repository`,
      "clone the repository, install and build it, and run node_modules/.bin/mede2 bench there",
    );
  const names = ["bin/python", "Scripts/python.exe"].map((name) => join(folder, name));
  const python = names.find((path) => existsSync(path));
  if (python === undefined)
    throw new BenchFault(
      "peer-missing",
      `${folder} holds no Python environment with transformers, which the bench compares with`,
      "make it with `bash scripts/parity-env.sh` (about 2 GB), or name yours with --python DIR",
    );
  return { python, script };
}
