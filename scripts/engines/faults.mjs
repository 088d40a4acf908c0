// What goes wrong without a word elsewhere, and launchers with the real engine.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../lib/workspace.mjs";
import { largest } from "./workshop.mjs";

export const faults = {
  async reference({ world, superviseChanged, check, checkpointOf }) {
    const plan = world.stage2Plan("ms-swift", { adapter: checkpointOf("stage1") });
    const fault = await superviseChanged("mistake", plan, (folder) => {
      const yaml = join(folder, "train.yaml");
      writeFileSync(yaml, readFileSync(yaml, "utf8").replace(/^ref_adapters: .*\n/m, ""));
    });
    check(
      "the base as reference by mistake: ended, with the cause",
      fault.code === "invariant-broken" && /most likely it is the base/.test(fault.message),
      fault.message,
    );
  },

  /** A picture that goes after the preflight; and a GPU that is not there. */
  async missing({ world, superviseChanged, train, check, checkpointOf, work }) {
    const plan = world.stage2Plan("ms-swift", { adapter: checkpointOf("stage1") });
    const kept = [];
    const fault = await superviseChanged("picture-gone", plan, (folder) => {
      const rows = readFileSync(join(folder, "data/train.jsonl"), "utf8").trim().split("\n");
      const [picture] = JSON.parse(rows.at(-1)).images;
      kept.push([picture, readFileSync(picture)]);
      rmSync(picture);
    });
    for (const [picture, bytes] of kept) writeFileSync(picture, bytes);
    check(
      "a picture deleted after the preflight: named, and what to do",
      fault.code === "image-missing" && fault.message.includes(".png") && /resume/.test(fault.next),
      fault.message,
    );
    const cuda = await train("no-cuda", world.stage1Plan("ms-swift", { device: "cuda" }));
    check("no CUDA: a sentence", cuda.code !== 0 && cuda.error?.code === "no-cuda", cuda.error?.message);
    check(
      "nothing of a path was read as a command",
      !existsSync(join(work, "pwned")) && !existsSync("pwned"),
    );
  },

  /** Two processes by torchrun, of either engine, against one. */
  async two({ world, train, check, lossesOf, checkpointOf }) {
    const both = { launcher: { name: "local", processesPerNode: 2 }, threads: 2 };
    const steps = { schedule: { name: "constant", learningRate: 1e-3, steps: 8 } };
    for (const [engine, alone, more] of [
      ["ms-swift", "stage1", {}],
      ["trl", "curve-trl", { adapter: checkpointOf("stage1"), ...steps }],
    ]) {
      const done = await train(`two-${engine}`, world.stage1Plan(engine, { ...both, ...more }));
      const difference = largest(lossesOf(`two-${engine}`), lossesOf(alone));
      check(
        `two processes of ${engine} by torchrun (gloo): the losses of one`,
        done.code === 0 && difference < 1e-4,
        `largest difference ${difference} over ${lossesOf(`two-${engine}`).length} steps`,
      );
    }
  },

  /** ms-swift as a job of a real Slurm: two processes by srun and torchrun, stopped by control/, resumed. */
  async slurm({ world, mede2, planFile, check, skip, lossesOf, runDir, work, swift }) {
    const script = join(root, "scripts/slurm-env.sh");
    const { status, stdout } = spawnSync("bash", [script, "can"], { encoding: "utf8" });
    if (status !== 0) return skip("ms-swift under Slurm", stdout.trim());
    const folder = join(dirname(work), "slurm");
    const up = spawnSync("bash", [script, "up", folder], { encoding: "utf8" });
    process.env.SLURM_CONF = up.stdout.trim().split("\n").at(-1).replace("SLURM_CONF=", "");
    try {
      const setup = join(dirname(work), "setup.sh");
      writeFileSync(setup, `export PATH='${resolve(swift, "..")}':$PATH\n`);
      const launcher = {
        name: "slurm",
        time: "30",
        processesPerNode: 2,
        cpusPerTask: 2,
        graceSeconds: 60,
        setup,
      };
      const plan = world.stage1Plan("ms-swift", { launcher, threads: 2 });
      const file = planFile("slurm", plan);
      const { done } = mede2("train", file, "--out", runDir("slurm"));
      const log = join(runDir("slurm"), "engine/output/logging.jsonl");
      for (let waited = 0; !existsSync(log) && waited < 3000; waited++) await sleep(100);
      await mede2("control", runDir("slurm"), "stop").done;
      const stopped = await done;
      check(
        "ms-swift under Slurm, two processes: saved and stopped on request",
        stopped.code === 130 && stopped.json.steps < 8,
        `after step ${stopped.json.steps}`,
      );
      const again = await mede2("train", "--resume", runDir("slurm")).done;
      const difference = largest(lossesOf("slurm"), lossesOf("stage1"));
      check(
        "ms-swift under Slurm: resumed, with the losses of one process",
        again.code === 0 && difference < 1e-4,
        `largest difference ${difference} over ${lossesOf("slurm").length} steps`,
      );
    } finally {
      spawnSync("bash", [script, "down", folder]);
      // biome-ignore lint/suspicious/noUndeclaredEnvVars: Slurm's own
      delete process.env.SLURM_CONF;
    }
  },
};
