import { open } from "node:fs/promises";
import { basename } from "node:path";
import { openImageStore } from "@mede2/images";
import { planHash, type Question, type TaskPlan, writeFileAtomic, writeJsonlAtomic } from "@mede2/schemas";
import type { SetCard } from "../cards/set-card.ts";
import { setCardMarkdown } from "../cards/set-card-markdown.ts";
import { judgeBy } from "../filters/run-filters.ts";
import type { TextMeasure } from "../filters/text-length.ts";
import { cardCounter } from "../importers/data-card.ts";
import { DataError } from "../records/data-error.ts";
import { fileSha256 } from "../records/file-sha256.ts";
import { questionOf, readQuestions } from "../records/read-questions.ts";
import { hash53 } from "../text/hash.ts";
import { createHashSet } from "../text/hash-set.ts";
import { candidatePool } from "./candidate-pool.ts";
import { curateSettingsSchema, type FilterSettings } from "./curate-settings.ts";
import { filesOf, makeFilter } from "./make-filters.ts";
import { selectBalanced } from "./select-balanced.ts";

export interface CurateOptions {
  /** A complete plan of kind "curate", as `readCuratePlan` gives it. */
  plan: TaskPlan;
  /** `*.questions.jsonl`; card and plan go beside it. */
  out: string;
  /** Folder of the image store. */
  store: string;
  /** A path of the plan as an absolute one. */
  resolve: (path: string) => string;
  tokens?: TextMeasure;
  progress?: (done: number, pass: string) => void;
}

export interface CurateResult {
  kept: number;
  dropped: Record<string, number>;
  /** The card's JSON file; the same name with `.md` is for people. */
  card: string;
  sha256: string;
}

/**
 * Picks exactly as many cases as the plan says: filters, then an even choice by seed. The data is streamed (once more where a filter looks at the whole set first); of each case that passes the
 * filters some 60 bytes stay in memory. The same plan on the same files gives the same bytes. Throws a DataError when too few pass.
 */
export async function curate(options: CurateOptions): Promise<CurateResult> {
  const { plan, out, resolve, progress = () => {} } = options;
  const settings = curateSettingsSchema.parse(plan.settings ?? {});
  const world = {
    ...{ resolve, seed: plan.seed, store: openImageStore(options.store) },
    ...(options.tokens === undefined ? {} : { tokens: options.tokens }),
  };
  const inputs = await checkedInputs(plan, settings.filters, resolve);
  const filters = [];
  for (const filter of settings.filters) filters.push(await makeFilter(filter, world));
  const files = plan.data.map(({ path }) => resolve(path));

  if (filters.some(({ survey }) => survey !== undefined)) {
    let seen = 0;
    for (const file of files)
      for await (const { question } of readQuestions(file)) {
        for (const { survey } of filters) survey?.(question);
        progress(++seen, "looked at");
      }
  }

  const counter = cardCounter(["read", ...filters.map(({ name }) => name), "selection"]);
  const pool = candidatePool(settings.balance);
  const ids = createHashSet();
  let done = 0;
  for (const [file, path] of files.entries())
    for await (const { question, line, offset, length } of readQuestions(path)) {
      const place = { file: path, line, field: question.id };
      counter.enter("read");
      if (!ids.add(hash53(question.id)))
        counter.drop("read", "duplicate-id", `the id ${question.id} came before`, place);
      else {
        const judged = await judgeBy(filters, question, counter.enter);
        if (judged !== null) counter.drop(judged.filter, judged.reason, judged.detail, place);
        else {
          counter.enter("selection");
          pool.add(question, { file, line, offset, length }, hash53(question.id, plan.seed));
        }
      }
      progress(++done, "judged");
    }

  const wanted = settings.count === "all" ? pool.size : settings.count;
  const chosen = selectBalanced(pool, wanted);
  if (chosen.length < wanted || chosen.length === 0)
    throw tooFew(wanted, chosen.length, pool.size, counter.steps());
  const taken = new Set(chosen);
  for (let at = 0; at < pool.size; at++)
    if (!taken.has(at))
      counter.drop("selection", "not-selected", "enough others for its place", pool.place(at, files));

  async function* questions(): AsyncGenerator<Question> {
    for await (const question of readAt(files, chosen.map(pool.where))) {
      counter.keep(question);
      yield question;
    }
  }
  const written = await writeJsonlAtomic(out, questions());
  const { histograms, ...summary } = counter.summary();
  const card: SetCard = {
    card: 1,
    kind: "curated",
    title: `${basename(out)}: curated cases`,
    plan: planHash(plan),
    seed: plan.seed,
    file: { name: basename(out), ...written },
    inputs,
    rules: [
      ...filters.map(({ name, about }) => ({ name, about })),
      { name: "selection", about: selectionSentence(wanted, settings.balance) },
    ],
    steps: counter.steps(),
    examples: counter.examples(),
    balance: pool.balance(taken),
    ...summary,
    histograms,
    caveats: [...caveats(settings.filters), ...filters.flatMap(({ notes }) => notes?.() ?? [])],
  };
  const beside = out.replace(/\.questions\.jsonl$/, "");
  await writeFileAtomic(`${beside}.card.json`, `${JSON.stringify(card, null, 2)}\n`);
  await writeFileAtomic(`${beside}.card.md`, setCardMarkdown(card));
  await writeFileAtomic(`${beside}.plan.json`, `${JSON.stringify(plan, null, 2)}\n`);
  const dropped: Record<string, number> = {};
  for (const step of card.steps)
    for (const [reason, count] of Object.entries(step.dropped))
      dropped[reason] = (dropped[reason] ?? 0) + count;
  return { kept: written.count, dropped, card: `${beside}.card.json`, sha256: written.sha256 };
}

/** The plan's files with their hashes; a file that has changed since the plan was made is no input of it. */
async function checkedInputs(
  plan: TaskPlan,
  filters: readonly FilterSettings[],
  resolve: (path: string) => string,
): Promise<SetCard["inputs"]> {
  const inputs: SetCard["inputs"] = [];
  for (const { path, sha256 } of plan.data) {
    const found = await fileSha256(resolve(path));
    if (found !== sha256)
      throw new DataError(
        "data-changed",
        `${path} has the sha256 ${found}, and the plan was made for ${sha256}`,
        "restore the file, or take the sha256 out of the plan to accept it as it is",
      );
    inputs.push({ path, sha256, role: "questions" });
  }
  for (const settings of filters)
    for (const path of filesOf(settings))
      inputs.push({ path, sha256: await fileSha256(resolve(path)), role: settings.filter });
  return inputs;
}

async function* readAt(
  files: readonly string[],
  places: readonly { file: number; line: number; offset: number; length: number }[],
): AsyncGenerator<Question> {
  for (const [number, path] of files.entries()) {
    const own = places.filter(({ file }) => file === number);
    if (own.length === 0) continue;
    const handle = await open(path, "r");
    try {
      for (const { line, offset, length } of own) {
        const { buffer } = await handle.read(Buffer.alloc(length), 0, length, offset);
        yield questionOf(buffer.toString("utf8").replace(/^\uFEFF/, ""), { file: path, line });
      }
    } finally {
      await handle.close();
    }
  }
}

function tooFew(wanted: number, possible: number, passed: number, steps: SetCard["steps"]): DataError {
  const reasons = steps.flatMap(({ name, dropped }) =>
    Object.entries(dropped).map(([reason, count]) => `${name}: ${reason} ${count}`),
  );
  const capped =
    possible < passed
      ? ` of ${passed} that pass the filters, the caps for picture, patient or stem allow only ${possible};`
      : "";
  return new DataError(
    "curate-too-few",
    `${wanted} cases are wanted and ${possible} can be had:${capped} dropped were ${reasons.join(", ") || "none"}`,
    "lower the plan's count, loosen the rule that drops most, or add data",
  );
}

function selectionSentence(
  wanted: number,
  {
    axes,
    perPicture,
    perPatient,
    perStem,
  }: {
    axes: readonly string[];
    perPicture?: number | undefined;
    perPatient?: number | undefined;
    perStem?: number | undefined;
  },
): string {
  const caps = Object.entries({ picture: perPicture, patient: perPatient, stem: perStem }).flatMap(
    ([name, most]) => (most === undefined ? [] : [`at most ${most} of one ${name}`]),
  );
  return [`${wanted} cases, as even as can be by ${axes.join(", ") || "nothing"}`, ...caps].join("; ");
}

/** Rules of the method that this plan does not apply: it must not look as if it did. */
function caveats(filters: readonly FilterSettings[]): string[] {
  const has = (name: FilterSettings["filter"]) => filters.some(({ filter }) => filter === name);
  return [
    ...(has("stability")
      ? []
      : ['How hard a case is was not judged: the plan has no filter "stability" with sampled answers.']),
    ...(has("image-needed")
      ? []
      : [
          'That the image is needed was not shown: the plan has no filter "image-needed" with answers of a blind model.',
        ]),
    ...(has("contamination")
      ? []
      : ['Nothing was compared with benchmarks: the plan has no filter "contamination".']),
  ];
}
