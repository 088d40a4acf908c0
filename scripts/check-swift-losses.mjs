// The preference losses by ms-swift's own trainers beside those by TRL that ours are tested against. Needs bash and Python; makes the environment of ms-swift first.
//   node scripts/check-swift-losses.mjs
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "./lib/workspace.mjs";

const made = execFileSync("bash", [join(root, "scripts/swift-env.sh")], {
  encoding: "utf8",
  stdio: ["ignore", "pipe", "inherit"],
});
const goldens = "packages/nn/test/goldens/families/losses/case.safetensors";
const { status } = spawnSync(
  made.trim().split("\n").at(-1),
  [join(root, "python/swift_losses.py"), join(root, goldens)],
  {
    stdio: ["ignore", "inherit", "ignore"],
    env: { ...process.env, HF_HUB_OFFLINE: "1", CUDA_VISIBLE_DEVICES: "" },
  },
);
process.exitCode = status ?? 1;
