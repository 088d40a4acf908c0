import { NnFault } from "../../fault.ts";
import type { Qwen25VlConfig } from "./config.ts";

/** Every tensor of a checkpoint: published key → shape, in a fixed order. Linear weights are [out, in]. */
export function qwen25VlKeys(config: Qwen25VlConfig): ReadonlyMap<string, readonly number[]> {
  const keys = new Map<string, readonly number[]>();
  const { text, vision } = config;
  const linear = (key: string, out: number, into: number, bias: boolean): void => {
    keys.set(`${key}.weight`, [out, into]);
    if (bias) keys.set(`${key}.bias`, [out]);
  };
  const v = vision.hiddenSize;
  keys.set("visual.patch_embed.proj.weight", [
    v,
    vision.inChannels,
    vision.temporalPatchSize,
    vision.patchSize,
    vision.patchSize,
  ]);
  for (let block = 0; block < vision.depth; block++) {
    const at = `visual.blocks.${block}`;
    keys.set(`${at}.norm1.weight`, [v]);
    keys.set(`${at}.norm2.weight`, [v]);
    linear(`${at}.attn.qkv`, 3 * v, v, true);
    linear(`${at}.attn.proj`, v, v, true);
    linear(`${at}.mlp.gate_proj`, vision.intermediate, v, true);
    linear(`${at}.mlp.up_proj`, vision.intermediate, v, true);
    linear(`${at}.mlp.down_proj`, v, vision.intermediate, true);
  }
  const merged = v * vision.spatialMerge ** 2;
  keys.set("visual.merger.ln_q.weight", [v]);
  linear("visual.merger.mlp.0", merged, merged, true);
  linear("visual.merger.mlp.2", vision.outHiddenSize, merged, true);

  const d = text.hiddenSize;
  keys.set("model.embed_tokens.weight", [text.vocab, d]);
  for (let layer = 0; layer < text.layers; layer++) {
    const at = `model.layers.${layer}`;
    keys.set(`${at}.input_layernorm.weight`, [d]);
    keys.set(`${at}.post_attention_layernorm.weight`, [d]);
    linear(`${at}.self_attn.q_proj`, text.heads * text.headDim, d, true);
    linear(`${at}.self_attn.k_proj`, text.kvHeads * text.headDim, d, true);
    linear(`${at}.self_attn.v_proj`, text.kvHeads * text.headDim, d, true);
    linear(`${at}.self_attn.o_proj`, d, text.heads * text.headDim, false);
    linear(`${at}.mlp.gate_proj`, text.intermediate, d, false);
    linear(`${at}.mlp.up_proj`, text.intermediate, d, false);
    linear(`${at}.mlp.down_proj`, d, text.intermediate, false);
  }
  keys.set("model.norm.weight", [d]);
  if (!text.tieWordEmbeddings) keys.set("lm_head.weight", [text.vocab, d]);
  return keys;
}

/** Published key → the key inside transformers v5 (`model.visual.*`, `model.language_model.*`); also for module names. */
export function renameToV5(key: string): string {
  if (key.startsWith("visual.")) return `model.${key}`;
  if (key.startsWith("model.")) return `model.language_model.${key.slice("model.".length)}`;
  return key;
}

/** Inverse of `renameToV5`; a published key passes unchanged, so that folders in either layout can be read. */
export function renameFromV5(key: string): string {
  if (key.startsWith("model.visual.")) return key.slice("model.".length);
  if (key.startsWith("model.language_model.")) return `model.${key.slice("model.language_model.".length)}`;
  return key;
}

const PEFT_PREFIX = "base_model.model.";

/**
 * Key of a LoRA factor in a PEFT file: `model.layers.0.self_attn.q_proj`, `A` →
 * `base_model.model.model.language_model.layers.0.self_attn.q_proj.lora_A.weight`.
 * Shapes there: A is [rank, in], B is [out, rank].
 */
export function peftKey(module: string, factor: "A" | "B"): string {
  return `${PEFT_PREFIX}${renameToV5(module)}.lora_${factor}.weight`;
}

/** Inverse of `peftKey`; also reads files made over the published module names and with an adapter name inside. */
export function fromPeftKey(key: string): { readonly module: string; readonly factor: "A" | "B" } {
  const match = /^base_model\.model\.(.+)\.lora_([AB])(?:\.[^.]+)?\.weight$/.exec(key);
  const [, module, factor] = match ?? [];
  if (module === undefined || (factor !== "A" && factor !== "B")) {
    throw new NnFault(
      "adapter-key-unknown",
      `"${key}" is not a LoRA weight (base_model.model.MODULE.lora_A|lora_B.weight); ` +
        "DoRA, embeddings and modules_to_save are not supported: merge such an adapter in PEFT first",
    );
  }
  return { module: renameFromV5(module), factor };
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
  config: Qwen25VlConfig,
): CheckpointFindings {
  const expected = qwen25VlKeys(config);
  const seen = new Set<string>();
  const unexpected: string[] = [];
  const wrong: { key: string; expected: readonly number[]; found: readonly number[] }[] = [];
  for (const [raw, shape] of found) {
    const key = renameFromV5(raw);
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
