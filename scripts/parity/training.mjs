// The runs whose checkpoints Python opens: small, but through everything that a real run goes through.
import { readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { nn, runs, schemas, trainer } from "./packages.mjs";

const { recordId, sha256Hex } = schemas;

export function question(index, refs) {
  const images = index % 3 === 2 || refs.length === 0 ? [] : [refs[index % refs.length]];
  return {
    record: "question",
    v: 1,
    id: `parity:${index}`,
    source: "parity",
    revision: "1",
    split: "train",
    stem: `Case ${index}: a cough for ${index + 2} days. Which rule applies?`,
    options: ["pneumonia", "fibrillation", "iron deficiency"],
    gold: { labels: [["A", "B", "C"][index % 3]] },
    images,
    group: {},
    tags: { language: "en" },
    licence: "CC0-1.0",
  };
}

function trace(question, text) {
  const content = {
    record: "trace",
    v: 1,
    questionId: question.id,
    by: { kind: "template", name: "parity" },
    stage: null,
    images: question.images.length ? "real" : "none",
    imageHashes: question.images.map(({ sha256 }) => sha256),
    promptHash: sha256Hex(question.stem),
    sample: null,
    text,
    reasoning: null,
    steps: [],
    answer: { status: "found", labels: question.gold.labels, rule: "given", span: null },
    finish: "stop",
    tokens: { prompt: 0, completion: 0 },
  };
  return { ...content, id: recordId(content) };
}

const chain = (answer) => `<think>\nThe finding leads to the rule.\n</think>\n\n\\boxed{${answer}}`;

function demonstration(question) {
  const content = {
    record: "demonstration",
    v: 1,
    question,
    trace: trace(question, chain(question.gold.labels[0])),
    orchestration: { name: "parity", version: "1" },
    checks: [],
  };
  return { ...content, id: recordId(content) };
}

const unknown = () => "The answer is not known.";

/** The same reasoning with the next option: as near to the chosen answer as a wrong one can be. */
export const nextOption = ({ gold }) => chain({ A: "B", B: "C", C: "A" }[gold.labels[0]]);

export function pair(question, rejectedOf = unknown) {
  const [chosen, rejected] = [chain(question.gold.labels[0]), rejectedOf(question)].map((text) =>
    trace(question, text),
  );
  const rating = (of, total) => ({
    record: "rating",
    v: 1,
    traceId: of.id,
    scorer: { name: "parity", version: "1", rubric: "none", mode: "programmatic", judges: [] },
    gates: {},
    criteria: {},
    total,
  });
  const content = {
    record: "preference-pair",
    v: 1,
    question,
    chosen,
    rejected,
    ratings: { chosen: rating(chosen, 1), rejected: rating(rejected, 0) },
    negativeKind: "sampled",
    margin: 1,
    weight: 1,
    provenance: { plan: "parity", scorer: "parity", seed: 0, parents: [] },
    licence: "CC0-1.0",
    split: "train",
  };
  return { ...content, id: recordId(content) };
}

/** Both answers of a pair, judged one by one. */
function ratedAnswers({ question, chosen, rejected, ratings }) {
  return [chosen, rejected].map((trace, side) => {
    const content = {
      ...{ record: "rated-answer", v: 1, question, trace, weight: 1, licence: "CC0-1.0", split: "train" },
      ...{ rating: side === 0 ? ratings.chosen : ratings.rejected, desirable: side === 0 },
      provenance: { plan: "parity", scorer: "parity", parents: [trace.id] },
    };
    return { ...content, id: recordId(content) };
  });
}

/** Writes the data files; returns them by kind of plan. */
export function writeData(workspace, refs, count = 8, rejectedOf = unknown, name = "parity") {
  const questions = Array.from({ length: count }, (_, index) => question(index, refs));
  const write = (kind, records) => {
    const text = records.map((record) => `${JSON.stringify(record)}\n`).join("");
    const path = `${name}.${kind}.jsonl`;
    writeFileSync(join(workspace, path), text);
    return { path, sha256: sha256Hex(text), split: "train" };
  };
  return {
    sft: write("demonstrations", questions.map(demonstration)),
    preference: write(
      "pairs",
      questions.map((each) => pair(each, rejectedOf)),
    ),
    answers: write(
      "rated",
      questions.flatMap((each) => ratedAnswers(pair(each, rejectedOf))),
    ),
  };
}

/** Runs one plan in a child process and returns the folder of its last checkpoint. */
export async function train(workspace, name, data, { model, ...more }) {
  const processor = await nn.loadProcessor(join(workspace, model));
  const { minPixels, maxPixels } = processor.images;
  const plan = {
    record: "plan",
    v: 1,
    recipe: "custom",
    model,
    data: [data],
    seed: 1,
    threads: 2,
    optimiser: { name: "adamw", betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.01, clipNorm: 1 },
    schedule: { name: "cosine", learningRate: 2e-3, warmupSteps: 1, steps: 6 },
    batch: { size: 2, accumulation: 2, maxTokens: 512 },
    freeze: [],
    device: "cpu",
    engine: "embedded",
    templateHash: processor.template.hash,
    pixels: { min: minPixels, max: maxPixels },
    decoding: { temperature: 0, topP: 1, maxTokens: 16 },
    settings: { promptStyle: "reason-labels" },
    ...more,
  };
  const count = readFileSync(join(workspace, data.path), "utf8").trim().split("\n").length;
  const made = await runs.createRun({
    workspace,
    plan,
    code: { version: "parity" },
    data: [{ path: data.path, sha256: data.sha256, count }],
    id: name,
  });
  const result = await trainer.startTraining({ runDir: made.dir, workspace }).done;
  const folder = join(made.dir, "checkpoints", result.checkpoint.split(/[\\/]/).at(-1));
  console.log(
    `${name}: ${result.steps} steps, loss ${result.loss.first.toFixed(4)} to ${result.loss.last.toFixed(4)}, ${relative(workspace, folder)}`,
  );
  if (!(result.loss.last < result.loss.first)) throw new Error(`${name}: the loss did not fall`);
  return relative(workspace, folder);
}
