import type { ImageStore } from "@mede2/images";
import { readLines } from "@mede2/schemas";
import { contaminationFilter } from "../audit/contamination-filter.ts";
import { absoluteWords } from "../filters/absolute-words.ts";
import { answerPositions } from "../filters/answer-position.ts";
import { exactDuplicates } from "../filters/exact-duplicates.ts";
import type { Filter } from "../filters/filter.ts";
import { imageNeeded } from "../filters/image-needed.ts";
import { languages } from "../filters/language.ts";
import { lengthGaps } from "../filters/length-gap.ts";
import { licences } from "../filters/licence.ts";
import { nearDuplicates } from "../filters/near-duplicates.ts";
import { pictureDuplicates } from "../filters/picture-duplicates.ts";
import { pictureRequired } from "../filters/picture-required.ts";
import { infimed2, stability } from "../filters/stability.ts";
import { readTallies } from "../filters/tally.ts";
import { textInPicture } from "../filters/text-in-picture.ts";
import { type TextMeasure, textLength, wordMeasure } from "../filters/text-length.ts";
import { wordsForPicture } from "../filters/words-for-picture.ts";
import { storeFingerprints } from "../pictures/fingerprint.ts";
import { DataError } from "../records/data-error.ts";
import type { FilterSettings } from "./curate-settings.ts";

/** What filters need of the world. */
export interface FilterWorld {
  /** A path of the plan as an absolute one. */
  resolve(path: string): string;
  store: ImageStore;
  /** For lengths in tokens: the tokenizer of the plan's model. */
  tokens?: TextMeasure;
  seed: number;
}

/** Files that a filter reads, as the plan names them. */
export function filesOf(settings: FilterSettings): string[] {
  if (settings.filter === "stability" || settings.filter === "image-needed") return settings.answers;
  if (settings.filter === "contamination") return settings.against;
  return settings.filter === "text-in-picture" && settings.ocr !== undefined ? [settings.ocr] : [];
}

export async function makeFilter(settings: FilterSettings, world: FilterWorld): Promise<Filter> {
  const fingerprints = () => storeFingerprints(world.store);
  switch (settings.filter) {
    case "picture-required":
      return pictureRequired(world.store.has);
    case "licence":
      return licences(settings.allow);
    case "language":
      return languages(settings.languages);
    case "length":
      return textLength(measureOf(settings.unit, world), settings);
    case "length-gap":
      return lengthGaps(settings);
    case "absolute-words":
      return absoluteWords();
    case "answer-position":
      return answerPositions({ tolerance: settings.tolerance, seed: world.seed });
    case "words-for-picture":
      return wordsForPicture(settings);
    case "text-in-picture":
      return textInPicture(await pictureTexts(settings.ocr, world), settings);
    case "stability": {
      const rule = settings.rule === "infimed2" ? infimed2 : settings.rule;
      const { images, model, routes } = settings;
      const tallies = await readTallies(settings.answers.map(world.resolve));
      return stability(tallies, { rule, images, routes, ...(model === undefined ? {} : { model }) });
    }
    case "image-needed":
      return imageNeeded(await readTallies(settings.answers.map(world.resolve)), settings);
    case "exact-duplicates":
      return exactDuplicates();
    case "near-duplicates":
      return nearDuplicates(settings);
    case "picture-duplicates":
      return pictureDuplicates(fingerprints(), settings);
    case "contamination":
      return contaminationFilter(settings.against.map(world.resolve), {
        kinds: settings.kinds,
        fingerprints: fingerprints(),
      });
  }
}

function measureOf(unit: "words" | "tokens", { tokens }: FilterWorld): TextMeasure {
  if (unit === "words") return wordMeasure;
  if (tokens !== undefined) return tokens;
  throw new DataError(
    "curate-plan",
    "the plan measures length in tokens, but names no model",
    'name a model folder in the plan\'s "model", or use the unit "words"',
  );
}

/** Texts of pictures by sha256, from lines of `{sha256, text}`. */
async function pictureTexts(file: string | undefined, { resolve }: FilterWorld) {
  const texts = new Map<string, string>();
  if (file !== undefined)
    for await (const { text: row, line } of readLines(resolve(file))) {
      if (row.trim() === "") continue;
      const { sha256, text } = parsed(row) as { sha256?: unknown; text?: unknown };
      if (typeof sha256 !== "string" || typeof text !== "string")
        throw new DataError(
          "curate-plan",
          `${file}:${line}: expected {"sha256": …, "text": …}`,
          "write one such object a line for each picture that was read",
        );
      texts.set(sha256, text);
    }
  return ({ sha256 }: { sha256: string }) => texts.get(sha256);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
