import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { BenchFault } from "./bench-fault.ts";
import type { BenchPeer } from "./bench-report.ts";

/** A program of a peer and the Python that runs it. */
export type PeerProgram = { readonly name: string; readonly python: string; readonly script: string };

/** What we are compared with. */
export type Peer = {
  program(peer: BenchPeer): PeerProgram;
  /** Why a peer is not there; undefined where it is. */
  absent(peer: BenchPeer): string | undefined;
};

/** Where scripts/parity-env.sh makes its environment. */
export function defaultPeerFolder(env: NodeJS.ProcessEnv, home: string): string {
  return env.MEDE2_PARITY_ENV || join(env.XDG_CACHE_HOME || join(home, ".cache"), "mede2", "parity");
}

/** Where scripts/swift-env.sh makes its environment. */
export function defaultSwiftFolder(env: NodeJS.ProcessEnv, home: string): string {
  return env.MEDE2_SWIFT_ENV || join(env.XDG_CACHE_HOME || join(home, ".cache"), "mede2", "swift");
}

const scripts: { readonly [peer in "transformers" | "trl"]: string } = {
  transformers: "bench_peer.py",
  trl: "bench_trl.py",
};

/**
 * The peers of the bench: transformers and TRL in the environment `folder`. For ms-swift, which would need one of its own, there is no program yet: its rows say so.
 *
 * @throws BenchFault `peer-missing`, with how to make it
 */
export function findPeer(folder: string, swift: string): Peer {
  const path = (peer: keyof typeof scripts) =>
    fileURLToPath(new URL(`../../../../python/${scripts[peer]}`, import.meta.url));
  for (const peer of ["transformers", "trl"] as const)
    if (!existsSync(path(peer)))
      throw new BenchFault(
        "peer-missing",
        `${path(peer)} is not there: the bench compares with PyTorch and runs in a checkout of the repository`,
        "clone the repository, install and build it, and run node_modules/.bin/mede2 bench there",
      );
  const python = pythonIn(folder);
  if (python === undefined)
    throw new BenchFault(
      "peer-missing",
      `${folder} holds no Python environment with transformers and TRL, which the bench compares with`,
      "make it with `bash scripts/parity-env.sh` (about 2 GB), or name yours with --python DIR",
    );
  return {
    program: (peer) => {
      const script = path(peer === "trl" ? "trl" : "transformers");
      return { name: basename(script), python, script };
    },
    absent: (peer) => (peer === "ms-swift" ? withoutSwift(swift) : undefined),
  };
}

function withoutSwift(folder: string): string {
  if (["bin/swift", "Scripts/swift.exe"].some((name) => existsSync(join(folder, name))))
    return "ms-swift is installed, but the bench has no program that stops its trainer between two steps yet";
  return `${folder} holds no Python environment with ms-swift (\`bash scripts/swift-env.sh\` makes one, --swift DIR names another), and the bench has no program for it yet`;
}

function pythonIn(folder: string): string | undefined {
  const names = ["bin/python", "Scripts/python.exe"].map((name) => join(folder, name));
  return names.find((path) => existsSync(path));
}
