import { copyFile, link, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type RunWriter, runPlaces, writeDirAtomic } from "@mede2/runs";
import { type TrainingPlan, trainingLockOf } from "@mede2/schemas";
import { sha256OfFile } from "../data/sha256-of-file.ts";
import { EngineError } from "../engine-error.ts";
import type { WholeCheckpoint } from "./whole-checkpoints.ts";

/** What an engine needs to resume and nobody else reads. */
const ofTheEngine =
  /^(?:optimizer|scheduler|scaler)\.(?:pt|bin)$|^rng_state|^training_args\.bin$|^trainer_state\.json$|^args\.json$|^global_step\d+$|^latest$|^zero_to_fp32\.py$|^README\.md$|^additional_config\.json$|^ref$|^\./;

/** Files that every model folder needs, and some engines do not write into checkpoints. */
const ofTheModel = [
  "tokenizer.json",
  "tokenizer_config.json",
  "chat_template.jinja",
  "preprocessor_config.json",
  "generation_config.json",
];

export const checkpointName = (step: number): string => `step-${String(step).padStart(7, "0")}`;

/**
 * Takes an engine's checkpoint into the run's `checkpoints/` as a plain Hugging Face or PEFT folder, by hard links where the disk allows it, and says so in the run's events.
 * The adapter names the model by its path here. Returns the folder's path.
 */
export async function collectCheckpoint(
  runDir: string,
  plan: TrainingPlan,
  workspace: string,
  { step, folder }: WholeCheckpoint,
  writer: RunWriter,
): Promise<string> {
  const name = checkpointName(step);
  const target = join(runPlaces.checkpoints(runDir), name);
  const model = resolve(workspace, plan.model);
  const { bytes, sha256 } = await writeDirAtomic(
    target,
    async (temporary) => {
      const names = (await readdir(folder)).filter((each) => !ofTheEngine.test(each));
      const weights = names.filter((each) => each.endsWith(".safetensors")).sort();
      if (weights.length === 0)
        throw new EngineError(
          "checkpoint-empty",
          `${folder} holds no .safetensors file`,
          "let the engine save weights as safetensors",
        );
      for (const each of names) await take(join(folder, each), join(temporary, each));
      if (names.includes("adapter_config.json"))
        await nameBase(join(temporary, "adapter_config.json"), model);
      else
        for (const each of ofTheModel)
          if (!names.includes(each)) await copyIfThere(join(model, each), join(temporary, each));
      await writeFile(
        join(temporary, "training-lock.json"),
        `${JSON.stringify(trainingLockOf(plan), null, 2)}\n`,
      );
      const sizes = await Promise.all(weights.map(async (each) => (await stat(join(temporary, each))).size));
      return {
        bytes: sizes.reduce((sum, size) => sum + size, 0),
        sha256: await sha256OfFile(join(temporary, weights[0]!)),
      };
    },
    undefined,
    { replace: true },
  );
  writer.append({ type: "checkpoint-saved", step, path: `checkpoints/${name}`, bytes, sha256 });
  await prune(runDir, plan.batch.keepCheckpoints ?? 2);
  return target;
}

/** Small files are copied: ms-swift's adapters may be read by their owner only, and a link would share that. */
async function take(from: string, to: string): Promise<void> {
  const { size, mode } = await stat(from);
  const readable = (mode & 0o044) === 0o044;
  if (readable && size > 1 << 20) {
    const linked = await link(from, to).then(
      () => true,
      () => false, // another disk, or a file system without links
    );
    if (linked) return;
  }
  await writeFile(to, await readFile(from), { mode: 0o644 }).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "ERR_FS_FILE_TOO_LARGE") throw error;
    await copyFile(from, to);
  });
}

async function nameBase(file: string, model: string): Promise<void> {
  const config = JSON.parse(await readFile(file, "utf8")) as Record<string, unknown>;
  await writeFile(file, `${JSON.stringify({ ...config, base_model_name_or_path: model }, null, 2)}\n`);
}

async function copyIfThere(from: string, to: string): Promise<void> {
  await copyFile(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
}

async function prune(runDir: string, keep: number): Promise<void> {
  const folder = runPlaces.checkpoints(runDir);
  const names = (await readdir(folder)).filter((name) => /^step-\d+$/.test(name)).sort();
  for (const name of names.slice(0, Math.max(0, names.length - keep)))
    await rm(join(folder, name), { recursive: true });
}
