import { nameInFile } from "@mede2/nn";
import { deviceVariables, type Emission } from "./emission.ts";
import type { EngineParts } from "./emit-run.ts";
import { engineLoss } from "./engine-losses.ts";
import { loraTargetRegex } from "./lora-targets.ts";
import { transformersArguments } from "./transformers-arguments.ts";

/** The version whose arguments the driver knows. */
export const trlVersion = "1.9.2";

/** Files and command of a run on TRL. `driver` is the text of python/trl_driver.py, which goes along; `program` is a Python with TRL. */
export function emitTrl(emission: Emission, program: string, driver: string): EngineParts {
  const { paths, processes } = emission;
  const script = `${paths.root}/trl_driver.py`;
  const config = `${paths.root}/train.json`;
  const count = processes.nodes * processes.perNode;
  // one process needs no torchrun; more are told apart by the launcher's variables
  const start =
    count === 1
      ? [program]
      : [
          ...[program, "-m", "torch.distributed.run", `--nnodes=${processes.nodes}`],
          ...[`--nproc-per-node=${processes.perNode}`],
        ];
  return {
    files: [
      { path: "trl_driver.py", text: driver },
      { path: "train.json", text: `${JSON.stringify(trlConfig(emission), null, 2)}\n` },
    ],
    command: [...start, script, config],
    resumeCommand: [...start, script, config, "{checkpoint}"],
    env: {
      PYTHONUNBUFFERED: "1",
      TOKENIZERS_PARALLELISM: "false",
      ...deviceVariables(emission.plan),
      ...(paths.model.startsWith("/") ? { HF_HUB_OFFLINE: "1" } : {}),
    },
    unset: [],
    log: { program: "transformers", path: "output/log.jsonl" },
    checkpointsDir: "output",
  };
}

function trlConfig(emission: Emission): object {
  const { plan, settings, paths, side, validationRows } = emission;
  const { lora } = plan;
  return {
    kind: plan.kind,
    model: paths.model,
    adapter: paths.adapter ?? null,
    precision: settings.precision,
    attention: settings.attention,
    freeze: plan.freeze.map((prefix) => nameInFile(prefix, side.config, "v5")),
    lora:
      lora === undefined
        ? null
        : {
            r: lora.rank,
            lora_alpha: lora.alpha,
            lora_dropout: lora.dropout,
            target_modules: loraTargetRegex(side.config, lora.targets),
            use_rslora: lora.rs === true,
            use_dora: lora.dora === true,
          },
    data: { train: paths.train, ...(validationRows > 0 ? { validation: paths.validation } : {}) },
    cache: `${paths.root}/cache`,
    log: `${paths.output}/log.jsonl`,
    arguments: trainerArguments(emission),
  };
}

function trainerArguments(emission: Emission): object {
  return {
    ...transformersArguments(emission),
    max_length: null, // preflight has counted; nothing is cut
    ...preference(emission),
    gradient_checkpointing: emission.settings.recompute,
    disable_tqdm: true,
    dataset_num_proc: null,
  };
}

function preference({ plan }: Emission): object {
  if (plan.kind !== "preference") return { loss_type: "nll", completion_only_loss: true };
  const loss = engineLoss(plan.loss)!;
  const terms = [
    ...loss.terms,
    ...(loss.nllWeight === undefined ? [] : [{ name: "sft", weight: loss.nllWeight }]),
  ];
  return {
    beta: plan.loss.beta ?? 0.1,
    loss_type: terms.map(({ name }) => name),
    ...(terms.length > 1 ? { loss_weights: terms.map(({ weight }) => weight) } : {}),
    ...(loss.labelSmoothing === undefined ? {} : { label_smoothing: loss.labelSmoothing }),
  };
}
