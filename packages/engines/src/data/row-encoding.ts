import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { loadProcessor, type ModelConfig, type Processor, readModelConfig } from "@mede2/nn";
import {
  demonstrationExample,
  type Example,
  pairExample,
  type RecordEncoder,
  supervisedCount,
} from "@mede2/trainer";
import { isPair, type PlanRow } from "./plan-rows.ts";

/** A row as the model reads it: one sequence, or the two of a pair. */
export type EncodedRow =
  | { readonly chosen: Example; readonly rejected?: undefined }
  | { readonly chosen: Example; readonly rejected: Example };

/** The part of a model folder that reads text and pictures: no weights are needed. */
export type ModelSide = { readonly config: ModelConfig; readonly processor: Processor };

export async function openModelSide(folder: string): Promise<ModelSide> {
  const file = join(folder, "config.json");
  const config = readModelConfig(JSON.parse(await readFile(file, "utf8")), file);
  return { config, processor: await loadProcessor(folder) };
}

/** Tokens, labels and pictures of a row, by our own tokenizer and template. Throws a TrainerError with file and line. */
export function encodeRow(encoder: RecordEncoder, { record, style, place }: PlanRow): EncodedRow {
  if (!isPair(record)) return { chosen: demonstrationExample(encoder, record, style, place) };
  const { chosen, rejected } = pairExample(encoder, record, style, place);
  return { chosen, rejected };
}

/** Length of the longer sequence of a row. */
export function rowLength({ chosen, rejected }: EncodedRow): number {
  return Math.max(chosen.tokens.length, rejected?.tokens.length ?? 0);
}

/** Tokens of all sequences of a row, and those of them that are learnt. */
export function rowTokens({ chosen, rejected }: EncodedRow): { tokens: number; supervised: number } {
  const all = rejected === undefined ? [chosen] : [chosen, rejected];
  return {
    tokens: all.reduce((sum, { tokens }) => sum + tokens.length, 0),
    supervised: all.reduce((sum, each) => sum + supervisedCount(each), 0),
  };
}
