import { extractAnswer, segmentTrace } from "@mede2/answers";
import { type Demonstration, type Passage, sha256Hex, type Trace, withId } from "@mede2/schemas";
import { orderOptions } from "../importers/option-order.ts";
import { randomStream } from "../ward/images/random.ts";
import { checkFilmTrace } from "./check-film-trace.ts";
import { type FilmCase, filmCase } from "./film-case.ts";
import { filmChain } from "./film-chain.ts";
import { type FilmPart, filmAnswers, filmOptions, filmRules } from "./film-findings.ts";

export interface FilmDemonstrationOptions {
  count: number;
  /** Cases `seed`, `seed` + 1, … are drawn; another seed far enough away gives other cases. Default 0. */
  seed?: number;
  /** The stream that cases come from, and their split. Default "train". No other split shares a description with it. */
  split?: string;
  /** Default "pneumonia": normal or pneumonia. */
  part?: FilmPart;
  /** What stands in the box: the answer's name (default; small models learn it sooner) or the option's label. */
  boxed?: "name" | "label";
  /** Shares of chains without the alternative and without the check. Default 0 and 0. */
  omit?: { alternative?: number; check?: number };
}

const SOURCE = "film-words";
const REVISION = "1";
const LICENCE = "Apache-2.0";

/** Text-only demonstrations on described chest films: descriptions that differ, chains that pass `checkFilmTrace`. */
export function* filmDemonstrations(options: FilmDemonstrationOptions): Generator<Demonstration> {
  const { count, seed = 0, split = "train", part = "pneumonia" } = options;
  const seen = new Set<string>();
  for (let number = seed; seen.size < count; number++) {
    if (number - seed > 20 * count + 1000)
      throw new RangeError(`There are not ${count} different descriptions to be drawn from seed ${seed}.`);
    const film = filmCase(number, split, part);
    if (isHeldOut(film.description) === (split === "train") || seen.has(film.description)) continue;
    seen.add(film.description);
    yield demonstration(film, number, { ...options, split, part });
  }
}

/** One description in five belongs to the splits that are not "train", and only to them, whatever the seed. */
const isHeldOut = (description: string): boolean =>
  Number.parseInt(sha256Hex(description).slice(0, 8), 16) % 5 === 0;

function demonstration(
  film: FilmCase,
  number: number,
  { split, part, boxed = "name", omit = {} }: FilmDemonstrationOptions & { split: string; part: FilmPart },
): Demonstration {
  const answer = filmAnswers[film.finding][part]!;
  const id = `${SOURCE}:${part}/${split}/${number}`;
  const { options, labels } = orderOptions(id, filmOptions[part], [filmOptions[part].indexOf(answer)]);
  const stem = `A frontal chest radiograph is described. ${film.description} ${question[part]}`;
  const random = randomStream(number, `radiology/${split}/${part}/chain`);
  const lacks = { alternative: random.chance(omit.alternative ?? 0), check: random.chance(omit.check ?? 0) };
  const text = filmChain(film, part, boxed === "name" ? answer : labels[0]!, random, lacks);
  const checked = checkFilmTrace(text, { label: answer, finding: film.finding, options });
  return withId({
    record: "demonstration",
    v: 1,
    question: {
      record: "question",
      v: 1,
      id,
      source: SOURCE,
      revision: REVISION,
      split,
      stem,
      options,
      gold: { labels },
      images: [],
      findings: film.description,
      facts: { finding: film.finding, label: answer, ...(film.lobe ? { lobe: film.lobe.name } : {}) },
      group: { case: id },
      tags: {
        modality: "x-ray",
        specialty: "radiology",
        task: "classification",
        type: "closed",
        language: "en",
      },
      licence: LICENCE,
    },
    trace: trace(id, stem, options, text),
    orchestration: { name: "film-chain", version: REVISION },
    checks: checked.checks,
  } as const satisfies Omit<Demonstration, "id">);
}

const question: Record<FilmPart, string> = {
  pneumonia: "What does it show?",
  cause: "What does it most likely show?",
};

function trace(questionId: string, stem: string, options: readonly string[], text: string): Trace {
  return withId({
    record: "trace",
    v: 1,
    questionId,
    by: { kind: "template", name: "film-chain" },
    stage: null,
    images: "none",
    imageHashes: [],
    promptHash: sha256Hex([stem, ...options].join("\n")),
    sample: null,
    text,
    ...segmentTrace(text),
    answer: extractAnswer(text, { options }),
    finish: "stop",
    // No tokenizer has seen it.
    tokens: { prompt: 0, completion: 0 },
  } as const satisfies Omit<Trace, "id">);
}

/** The rules of reading a film, one a passage, for pretraining. */
export function filmPassages(): Passage[] {
  return Object.values(filmRules).map((text) =>
    withId({
      record: "passage",
      v: 1,
      source: SOURCE,
      split: "train",
      text,
      images: [],
      licence: LICENCE,
    } as const),
  );
}
