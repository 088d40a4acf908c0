// R rank · I inputs · O outputs of a linear layer
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readSafetensors, type SafeTensor, type TensorSource, writeSafetensors } from "@mede2/safetensors";
import { writeFolderAtomically } from "./atomic-folder.ts";
import { fromPeftKey, peftKey } from "./families/checkpoint-keys.ts";
import { modelKeys, nameInFile } from "./families/families.ts";
import type { ModelConfig } from "./families/model-config.ts";
import { NnFault } from "./fault.ts";
import { type FieldReader, fieldReader } from "./json-fields.ts";
import type { LoraSettings } from "./lora/apply-lora.ts";

export type PeftFolder = {
  /** Rank, alpha and the modules, as `applyLora` takes them. */
  readonly lora: LoraSettings;
  readonly dropout: number;
  /** `base_model_name_or_path`: what the adapter belongs to; empty when the file does not say. */
  readonly baseModel: string;
  /** Published module name (`model.layers.0.self_attn.q_proj`) → its factors A [R, I] and B [O, R]. */
  readonly modules: ReadonlyMap<string, PeftFactors<SafeTensor>>;
};

/** Factors A [R, I] and B [O, R] of a module, and with DoRA the row lengths [O]. */
export type PeftFactors<T> = { readonly a: T; readonly b: T; readonly magnitude?: T };

/**
 * Reads a PEFT LoRA folder (`adapter_config.json`, `adapter_model.safetensors`). Variants that this package would
 * compute wrongly (biases, modules_to_save, rank or alpha by pattern, a base that was changed at the start, …) are errors.
 *
 * @throws NnFault `adapter-unsupported` | `adapter-broken` | `adapter-key-unknown` | `file-unreadable`
 */
export async function readPeftFolder(folder: string): Promise<PeftFolder> {
  const path = join(folder, "adapter_config.json");
  const settings = readSettings(fieldReader(await readJson(path), path));
  const file = readSafetensors(join(folder, "adapter_model.safetensors"));
  const found = new Map<string, Partial<PeftFactors<SafeTensor>>>();
  const names = { A: "a", B: "b", magnitude_vector: "magnitude" } as const;
  for (const key of file.entries.keys()) {
    const { module, factor } = fromPeftKey(key);
    found.set(module, { ...found.get(module), [names[factor]]: file.tensor(key) });
  }
  const modules = new Map<string, PeftFactors<SafeTensor>>();
  for (const [module, { a, b, magnitude }] of found) {
    if (a === undefined || b === undefined)
      throw broken(folder, `${module} has only one of lora_A and lora_B`);
    if (
      a.shape.length !== 2 ||
      b.shape.length !== 2 ||
      a.shape[0] !== settings.rank ||
      b.shape[1] !== settings.rank
    ) {
      throw broken(folder, `${module}: A is [${a.shape}], B is [${b.shape}], r is ${settings.rank}`);
    }
    if ((magnitude !== undefined) !== settings.dora)
      throw broken(
        folder,
        `${module}: use_dora is ${settings.dora}, row lengths are ${magnitude ? "there" : "missing"}`,
      );
    if (magnitude !== undefined && (magnitude.shape.length !== 1 || magnitude.shape[0] !== b.shape[0]))
      throw broken(folder, `${module}: B is [${b.shape}], the row lengths are [${magnitude.shape}]`);
    modules.set(module, { a, b, ...(magnitude === undefined ? {} : { magnitude }) });
  }
  if (modules.size === 0) throw broken(folder, "the file holds no LoRA weights");
  const { rank, alpha, rs, dora, dropout, baseModel } = settings;
  const lora = { rank, alpha, rs, ...(dora ? { dora } : {}), targets: [...modules.keys()] };
  return { lora, dropout, baseModel, modules };
}

/**
 * An adapter whose keys match nothing would leave the base model unchanged without a word: every module must be a
 * linear layer of this model, of the right size.
 *
 * @throws NnFault `adapter-mismatch`
 */
export function assertAdapterFits(adapter: Pick<PeftFolder, "modules">, config: ModelConfig): void {
  const keys = modelKeys(config);
  const problems = [...adapter.modules].flatMap(([module, { a, b }]) => {
    const shape = keys.get(`${module}.weight`);
    if (shape !== undefined && shape.length === 2 && shape[0] === b.shape[0] && shape[1] === a.shape[1])
      return [];
    const has = shape === undefined ? "none" : `[${shape}]`;
    return [`${module} needs a weight [${b.shape[0]},${a.shape[1]}], the model has ${has}`];
  });
  if (problems.length === 0) return;
  throw new NnFault(
    "adapter-mismatch",
    `the adapter belongs to another model: ${problems.slice(0, 3).join("; ")}${problems.length > 3 ? "; …" : ""}`,
  );
}

type AdapterConfig = Omit<Required<LoraSettings>, "targets"> & Pick<PeftFolder, "dropout" | "baseModel">;

function readSettings(from: FieldReader): AdapterConfig {
  const only = (key: string, ok: boolean): void => {
    if (ok) return;
    throw new NnFault(
      "adapter-unsupported",
      `${from.file}: ${key} = ${JSON.stringify(from.raw(key))} is not supported; merge this adapter in PEFT first`,
    );
  };
  only("peft_type", from.string("peft_type") === "LORA");
  only("bias", from.string("bias", "none") === "none");
  for (const key of ["use_qalora", "use_bdlora", "lora_bias", "fan_in_fan_out"])
    only(key, !from.boolean(key, false));
  for (const key of [
    "modules_to_save",
    "rank_pattern",
    "alpha_pattern",
    "target_parameters",
    "trainable_token_indices",
    "layer_replication",
    "alora_invocation_tokens",
    ...["arrow_config", "kasa_config", "monteclora_config", "velora_config"],
  ]) {
    only(key, isEmpty(from.raw(key)));
  }
  only("init_lora_weights", keepsBase.includes(from.raw("init_lora_weights")));
  const rank = from.integer("r");
  return {
    rank,
    alpha: from.number("lora_alpha"),
    rs: from.boolean("use_rslora", false),
    dora: from.boolean("use_dora", false),
    dropout: from.number("lora_dropout", 0),
    baseModel: from.string("base_model_name_or_path", ""),
  };
}

/** Ways to begin that leave the base as it is. PiSSA, OLoRA, CorDA, LoftQ and their like take a part out of it, and their factors belong to what is left. */
const keepsBase: readonly unknown[] = [undefined, null, true, false, "gaussian", "eva", "orthogonal"];

function isEmpty(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === false ||
    (typeof value === "object" && Object.keys(value).length === 0)
  );
}

export type LoraFactor = Pick<TensorSource, "dtype" | "shape" | "data">;

/**
 * Writes a PEFT folder for transformers v5 module paths; it appears whole or not at all. `target_modules` lists every
 * module by its full path: short names such as `up_proj` would also match the vision tower.
 */
export async function writePeftFolder(
  folder: string,
  adapter: {
    readonly lora: Pick<LoraSettings, "rank" | "alpha" | "rs" | "dora">;
    readonly dropout?: number;
    readonly baseModel: string;
    /** The base's config, whose family names the modules. */
    readonly config: ModelConfig;
    readonly modules: Iterable<readonly [module: string, factors: PeftFactors<LoraFactor>]>;
    readonly replace?: boolean;
  },
): Promise<{ readonly path: string; readonly bytes: number; readonly sha256: string }> {
  const { lora, dropout = 0, baseModel, config: base } = adapter;
  const modules = [...adapter.modules];
  for (const [module, { a, b, magnitude }] of modules) {
    if ((magnitude !== undefined) !== (lora.dora ?? false))
      throw broken(folder, `${module}: row lengths go with dora, and only with it`);
    if (a.shape[0] !== lora.rank || b.shape[1] !== lora.rank) {
      throw broken(folder, `${module}: A is [${a.shape}], B is [${b.shape}], but the rank is ${lora.rank}`);
    }
  }
  const tensors = modules.flatMap(([module, { a, b, magnitude }]): TensorSource[] => [
    { name: peftKey(module, "A", base), dtype: a.dtype, shape: a.shape, data: a.data },
    { name: peftKey(module, "B", base), dtype: b.dtype, shape: b.shape, data: b.data },
    ...(magnitude === undefined
      ? []
      : [
          {
            name: peftKey(module, "magnitude_vector", base),
            ...{ dtype: magnitude.dtype, shape: magnitude.shape, data: magnitude.data },
          },
        ]),
  ]);
  const config = {
    base_model_name_or_path: baseModel,
    bias: "none",
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    lora_alpha: lora.alpha,
    lora_dropout: dropout,
    modules_to_save: null,
    peft_type: "LORA",
    r: lora.rank,
    target_modules: modules.map(([module]) => nameInFile(module, base, "v5")),
    task_type: "CAUSAL_LM",
    use_dora: lora.dora ?? false,
    use_rslora: lora.rs ?? false,
  };
  let written = { path: "", bytes: 0, sha256: "" };
  await writeFolderAtomically(
    folder,
    async (temporary) => {
      written = await writeSafetensors(join(temporary, "adapter_model.safetensors"), tensors, {
        metadata: { format: "pt" },
      });
      await writeFile(join(temporary, "adapter_config.json"), `${JSON.stringify(config, null, 2)}\n`);
    },
    adapter,
  );
  return { path: folder, bytes: written.bytes, sha256: written.sha256 };
}

function broken(folder: string, what: string): NnFault {
  return new NnFault(
    "adapter-broken",
    `${folder}: ${what}; the adapter is damaged or its config is of another one`,
  );
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new NnFault("file-unreadable", `${path} cannot be read as JSON: ${(cause as Error).message}`, {
      cause,
    });
  }
}
