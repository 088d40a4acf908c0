import type { Loss } from "@mede2/schemas";
import { plannedObjective } from "@mede2/trainer";
import type { Finding } from "../finding.ts";

/** A preference loss in the words of an engine of the TRL family. */
export type EngineLoss = {
  readonly terms: readonly { readonly name: string; readonly weight: number }[];
  readonly labelSmoothing?: number;
  /** Weight of the negative log-likelihood of the chosen answer beside a single term. */
  readonly nllWeight?: number;
};

const single: Readonly<Record<string, string>> = {
  dpo: "sigmoid",
  hinge: "hinge",
  "apo-zero": "apo_zero",
  "bco-pair": "bco_pair",
  ipo: "ipo",
};

/** The loss by the terms that TRL and ms-swift know; undefined for one that they compute in another way than we do. */
export function engineLoss(loss: Loss): EngineLoss | undefined {
  if (loss.name !== "mpo" && single[loss.name] === undefined) return undefined;
  const { nllWeight } = plannedObjective(loss);
  if (loss.name === "mpo") {
    const { preference = 0.8, quality = 0.2 } = loss.weights ?? {};
    return {
      terms: [
        { name: "sigmoid", weight: preference },
        { name: "bco_pair", weight: quality },
        { name: "sft", weight: nllWeight },
      ],
    };
  }
  const name = single[loss.name]!;
  const smoothing = loss.labelSmoothing ?? 0;
  return {
    terms: [{ name: loss.robust === true && loss.name === "dpo" ? "robust" : name, weight: 1 }],
    ...(smoothing > 0 ? { labelSmoothing: smoothing } : {}),
    ...(nllWeight > 0 ? { nllWeight } : {}),
  };
}

/** Settings of a loss that no outside engine honours, and what is computed otherwise there. */
export function lossFindings(loss: Loss, engine: "ms-swift" | "llama-factory" | "trl"): Finding[] {
  const findings: Finding[] = [];
  const error = (message: string, next: string) =>
    void findings.push({ level: "error", code: "loss", message, next });
  const embedded = "train it with the embedded engine";
  const honoured = new Set([
    "name",
    "beta",
    "betaEnd",
    "normalised",
    "labelSmoothing",
    "robust",
    "nllWeight",
    "weights",
  ]);
  for (const name of Object.keys(loss))
    if (!honoured.has(name)) error(`${engine} is not given the loss setting ${name}`, embedded);
  if (loss.betaEnd !== undefined) error(`${engine} keeps beta as it is; the plan lets it go`, embedded);
  if (loss.normalised === true)
    error(`${engine} has no log-ratios per token for ${loss.name} (loss.normalised)`, embedded);
  if (engineLoss(loss) === undefined && loss.name !== "cross-entropy")
    error(`${engine} is not given the loss ${loss.name}: it would compute another one`, embedded);
  if (loss.name === "ipo" && engine === "ms-swift")
    error("ms-swift 4.5.2 crashes with the loss ipo (shapes that do not fit)", "use dpo, or trl");
  if (loss.name === "ipo" && engine === "llama-factory")
    error("the ipo of LLaMA-Factory was not compared with ours", "use dpo, or trl");
  if ((loss.name === "bco-pair" || loss.name === "mpo") && engine !== "trl")
    findings.push({
      level: "info",
      code: "bco-delta",
      message: `${engine} shifts the rewards of bco-pair by their running mean; the embedded engine and TRL do not`,
    });
  if (engine === "llama-factory" && ["apo-zero", "bco-pair"].includes(loss.name))
    error(`LLaMA-Factory has no loss ${loss.name} alone`, "use dpo or mpo, or ms-swift");
  if (loss.robust === true && engine === "llama-factory")
    error("LLaMA-Factory has no robust label smoothing", "leave loss.robust out, or use ms-swift");
  return findings;
}
