#!/usr/bin/env node
// Stands in for ms-swift where a launcher is tested: the same log (logging.jsonl), the same checkpoints (trainer_state.json last), a checkpoint on TERM that takes its
// time, going on from a checkpoint. Its loss depends on the step alone, so that a run that was cut and resumed must have the log of one that was not.
//   node fake-trainer.mjs --output_dir DIR --max_steps 20 [--step_ms 100] [--save_steps 5] [--save_ms 3000] [--image FILE] [--cuda true]
//                         [--die_at STEP] [--resume_from_checkpoint DIR]
// With NPROC_PER_NODE it starts that many ranks, as torchrun does; rank 0 writes. The process that starts ranks dies of TERM at once, as `swift` does.
import { spawn } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";

const given = process.argv.slice(2);
const option = (name, otherwise) => {
  const at = given.indexOf(`--${name}`);
  return at < 0 ? otherwise : given[at + 1];
};
const number = (name, otherwise) => Number(option(name, otherwise));
const ranks = process.env.NPROC_PER_NODE;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

if (process.env.RANK === undefined && (ranks !== undefined || option("parent") === "true")) {
  console.log(`run sh: \`${process.argv.join(" ")}\``);
  const count = Number(ranks ?? 1);
  const children = Array.from({ length: count }, (_, rank) =>
    spawn(process.execPath, process.argv.slice(1), {
      stdio: "inherit",
      env: {
        ...process.env,
        RANK: String(rank),
        WORLD_SIZE: String(count * Number(process.env.NNODES ?? 1)),
      },
    }),
  );
  const codes = await Promise.all(
    children.map(
      (child) =>
        new Promise((done) =>
          child.on("exit", (code, signal) => done(signal === "SIGKILL" ? 247 : (code ?? 1))),
        ),
    ),
  );
  process.exit(Math.max(...codes));
}

const out = option("output_dir");
const steps = number("max_steps", 20);
const world = process.env.WORLD_SIZE ?? "1";
const writes =
  (process.env.RANK ?? "0") === "0" &&
  (process.env.NODE_RANK ?? "0") === "0" &&
  process.env.PAI_TRAINING_JOB_ID === undefined;
const log = (entry) => writes && appendFileSync(join(out, "logging.jsonl"), `${JSON.stringify(entry)}\n`);

if (option("cuda") === "true" && !existsSync("/dev/nvidia0")) {
  console.error(
    "RuntimeError: Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU and installed a driver from http://www.nvidia.com/Download/index.aspx",
  );
  process.exit(1);
}
mkdirSync(out, { recursive: true });
let step = 0;
const from = option("resume_from_checkpoint");
if (from !== undefined) step = JSON.parse(readFileSync(join(from, "trainer_state.json"), "utf8")).global_step;
console.log(
  `training from step ${step} of ${steps}, world size ${world}, node ${process.env.NODE_RANK ?? 0}, pid ${process.pid}`,
);
const { MASTER_PORT, PET_MASTER_PORT, PET_NODE_RANK, PET_MASTER_ADDR } = process.env;
if (ranks !== undefined)
  console.log(`port ${MASTER_PORT} ${PET_MASTER_PORT}, node ${PET_NODE_RANK} of ${PET_MASTER_ADDR}`);

const lossOf = (at) => Number((0.7 * 0.97 ** at).toFixed(8));
function save(history) {
  if (!writes) return;
  const folder = join(out, `checkpoint-${step}`);
  mkdirSync(folder, { recursive: true });
  writeWhole(join(folder, "adapter_model.safetensors"), Buffer.alloc(number("weights", 4096), step % 256));
  writeWhole(join(folder, "adapter_config.json"), `${JSON.stringify({ peft_type: "LORA" })}\n`);
  const state = {
    epoch: step / steps,
    global_step: step,
    log_history: history,
    max_steps: steps,
    save_steps: number("save_steps", 5),
  };
  writeWhole(join(folder, "trainer_state.json"), `${JSON.stringify(state, null, 2)}\n`);
}
function writeWhole(path, data) {
  const file = openSync(path, "w");
  writeSync(file, data);
  fsyncSync(file);
  closeSync(file);
}

/** What Python would say of it, as engines do. */
process.on("uncaughtException", (error) => {
  const said = {
    ENOENT: `FileNotFoundError: [Errno 2] No such file or directory: '${error.path}'`,
    ENOSPC: "OSError: [Errno 28] No space left on device",
  };
  console.error(`Traceback (most recent call last):\n${said[error.code] ?? error.stack}`);
  process.exit(1);
});

let told = false;
process.on("SIGTERM", () => {
  told = true;
});
const history = [];
while (step < steps && !told) {
  await pause(number("step_ms", 100));
  if (option("image") !== undefined) readFileSync(option("image"));
  step += 1;
  if (step === number("die_at", -1)) process.kill(process.pid, "SIGKILL");
  history.push({ loss: lossOf(step), step });
  log({
    loss: lossOf(step),
    grad_norm: 1,
    learning_rate: 1e-4,
    epoch: step / steps,
    "global_step/max_steps": `${step}/${steps}`,
    elapsed_time: "0s",
    world: Number(world),
  });
  if (step % number("save_steps", 5) === 0 || step === steps) save(history);
}
if (told) {
  await pause(number("save_ms", 3000));
  save(history);
  console.log(`saved step ${step} and ended, as told`);
}
log({
  train_runtime: 1,
  train_loss: lossOf(step),
  epoch: step / steps,
  "global_step/max_steps": `${step}/${steps}`,
});
log({ last_model_checkpoint: join(out, `checkpoint-${step}`), global_step: step });
