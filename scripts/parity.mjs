// Compares our numbers with transformers, TRL and PEFT, live: needs bash, Python and a built workspace.
//   node scripts/parity.mjs [--keep DIR]
// Goldens are generated anew and compared with the committed ones; folders that our code writes are opened there.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { runParts } from "./lib/run-parts.mjs";
import { root } from "./lib/workspace.mjs";

const goldens = join(root, "packages/nn/test/goldens");

function workFolder() {
  const at = process.argv.indexOf("--keep");
  if (at < 0) return { dir: mkdtempSync(join(tmpdir(), "mede2-parity-")), keep: false };
  const dir = process.argv[at + 1];
  if (!dir) {
    console.error("--keep needs a folder");
    process.exit(2);
  }
  mkdirSync(dir, { recursive: true });
  return { dir: resolve(dir), keep: true };
}

/** The Python of the checking environment, made or brought up to date first. */
function checkingPython() {
  const made = execFileSync("bash", [join(root, "scripts/parity-env.sh")], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  return made.trim().split("\n").at(-1);
}

const { dir, keep } = workFolder();
const python = checkingPython();
const script = (name) => [python, join(root, "python", name)];

const parts = [
  {
    name: "generate the goldens",
    command: [python, join(goldens, "generate/all.py"), "--out", join(dir, "goldens")],
  },
  {
    name: "goldens as committed",
    command: [...script("live_parity.py"), "goldens", join(goldens, "qwen2-5-vl"), join(dir, "goldens")],
  },
  {
    name: "generate the goldens of the families",
    command: [python, join(goldens, "generate/all_families.py"), "--out", join(dir, "families")],
  },
  {
    name: "goldens of the families as committed",
    command: [...script("live_parity.py"), "goldens", join(goldens, "families"), join(dir, "families")],
  },
  {
    name: "the picture of what is compared",
    command: [process.execPath, join(root, "scripts/draw-parity.mjs"), "--check"],
  },
  {
    name: "families: train 50 steps and write",
    command: [
      ...[process.execPath, join(root, "scripts/parity-families.mjs")],
      ...[join(dir, "families"), join(dir, "trained-families")],
    ],
  },
  {
    name: "families: open and go on in transformers and TRL",
    command: [...script("family_parity.py"), join(dir, "trained-families")],
  },
  {
    name: "ONNX models of others, read and written",
    command: [process.execPath, join(root, "scripts/parity-onnx.mjs"), python, join(dir, "onnx")],
  },
  {
    name: "train and write folders",
    command: [process.execPath, join(root, "scripts/parity-folders.mjs"), python, join(dir, "folders")],
  },
  {
    name: "our folders in transformers and PEFT",
    command: [...script("live_parity.py"), "folders", join(dir, "folders/cases.json")],
  },
  {
    name: "whole preference runs",
    command: [process.execPath, join(root, "scripts/parity-runs.mjs"), join(dir, "runs")],
  },
  {
    name: "the same runs by TRL",
    command: [...script("trl_runs.py"), join(dir, "runs/runs.json")],
  },
  { name: "the comparison notices faults", command: script("test_live_parity.py") },
];

try {
  process.exitCode = await runParts(parts, { ...process.env, HF_HUB_OFFLINE: "1", PYTHONWARNINGS: "ignore" });
} finally {
  if (keep) console.log(`kept: ${dir}`);
  else rmSync(dir, { recursive: true, force: true });
}
