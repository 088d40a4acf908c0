import { resolve } from "node:path";
import { type ImageStore, openImageStore } from "@mede2/images";
import type { EngineName, TrainingPlan } from "@mede2/schemas";
import { type Example, type RecordEncoder, supervisedCount } from "@mede2/trainer";
import { isPair, type PlanRow, planRows } from "../data/plan-rows.ts";
import { type EncodedRow, encodeRow, type ModelSide, rowLength, rowTokens } from "../data/row-encoding.ts";
import { engineRow } from "../emit/rows.ts";
import type { EngineContext } from "../engine.ts";
import type { DataFacts } from "../estimate/run-estimate.ts";
import type { Finding } from "../finding.ts";
import { engineSettings } from "../settings.ts";
import { leakChecks } from "./check-leaks.ts";
import { nearChecks } from "./check-near.ts";
import { pictureChecks } from "./check-pictures.ts";
import { type Tally, tally } from "./tally.ts";

/** Looks at every row of a plan as the engine and the model will see it. Rows of preference plans and demonstrations; a line that is no record ends the reading. */
export async function checkData(
  plan: TrainingPlan,
  engine: EngineName,
  side: ModelSide,
  context: EngineContext,
): Promise<{ findings: Finding[]; facts: DataFacts }> {
  const found = tally();
  const facts = { rows: 0, longest: 0, tokens: 0, longestAnswer: 0, patches: 0, allPatches: 0 };
  if (plan.kind === "pretrain") return { findings: [], facts };
  const store = openImageStore(resolve(context.workspace, context.imageStore));
  const encoder: RecordEncoder = {
    encoder: side,
    maxTokens: plan.batch.maxTokens,
    hasImage: (sha256) => store.has(sha256),
  };
  const leaks = leakChecks(found);
  const near = nearChecks(found);
  const pictures = pictureChecks(store, found, near.picture);
  const licences = new Map<string, number>();
  const lengths: [chosen: number, rejected: number][] = [];
  const weights = new Set<number>();
  try {
    for await (const row of planRows(plan, context.workspace)) {
      const { licence } = isPair(row.record) ? row.record : row.record.question;
      licences.set(licence, (licences.get(licence) ?? 0) + 1);
      leaks.row(row);
      await near.row(row);
      for (const image of row.record.question.images) await pictures(image, row);
      const encoded = encodedOrFound(encoder, row, found);
      checkRow(row, encoded, engine, side, store, found);
      if (isPair(row.record)) weights.add(row.record.weight);
      if (encoded === undefined || !row.learns) continue;
      facts.rows += 1;
      facts.longest = Math.max(facts.longest, rowLength(encoded));
      facts.tokens += rowTokens(encoded).tokens;
      const { chosen, rejected } = encoded;
      for (const each of rejected === undefined ? [chosen] : [chosen, rejected]) {
        const patches = patchesOf(each, side);
        facts.allPatches += patches;
        facts.patches = Math.max(facts.patches, patches);
        facts.longestAnswer = Math.max(facts.longestAnswer, supervisedCount(each));
      }
      if (rejected !== undefined) lengths.push([supervisedCount(chosen), supervisedCount(rejected)]);
    }
  } catch (reason) {
    const { code = "record", message, next } = reason as { code?: string; message: string; next?: string };
    found.add("error", code, message, next ?? "correct the line, or leave it out");
  }
  if (facts.rows === 0)
    found.add("error", "no-data", "no row can be learnt from", "check the splits of the data");
  checkWeights(plan, engine, weights, found);
  checkLengths(lengths, found);
  checkLicences(licences, found);
  return { findings: found.findings(), facts };
}

/** A token of a picture stands for 2 × 2 patches in every family that outside engines are given. */
const patchesOf = ({ tokens }: Example, { processor }: ModelSide) =>
  4 * tokens.reduce((sum, id) => sum + (id === processor.images.placeholder ? 1 : 0), 0);

function encodedOrFound(encoder: RecordEncoder, row: PlanRow, found: Tally): EncodedRow | undefined {
  try {
    return encodeRow(encoder, row);
  } catch (reason) {
    const { code = "record", message, next } = reason as { code?: string; message: string; next?: string };
    found.add("error", code, message, next ?? "correct the record, or leave it out");
    return undefined;
  }
}

/** A row's text as the model reads it, and as the engine's file holds it. */
function checkRow(
  row: PlanRow,
  encoded: EncodedRow | undefined,
  engine: EngineName,
  { processor }: ModelSide,
  store: ImageStore,
  found: Tally,
): void {
  const { record, place } = row;
  const where = `${place.file}:${place.line}`;
  const answers = isPair(record) ? [record.chosen.text, record.rejected.text] : [record.trace.text];
  if (isPair(record) && normal(answers[0]!) === normal(answers[1]!))
    found.add(
      "error",
      "pair-equal",
      `${where}: chosen and rejected differ in white space at most`,
      "build the pairs again",
    );
  for (const text of answers)
    if (text.trim() === "")
      found.add("error", "answer-empty", `${where}: an answer is empty`, "leave the row out");
  for (const text of [record.question.stem, ...answers])
    if (
      text.includes("<image>") &&
      engine !== "embedded" &&
      text.split("<image>").length - 1 > record.question.images.length
    )
      found.add(
        "warning",
        "image-in-text",
        `${where}: the text holds "<image>" where there is no picture; it is written as "< image >" for the engine`,
        "correct the text",
      );
  if (encoded !== undefined)
    for (const [index, side] of [encoded.chosen, encoded.rejected].entries())
      if (side !== undefined) checkThinking(side, answers[index]!, processor, where, found);
  if (engine !== "embedded") checkPlaceholders(row, engine, store, where, found);
}

const normal = (text: string) => text.replace(/\s+/g, " ").trim();

/** What is learnt, decoded again, holds the answer word for word: a template may strip or move reasoning. */
function checkThinking(
  { tokens, supervised: mask }: EncodedRow["chosen"],
  answer: string,
  { tokenizer }: ModelSide["processor"],
  where: string,
  found: Tally,
): void {
  const learnt = tokenizer.decode([...tokens].filter((_, index) => mask[index] === 1));
  if (learnt.includes(answer.trim())) return;
  const thinks = answer.includes("<think>");
  found.add(
    "error",
    thinks ? "thinking-changed" : "answer-changed",
    `${where}: the chat template changes the answer: ${JSON.stringify(learnt.slice(0, 60))} is learnt instead of ${JSON.stringify(answer.slice(0, 60))}`,
    "use a chat template that leaves the assistant's words as they are",
  );
}

function checkPlaceholders(
  row: PlanRow,
  engine: Exclude<EngineName, "embedded">,
  store: ImageStore,
  where: string,
  found: Tally,
): void {
  const { images } = row.record.question;
  if (images.some(({ sha256 }) => !store.has(sha256))) return; // told already
  const emitted = JSON.stringify(engineRow(engine, row, (image) => store.path(image)));
  const count = emitted.split(engine === "trl" ? '{"type":"image"}' : "<image>").length - 1;
  if (count !== images.length)
    found.add(
      "error",
      "placeholders",
      `${where}: ${count} placeholders for ${images.length} pictures`,
      "correct the stem",
    );
}

function checkWeights(
  plan: TrainingPlan,
  engine: EngineName,
  weights: ReadonlySet<number>,
  found: Tally,
): void {
  if (engine === "embedded" || weights.size < 2) return;
  const ignore = engineSettings(plan).pairWeights === "ignore";
  found.add(
    ignore ? "info" : "error",
    "pair-weights",
    `the pairs have unequal weights, and ${engine} gives each the same${ignore ? ", as the plan allows" : ""}`,
    ...(ignore ? [] : ['set settings.pairWeights to "ignore", or use the embedded engine']),
  );
}

/** Answers that win by their length teach length. */
function checkLengths(lengths: readonly (readonly [number, number])[], found: Tally): void {
  if (lengths.length < 20) return;
  const longer = lengths.filter(([chosen, rejected]) => chosen > rejected).length;
  const tied = lengths.filter(([chosen, rejected]) => chosen === rejected).length;
  const share = (longer + tied / 2) / lengths.length;
  const difference = lengths.reduce((sum, [chosen, rejected]) => sum + chosen - rejected, 0) / lengths.length;
  if (Math.abs(share - 0.5) > 0.2)
    found.add(
      "warning",
      "length-bias",
      `the chosen answer is the longer one in ${Math.round(share * 100)} % of the pairs, by ${difference.toFixed(1)} tokens in the mean: a model can win by length alone`,
      "match lengths when the pairs are built",
    );
}

function checkLicences(licences: ReadonlyMap<string, number>, found: Tally): void {
  const unknown = [...licences].filter(([name]) => /^(unknown|none|not stated|\?|n\/a)$/i.test(name.trim()));
  for (const [name, count] of unknown)
    found.add(
      "warning",
      "licence",
      `${count} rows have the licence ${JSON.stringify(name)}`,
      "find out whether they may be used",
    );
  const bound = [...licences].filter(([name]) => /\bnc\b|non-?commercial|research|credentialed/i.test(name));
  if (bound.length > 0)
    found.add(
      "info",
      "licence-bound",
      `data that may not be used for everything: ${bound.map(([name, count]) => `${name} (${count})`).join(", ")}`,
    );
}
