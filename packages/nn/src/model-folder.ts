import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type Checkpoint,
  openCheckpoint,
  type SafeTensor,
  type TensorEntry,
  type TensorSource,
  writeCheckpoint,
} from "@mede2/safetensors";
import { writeFolderAtomically } from "./atomic-folder.ts";
import { assertCheckpoint, checkCheckpoint } from "./families/checkpoint-keys.ts";
import type { Dtype } from "./families/decoder/config.ts";
import {
  modelKeys,
  nameFromFile,
  nameInFile,
  readModelConfig,
  writeModelConfig,
} from "./families/families.ts";
import type { ModelConfig } from "./families/model-config.ts";
import { NnFault } from "./fault.ts";
import { loadProcessor, type Processor } from "./processor.ts";

export type ModelFolder = {
  readonly folder: string;
  readonly config: ModelConfig;
  /** Names of parameters, in the order of `modelKeys`; stored under the names of either layout. */
  readonly keys: readonly string[];
  readonly checkpoint: Checkpoint;
  /** Name of a published key inside the file. */
  storedName(key: string): string;
  /** File and byte range of a tensor, for external data that points into it. */
  entry(key: string): TensorEntry & { readonly path: string };
  /** Reads one tensor from the disk. */
  tensor(key: string): SafeTensor;
  /** Tokenizer, chat template and image processor; read when asked for. */
  processor(): Promise<Processor>;
};

/**
 * Opens a Hugging Face folder of a model of any family here. Only headers are read. Every tensor must be there with the shape
 * that config.json asks for, under published or transformers-v5 names.
 *
 * @throws NnFault `checkpoint-mismatch` | `config-unsupported` | `field-missing` | `field-wrong` | `file-unreadable`
 */
export async function openModelFolder(folder: string): Promise<ModelFolder> {
  const path = join(folder, "config.json");
  const config = readModelConfig(await readJson(path), path);
  const checkpoint = openCheckpoint(folder);
  const stored = new Map([...checkpoint.entries].map(([name]) => [nameFromFile(name), name]));
  assertCheckpoint(checkCheckpoint(shapes(checkpoint), config), folder);
  const storedName = (key: string): string =>
    stored.get(key) ??
    fail(
      "tensor-missing",
      `${folder} holds no tensor "${key}" (tied embeddings have no lm_head.weight of their own)`,
    );
  return {
    folder,
    config,
    keys: [...modelKeys(config).keys()],
    checkpoint,
    storedName,
    entry: (key) => {
      const name = storedName(key);
      const file = checkpoint.fileOf(name);
      return { ...(file.entries.get(name) as TensorEntry), path: file.path };
    },
    tensor: (key) => ({ ...checkpoint.tensor(storedName(key)), name: key }),
    processor: () => loadProcessor(folder),
  };
}

export type WriteModelFolderOptions = {
  readonly config: ModelConfig;
  /** One for each published key; `data` may be a function, so that a large model is streamed. */
  readonly tensors: Iterable<TensorSource>;
  /** Model folder whose tokenizer, template and processor files are copied. */
  readonly copyFrom?: string;
  /** Further files by name, which win over copied ones. */
  readonly files?: { readonly [name: string]: string | Uint8Array };
  /**
   * Names inside the weight files. `published` is read by everything; `v5` (`model.language_model.*`) is for a base that
   * an engine on transformers v5 will fine-tune in full, since v5 resumes published names from the wrong weights.
   */
  readonly names?: "published" | "v5";
  readonly maxShardBytes?: number;
  readonly replace?: boolean;
};

export type WrittenModel = {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: { readonly [file: string]: string };
};

const COPIED = [
  "tokenizer.json",
  "tokenizer_config.json",
  "vocab.json",
  "merges.txt",
  "special_tokens_map.json",
  "added_tokens.json",
  "chat_template.jinja",
  "chat_template.json",
  "preprocessor_config.json",
  "processor_config.json",
  "video_preprocessor_config.json",
  "generation_config.json",
] as const;

const STORED: { readonly [dtype in Dtype]: string } = { float32: "F32", float16: "F16", bfloat16: "BF16" };

/**
 * Writes a folder that transformers, vLLM, TRL and ms-swift open: config.json in the published layout, weights, and the
 * processor's files. It appears whole or not at all.
 *
 * @throws NnFault `checkpoint-mismatch` | `dtype-mismatch` | `folder-exists`
 */
export async function writeModelFolder(
  folder: string,
  options: WriteModelFolderOptions,
): Promise<WrittenModel> {
  const { config, copyFrom, files = {}, names = "published" } = options;
  const tensors = [...options.tensors];
  assertCheckpoint(
    checkCheckpoint(
      tensors.map((t) => [t.name, t.shape] as const),
      config,
    ),
    folder,
  );
  for (const { name, dtype } of tensors) {
    if (dtype !== STORED[config.dtype]) {
      fail(
        "dtype-mismatch",
        `${folder}: ${name} is ${dtype}, but the config says ${config.dtype}; convert one of them`,
      );
    }
  }
  const renamed = tensors.map((t) => ({
    ...t,
    name: nameInFile(nameFromFile(t.name), config, names),
  }));
  let written: Awaited<ReturnType<typeof writeCheckpoint>> = [];
  await writeFolderAtomically(
    folder,
    async (temporary) => {
      const { maxShardBytes } = options;
      written = await writeCheckpoint(
        temporary,
        renamed,
        maxShardBytes === undefined ? {} : { maxShardBytes },
      );
      if (copyFrom !== undefined) for (const name of COPIED) await copyIfThere(copyFrom, temporary, name);
      const own = {
        "config.json": json(writeModelConfig(config)),
        ...(copyFrom === undefined ? { "generation_config.json": json(generationConfig(config)) } : {}),
        ...files,
      };
      for (const [name, content] of Object.entries(own))
        await writeFile(join(temporary, plainName(name)), content);
    },
    options,
  );
  return {
    path: folder,
    bytes: written.reduce((sum, file) => sum + file.bytes, 0),
    sha256: Object.fromEntries(written.map((file) => [file.path.split(/[\\/]/).at(-1) ?? "", file.sha256])),
  };
}

function generationConfig({ tokens }: ModelConfig): object {
  return {
    ...(tokens.bos === undefined ? {} : { bos_token_id: tokens.bos }),
    ...(tokens.pad === undefined ? {} : { pad_token_id: tokens.pad }),
    ...(tokens.eos === undefined ? {} : { eos_token_id: tokens.eos }),
    do_sample: false,
  };
}

function* shapes(checkpoint: Checkpoint): Generator<readonly [string, readonly number[]]> {
  for (const [name, { shape }] of checkpoint.entries) yield [name, shape];
}

async function copyIfThere(from: string, to: string, name: string): Promise<void> {
  try {
    await copyFile(join(from, name), join(to, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

function plainName(name: string): string {
  return /^[\w][\w.-]*$/.test(name)
    ? name
    : fail("file-name", `"${name}" is not a plain file name inside a model folder`);
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

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function fail(code: string, message: string): never {
  throw new NnFault(code, message);
}
