/** Checkpoints in the layout of Hugging Face: one `model.safetensors`, or shards with `model.safetensors.index.json`. */
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { TensorEntry } from "./header.ts";
import { SafetensorsError } from "./safetensors-error.ts";
import { openSafetensors, type SafeTensor, type SafetensorsFile } from "./safetensors-file.ts";
import {
  syncFolder,
  type TensorSource,
  tensorBytes,
  type WrittenFile,
  writeSafetensors,
} from "./write-safetensors.ts";

/** All tensors of a model folder by name, whichever file holds them; a tensor's bytes are read when it is asked for. */
export interface Checkpoint {
  readonly folder: string;
  readonly entries: ReadonlyMap<string, TensorEntry>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Files that make up the checkpoint, absolute or as `folder` was given. */
  readonly files: readonly string[];
  has(name: string): boolean;
  /** The file that holds the tensor. */
  fileOf(name: string): SafetensorsFile;
  tensor(name: string): SafeTensor;
}

const singleName = "model.safetensors";
const indexName = "model.safetensors.index.json";

/** Opens the checkpoint in `folder`; only headers are read. Names and shards are checked against the index. */
export function openCheckpoint(folder: string): Checkpoint {
  const single = join(folder, singleName);
  const index = join(folder, indexName);
  if (existsSync(single)) return checkpoint(folder, [openSafetensors(single)]);
  if (!existsSync(index))
    throw new SafetensorsError(
      "SAFETENSORS_NOT_FOUND",
      `${folder} holds neither ${singleName} nor ${indexName}; give the folder of a Hugging Face checkpoint.`,
    );
  const weightMap = readIndex(index);
  const files = new Map(
    [...new Set(weightMap.values())].sort().map((name) => [name, openSafetensors(join(folder, name))]),
  );
  for (const [tensor, file] of weightMap)
    if (!files.get(file)!.entries.has(tensor))
      throw new SafetensorsError(
        "SAFETENSORS_INDEX_INVALID",
        `${index} says that ${JSON.stringify(tensor)} lies in ${file}, which does not hold it.`,
      );
  return checkpoint(folder, [...files.values()]);
}

function checkpoint(folder: string, files: readonly SafetensorsFile[]): Checkpoint {
  const holders = new Map<string, SafetensorsFile>();
  const entries = new Map<string, TensorEntry>();
  for (const file of files)
    for (const [name, entry] of file.entries) {
      if (holders.has(name))
        throw new SafetensorsError(
          "SAFETENSORS_INDEX_INVALID",
          `${folder}: tensor ${JSON.stringify(name)} lies in two shards, ${holders.get(name)!.path} and ${file.path}.`,
        );
      holders.set(name, file);
      entries.set(name, entry);
    }
  const fileOf = (name: string): SafetensorsFile => {
    const file = holders.get(name);
    if (!file)
      throw new SafetensorsError(
        "SAFETENSORS_TENSOR_MISSING",
        `${folder} holds no tensor ${JSON.stringify(name)} among its ${holders.size}.`,
      );
    return file;
  };
  return {
    folder,
    entries,
    metadata: files[0]!.metadata,
    files: files.map((file) => file.path),
    has: (name) => holders.has(name),
    fileOf,
    tensor: (name) => fileOf(name).tensor(name),
  };
}

function readIndex(path: string): Map<string, string> {
  const invalid = (what: string, cause?: unknown): never => {
    throw new SafetensorsError("SAFETENSORS_INDEX_INVALID", `${path}: ${what}`, { cause });
  };
  let root: unknown;
  try {
    root = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    return invalid("not JSON; fetch it again.", cause);
  }
  const map = (root as { weight_map?: unknown } | null)?.weight_map;
  if (typeof map !== "object" || map === null || Object.keys(map).length === 0)
    return invalid("weight_map is missing or empty.");
  for (const [tensor, file] of Object.entries(map))
    if (typeof file !== "string" || !/^[\w][\w.-]*\.safetensors$/.test(file))
      invalid(
        `the shard of ${JSON.stringify(tensor)} must be a plain file name ending in .safetensors, not ${JSON.stringify(file)}.`,
      );
  return new Map(Object.entries(map as Record<string, string>));
}

export type WriteCheckpointOptions = {
  /** A new shard starts when the next tensor would pass this; default 5 GB, as transformers does. */
  maxShardBytes?: number;
  /** Goes into every file; transformers wants `format: "pt"`, the default. */
  metadata?: Readonly<Record<string, string>>;
};

/**
 * Writes `model.safetensors`, or shards and their index when one file would pass `maxShardBytes`. Each file is replaced
 * atomically and the index comes last; files of an older checkpoint that would shadow the new one go afterwards.
 * For a folder that must change as a whole, write to a new folder and rename it.
 */
export async function writeCheckpoint(
  folder: string,
  tensors: Iterable<TensorSource>,
  options: WriteCheckpointOptions = {},
): Promise<WrittenFile[]> {
  const { maxShardBytes = 5e9, metadata = { format: "pt" } } = options;
  const shards: TensorSource[][] = [[]];
  let filled = 0;
  let total = 0;
  for (const tensor of tensors) {
    const bytes = tensorBytes(tensor);
    if (filled > 0 && filled + bytes > maxShardBytes) {
      shards.push([]);
      filled = 0;
    }
    shards.at(-1)!.push(tensor);
    filled += bytes;
    total += bytes;
  }
  const names = shards.map((_, index) =>
    shards.length === 1 ? singleName : `model-${pad(index + 1)}-of-${pad(shards.length)}.safetensors`,
  );
  const written: WrittenFile[] = [];
  for (const [index, shard] of shards.entries())
    written.push(await writeSafetensors(join(folder, names[index]!), shard, { metadata }));
  if (shards.length > 1) {
    const map = shards.flatMap((shard, index) => shard.map(({ name }) => [name, names[index]!] as const));
    await writeText(
      folder,
      indexName,
      `${JSON.stringify({ metadata: { total_size: total }, weight_map: Object.fromEntries(map.sort()) }, null, 2)}\n`,
    );
  }
  const keep = new Set(shards.length > 1 ? [...names, indexName] : names);
  for (const name of await readdir(folder))
    if (/^model(-\d{5}-of-\d{5})?\.safetensors(\.index\.json)?$/.test(name) && !keep.has(name))
      await rm(join(folder, name));
  return written;
}

const pad = (number: number): string => String(number).padStart(5, "0");

async function writeText(folder: string, name: string, text: string): Promise<void> {
  const temporary = join(folder, `.${name}.${randomUUID()}.tmp`);
  const handle = await open(temporary, "wx");
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, join(folder, name));
  await syncFolder(folder);
}
