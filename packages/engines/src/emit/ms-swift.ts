import { deafToTerm, deviceVariables, type Emission } from "./emission.ts";
import type { EngineParts } from "./emit-run.ts";
import { engineLoss } from "./engine-losses.ts";
import { swiftArguments } from "./swift-arguments.ts";
import { quotedYaml } from "./yaml.ts";

/** The version whose arguments and logs this emitter knows. */
export const swiftVersion = "4.5.2";

/**
 * Files and command of a run on ms-swift. `program` is its executable. Pixel limits go by variables, as its Qwen processor takes them: 28 × 28 pixels a token. What hides the log
 * (PAI_TRAINING_JOB_ID) is unset.
 */
export function emitSwift(emission: Emission, program: string): EngineParts {
  const { plan, paths } = emission;
  const config = `${paths.root}/train.yaml`;
  const action = plan.kind === "preference" ? "rlhf" : "sft";
  const command = [program, action, config];
  return {
    files: [{ path: "train.yaml", text: quotedYaml(swiftArguments(emission)) }],
    command: deafToTerm(command),
    resumeCommand: deafToTerm([...command, "--resume_from_checkpoint", "{checkpoint}"]),
    env: {
      PYTHONUNBUFFERED: "1",
      CUDA_DEVICE_ORDER: "PCI_BUS_ID",
      TOKENIZERS_PARALLELISM: "false",
      ...pixelVariables(emission),
      ...deviceVariables(plan),
      ...(paths.model.startsWith("/") ? { HF_HUB_OFFLINE: "1" } : { USE_HF: "1" }),
    },
    unset: ["PAI_TRAINING_JOB_ID", "ROOT_IMAGE_DIR", "MAX_PIXELS", "MIN_PIXELS"],
    log: { program: "ms-swift", path: "output/logging.jsonl" },
    checkpointsDir: "output",
    expected: { rewardScale: rewardScale(emission) },
  };
}

/** Its rewards in a mix of losses are the plain ones times the sum of the weights. */
function rewardScale({ plan }: Emission): number {
  const terms = plan.kind === "preference" ? (engineLoss(plan.loss)?.terms ?? []) : [];
  return terms.length > 1 ? terms.reduce((sum, { weight }) => sum + weight, 0) : 1;
}

function pixelVariables({ plan, side }: Emission): Record<string, string> {
  const { family } = side.config as { family?: string };
  if (family !== undefined && family !== "qwen2_5_vl") return {};
  const area = 28 * 28;
  return {
    IMAGE_MIN_TOKEN_NUM: String(plan.pixels.min / area),
    IMAGE_MAX_TOKEN_NUM: String(plan.pixels.max / area),
  };
}
