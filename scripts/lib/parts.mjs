import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { lacksInspect } from "./eval-env.mjs";
import { root } from "./workspace.mjs";

const MINUTE = 60;
const script = (name) => join(root, "scripts", name);
const node = (name, ...options) => [process.execPath, script(name), ...options];

/** Why Python cannot be used here, or null. */
function lacksPython() {
  if (process.platform === "win32") return "the checking environment is made by a bash script";
  const python = process.env.MEDE2_PARITY_PYTHON ?? "python3";
  const test = "import sys, venv, ensurepip; sys.exit(0 if sys.version_info >= (3, 10) else 1)";
  return spawnSync(python, ["-c", test]).status === 0
    ? null
    : `${python} is missing, lacks venv, or is older than 3.10`;
}

/** The demo of a run of the checks: made by one part, followed on by another. */
const checkedDemo = join(root, ".cache/checked-demo");

const lacksBash = () => (spawnSync("bash", ["--version"]).status === 0 ? null : "bash is missing");

/** Why a script of ours cannot bring a service up here, or null: its word "can" says so. */
const cannot = (name) => () => {
  if (process.platform === "win32") return "it is brought up by a bash script";
  const { status, stdout } = spawnSync("bash", [script(name), "can"], { encoding: "utf8" });
  return status === 0 ? null : stdout.trim() || `${name} cannot run here`;
};

/** Why launchers by SSH cannot be tried here, or null. */
function lacksSshd() {
  const missing = ["sshd", "ssh", "rsync"].filter(
    (name) => spawnSync("sh", ["-c", `PATH=$PATH:/usr/sbin command -v ${name}`]).status !== 0,
  );
  return missing.length === 0
    ? null
    : `${missing.join(" and ")} missing: openssh-server, openssh-client, rsync`;
}

const editor = (name) => join(root, "extensions/vscode/e2e", name);

/** Installs the editor that the extension is tested in, and says why it cannot, or null. */
function lacksEditor() {
  const installed = spawnSync(process.execPath, [editor("install.mjs")], {
    encoding: "utf8",
    timeout: 600_000,
  });
  return installed.status === 0
    ? null
    : installed.stderr.trim() || "the editor for tests cannot be installed";
}

/**
 * The parts of the two long test commands, in order. `.ci/run` runs those marked `ci`, `pnpm test:full` runs all.
 * `needs()` gives the reason why a part cannot run on this machine, or null.
 */
export const parts = [
  { name: "test", ci: true, command: node("test.mjs"), limitSeconds: 15 * MINUTE },
  { name: "packed packages", ci: true, command: node("check-packages.mjs"), limitSeconds: 8 * MINUTE },
  {
    name: "demo --quick",
    ci: true,
    command: node("check-demo.mjs", "--quick", "--keep", checkedDemo),
    limitSeconds: 6 * MINUTE,
  },
  {
    name: "tutorial, from its finished demo on",
    ci: true,
    needs: lacksBash,
    command: node("check-tutorial.mjs", "--demo", checkedDemo),
    limitSeconds: 6 * MINUTE,
  },
  {
    name: "examples of the commands",
    ci: true,
    needs: () => (process.platform === "win32" ? "the examples are for a bash" : null),
    command: node("check-commands.mjs"),
    limitSeconds: 8 * MINUTE,
  },
  {
    name: "terminal UI under tmux",
    ci: true,
    needs: () => (spawnSync("tmux", ["-V"]).status === 0 ? null : "tmux is missing"),
    command: node("check-terminal.mjs"),
    limitSeconds: 5 * MINUTE,
  },
  {
    name: "checking environment",
    ci: true,
    needs: lacksPython,
    command: ["bash", script("parity-env.sh")],
    limitSeconds: 15 * MINUTE,
  },
  {
    name: "parity with transformers, TRL and PEFT",
    ci: true,
    needs: lacksPython,
    command: node("parity.mjs"),
    limitSeconds: 15 * MINUTE,
  },
  {
    name: "the loss zoo as docs/parity.md has it",
    command: node("loss-zoo.mjs", "--check"),
    limitSeconds: 10 * MINUTE,
  },
  {
    name: "losses by ms-swift",
    needs: lacksPython,
    command: node("check-swift-losses.mjs"),
    limitSeconds: 20 * MINUTE,
  },
  {
    name: "exports in transformers and PEFT",
    needs: lacksPython,
    command: node("check-export.mjs"),
    limitSeconds: 10 * MINUTE,
  },
  {
    name: "extension in VS Code: package and extension host",
    ci: true,
    needs: lacksEditor,
    command: [process.execPath, editor("run.mjs"), "pack", "host"],
    limitSeconds: 6 * MINUTE,
  },
  {
    name: "extension in VS Code: launch, read, review",
    ci: true,
    needs: lacksEditor,
    command: [process.execPath, editor("run.mjs"), "launch", "read", "review", "--again"],
    limitSeconds: 15 * MINUTE,
  },
  {
    name: "extension in VS Code: the rest",
    needs: lacksEditor,
    command: [process.execPath, editor("run.mjs"), "restricted", "virtual", "steer", "actions", "more"],
    limitSeconds: 25 * MINUTE,
  },
  {
    name: "extension in VS Code: from an empty folder through the demo",
    needs: lacksEditor,
    command: [process.execPath, editor("run.mjs"), "newcomer"],
    limitSeconds: 25 * MINUTE,
  },
  { name: "packages on foreign ground", command: node("check-foreign.mjs"), limitSeconds: 15 * MINUTE },
  { name: "documentation site", command: node("check-site.mjs"), limitSeconds: 10 * MINUTE },
  { name: "release, dry run", command: node("release.mjs"), limitSeconds: 15 * MINUTE },
  {
    name: "tutorial in a fresh clone",
    needs: lacksBash,
    command: node("check-tutorial.mjs"),
    limitSeconds: 25 * MINUTE,
  },
  { name: "demo", command: node("check-demo.mjs"), limitSeconds: 20 * MINUTE },
  {
    name: "logs of Inspect, there and back",
    needs: lacksInspect,
    command: node("inspect.mjs"),
    limitSeconds: 10 * MINUTE,
  },
  {
    name: "answers graded by Inspect",
    needs: lacksInspect,
    command: node("check-eval-peer.mjs"),
    limitSeconds: 10 * MINUTE,
  },
  {
    name: "an evaluation killed again and again",
    command: node("check-eval-kill.mjs"),
    limitSeconds: 5 * MINUTE,
  },
  {
    name: "launcher Slurm on a real Slurm",
    needs: cannot("slurm-env.sh"),
    command: node("check-launchers.mjs", "slurm"),
    limitSeconds: 20 * MINUTE,
  },
  {
    name: "launcher Ray on a real Ray head",
    needs: cannot("ray-env.sh"),
    command: node("check-launchers.mjs", "ray"),
    limitSeconds: 15 * MINUTE,
  },
  {
    name: "launcher SSH with a real sshd",
    needs: lacksSshd,
    command: node("check-launchers.mjs", "ssh"),
    limitSeconds: 10 * MINUTE,
  },
  {
    name: "a launched run whose command is killed",
    needs: () => (process.platform === "win32" ? "launchers need a POSIX system" : null),
    command: node("check-launchers.mjs", "command"),
    limitSeconds: 10 * MINUTE,
  },
  {
    name: "launchers on a disk that fills",
    needs: () =>
      process.platform === "linux" && process.getuid() === 0 ? null : "root can mount a small disk on Linux",
    command: node("check-launchers.mjs", "faults"),
    limitSeconds: 10 * MINUTE,
  },
  {
    name: "a full disk",
    needs: () =>
      spawnSync("unshare", ["-Urm", "sh", "-c", "mount -t tmpfs -o size=1m tmpfs /mnt"]).status === 0
        ? null
        : "a small disk cannot be mounted here (unshare -Urm)",
    command: node("check-disk-full.mjs"),
    limitSeconds: 10 * MINUTE,
  },
  {
    name: "estimates of plans against their runs",
    command: node("check-estimates.mjs"),
    limitSeconds: 30 * MINUTE,
  },
  { name: "coverage of intervals", command: node("check-coverage.mjs"), limitSeconds: 5 * MINUTE },
  {
    name: "two hundred thousand answers in bounded memory",
    command: node("check-eval-scale.mjs", "--answers", "200000", "--limit-mb", "600"),
    limitSeconds: 15 * MINUTE,
  },
  {
    name: "ms-swift and TRL, for real, on a CPU",
    needs: lacksPython,
    command: node("check-engines.mjs"),
    limitSeconds: 60 * MINUTE,
  },
  {
    name: "WebGPU in software against the CPU",
    needs: cannot("webgpu-env.sh"),
    command: ["bash", script("webgpu-env.sh"), "run", ...node("check-webgpu.mjs")],
    limitSeconds: 15 * MINUTE,
  },
  {
    name: "a million questions in little memory, killed again and again",
    command: node("check-data-stream.mjs"),
    limitSeconds: 20 * MINUTE,
  },
  {
    name: "commands that make data, killed again and again",
    command: node("check-data-kill.mjs"),
    limitSeconds: 10 * MINUTE,
  },
  {
    name: "regular expressions against hostile text",
    command: node("check-regexes.mjs"),
    limitSeconds: 5 * MINUTE,
  },
];
