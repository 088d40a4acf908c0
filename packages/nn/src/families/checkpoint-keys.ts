import { NnFault } from "../fault.ts";
import { modelKeys, nameFromFile, nameInFile } from "./families.ts";
import type { ModelConfig } from "./model-config.ts";

const PEFT_PREFIX = "base_model.model.";

/** A LoRA factor: A, B, or with DoRA the row lengths. */
export type PeftFactor = "A" | "B" | "magnitude_vector";

/**
 * Key of a LoRA factor in a PEFT file: `model.layers.0.self_attn.q_proj`, `A` →
 * `base_model.model.model.language_model.layers.0.self_attn.q_proj.lora_A.weight`.
 * Shapes there: A is [rank, in], B is [out, rank].
 */
export function peftKey(module: string, factor: PeftFactor, config: ModelConfig): string {
  const end = factor === "magnitude_vector" ? "" : ".weight";
  return `${PEFT_PREFIX}${nameInFile(module, config, "v5")}.lora_${factor}${end}`;
}

/** Inverse of `peftKey`; also reads files made over the published module names and with an adapter name inside. */
export function fromPeftKey(key: string): { readonly module: string; readonly factor: PeftFactor } {
  const match =
    /^base_model\.model\.(.+)\.lora_([AB])(?:\.[^.]+)?\.weight$/.exec(key) ??
    /^base_model\.model\.(.+)\.lora_(magnitude_vector)(?:(?:\.[^.]+)?\.weight)?$/.exec(key);
  const [, module, factor] = match ?? [];
  if (module === undefined || (factor !== "A" && factor !== "B" && factor !== "magnitude_vector")) {
    throw new NnFault(
      "adapter-key-unknown",
      `"${key}" is not a LoRA weight (base_model.model.MODULE.lora_A|lora_B.weight); ` +
        "embeddings and modules_to_save are not supported: merge such an adapter in PEFT first",
    );
  }
  return { module: nameFromFile(module), factor };
}

/** What a checkpoint lacks, has too much of, or has in another shape. Names are published keys. */
export type CheckpointFindings = {
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
  readonly wrong: readonly {
    readonly key: string;
    readonly expected: readonly number[];
    readonly found: readonly number[];
  }[];
};

/**
 * Compares a checkpoint's keys (in either layout) and shapes with what the config asks for. A stored `lm_head.weight`
 * beside tied embeddings is allowed, as in transformers, which ignores it.
 */
export function checkCheckpoint(
  found: Iterable<readonly [key: string, shape: readonly number[]]>,
  config: ModelConfig,
): CheckpointFindings {
  const expected = modelKeys(config);
  const seen = new Set<string>();
  const unexpected: string[] = [];
  const wrong: { key: string; expected: readonly number[]; found: readonly number[] }[] = [];
  for (const [raw, shape] of found) {
    const key = nameFromFile(raw);
    const want = expected.get(key);
    if (want === undefined) {
      if (key !== "lm_head.weight") unexpected.push(key);
      continue;
    }
    if (seen.has(key)) unexpected.push(`${raw} (a second time)`);
    seen.add(key);
    if (want.length !== shape.length || want.some((size, axis) => size !== shape[axis])) {
      wrong.push({ key, expected: want, found: shape });
    }
  }
  return { missing: [...expected.keys()].filter((key) => !seen.has(key)), unexpected, wrong };
}

/** @throws NnFault `checkpoint-mismatch` with up to five names of each kind */
export function assertCheckpoint(findings: CheckpointFindings, where: string): void {
  const { missing, unexpected, wrong } = findings;
  if (missing.length + unexpected.length + wrong.length === 0) return;
  const list = (label: string, names: readonly string[]): string[] =>
    names.length === 0
      ? []
      : [`${names.length} ${label}: ${names.slice(0, 5).join(", ")}${names.length > 5 ? ", …" : ""}`];
  throw new NnFault(
    "checkpoint-mismatch",
    `${where} does not hold the model that config.json describes. ${[
      ...list("missing", missing),
      ...list("unexpected", unexpected),
      ...list(
        "of the wrong shape",
        wrong.map((w) => `${w.key} is [${w.found}], config.json asks for [${w.expected}]`),
      ),
    ].join(". ")}.`,
  );
}
