// Whole preference runs by our trainer (KTO, BCO, DPO with its likelihood), with their rows, their order and their curves, for TRL to repeat.
//   node scripts/parity-runs.mjs DIR     then: python trl_runs.py DIR/runs.json     Needs a built workspace.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { root } from "./lib/workspace.mjs";
import { storePictures } from "./parity/cases.mjs";
import { images, llm, nn, schemas, trainer } from "./parity/packages.mjs";
import { pair, question, train } from "./parity/training.mjs";

const [target] = process.argv.slice(2);
if (!target) {
  console.error("usage: node scripts/parity-runs.mjs DIR");
  process.exit(2);
}
const out = resolve(target);
const goldens = join(root, "packages/nn/test/goldens");
mkdirSync(out, { recursive: true });
cpSync(join(goldens, "qwen2-5-vl/checkpoint"), join(out, "model"), { recursive: true });
const store = images.openImageStore(join(out, ".mede2/images"));
const refs = await storePictures(store, goldens);
const folder = await nn.openModelFolder(join(out, "model"));
const processor = await folder.processor();
const end = processor.tokenizer.tokenOf(processor.tokenizer.eosId);
const style = llm.promptStyles["reason-labels"];
const optimiser = { name: "adamw", betas: [0.9, 0.99], epsilon: 1e-8, weightDecay: 0.01, clipNorm: 1 };
const learningRate = 5e-4;

const chain = (letter, words) =>
  `<think>\nThe finding ${"in the film ".repeat(words)}leads to the rule.\n</think>\n\n\\boxed{${letter}}`;

/**
 * One answer a question, so that the record before each is of another question, whose answer KTO puts behind its prompt. TRL goes round within each batch of the file instead: where a batch
 * begins, its partner is the batch's last answer and ours the file's. The last answers of both batches of four have the same text, and the two agree.
 */
function answers(numbers, letters, words, of = []) {
  return numbers.map((number, n) => {
    const [asked, letter] = [question(number, of), letters[n]];
    const { chosen, ratings } = pair(asked);
    const { id: _, ...content } = { ...chosen, text: chain(letter, words[n]) };
    const trace = { ...content, id: schemas.recordId(content) };
    const rated = {
      ...{ record: "rated-answer", v: 1, question: asked, trace, weight: 1 },
      ...{ licence: "CC0-1.0", split: "train", desirable: letter === asked.gold.labels[0] },
      rating: { ...ratings.chosen, traceId: trace.id },
      provenance: { plan: "parity", scorer: "parity", parents: [trace.id] },
    };
    return { ...rated, id: schemas.recordId(rated) };
  });
}

function write(name, records) {
  const text = records.map((record) => `${JSON.stringify(record)}\n`).join("");
  writeFileSync(join(out, name), text);
  return { path: name, sha256: schemas.sha256Hex(text), split: "train" };
}

const eight = answers([0, 1, 2, 3, 4, 5, 6, 7], "ACCBBAAB", [0, 1, 2, 0, 1, 2, 1, 0]);
const pictured = answers([0, 1, 3, 4], "ABBC", [0, 2, 1, 0], refs);
const pairs = [0, 1, 2, 3].map((n) =>
  pair(question(n, []), ({ gold: { labels } }) => chain(labels[0] === "A" ? "B" : "A", n % 3)),
);

const runs = [];
const text = (messages) =>
  processor.template.render(
    messages.map(({ role, content }) => ({
      role,
      content: content.map((part) => (part.type === "text" ? part : { type: "image" })),
    })),
    { addGenerationPrompt: true },
  );
const encoded = (asked, answer, wholeTurn) =>
  trainer.encodeMessages({ config: folder.config, processor, ...(wholeTurn ? { wholeTurn } : {}) }, "row", [
    ...llm.questionPrompt(asked, style),
    llm.chatMessage("assistant", answer),
  ]);

/** Trains, and keeps what TRL needs to do the same. */
async function run(name, { kind, loss, records, size, steps, wholeTurn = false }) {
  console.log(`${name}: ${records.length} records`);
  const data = write(`${name}.${kind === "dpo" ? "pairs" : "rated"}.jsonl`, records);
  const more = { kind: "preference", loss, optimiser, batch: { size, accumulation: 1, maxTokens: 512 } };
  const checkpoint = await train(out, name, data, {
    ...{ model: "model", ...more },
    schedule: { name: "constant", learningRate, steps },
    settings: { promptStyle: style.name, ...(wholeTurn ? { wholeTurn } : {}) },
  });
  const events = readFileSync(join(out, checkpoint, "../../events.jsonl"), "utf8")
    .trim()
    .split("\n");
  const ours = events.map((line) => JSON.parse(line)).filter(({ type }) => type === "step-end");
  const rows = records.map(({ question: asked, trace, chosen, rejected, desirable }) => {
    const prompt = llm.questionPrompt(asked, style);
    // to the last token that is learnt: what the template writes behind the end of a turn no other token sees
    const ids = (answer) => {
      const { tokens, supervised } = encoded(asked, answer, wholeTurn);
      return [...tokens.subarray(0, supervised.lastIndexOf(1) + 1)];
    };
    if (chosen !== undefined)
      return {
        ...{ prompt: text(prompt), chosen: chosen.text + end, rejected: rejected.text + end },
        ids: [ids(chosen.text), ids(rejected.text)],
      };
    const pictures = llm.imagesOf(prompt).map((ref) => store.path(ref));
    const words = prompt[0].content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("");
    return {
      ...(pictures.length === 0
        ? { prompt: text(prompt), completion: trace.text + end }
        : { words, answer: trace.text, images: pictures }),
      ...{ label: desirable, ids: [ids(trace.text)] },
    };
  });
  const lengths = records.map(({ question: asked, trace, chosen, rejected }) =>
    Math.max(
      ...[trace, chosen, rejected].flatMap((side) =>
        side === undefined ? [] : [encoded(asked, side.text, wholeTurn).tokens.length],
      ),
    ),
  );
  const order = [];
  for (let epoch = 0; order.length < steps * size; epoch++)
    // a step of all records: TRL takes them as the file has them, since it goes round within the batch
    order.push(
      ...(size === records.length ? rows.keys() : trainer.epochBatches(lengths, size, 1, epoch).flat()),
    );
  runs.push({
    ...{ name, kind, model: "model", loss, size, steps, learningRate, optimiser, rows },
    order: order.slice(0, steps * size),
    ours: ours.map(({ loss: value, gradientNorm, rewards, logProbs }) => ({
      loss: value,
      gradientNorm,
      rewards,
      logProbs,
    })),
  });
}

const weights = { desirable: 1, undesirable: 1.5 };
await run("kto", {
  kind: "kto",
  loss: { name: "kto", beta: 0.1, weights },
  records: eight,
  size: 4,
  steps: 12,
});
await run("kto-pictures", {
  ...{ kind: "kto", loss: { name: "kto", beta: 0.3 }, records: pictured, size: 4, steps: 8, wholeTurn: true },
});
await run("bco", { kind: "bco", loss: { name: "bco", beta: 0.1 }, records: eight, size: 4, steps: 12 });
await run("dpo", {
  kind: "dpo",
  loss: { name: "dpo", beta: 0.1, nllWeight: 0.5 },
  records: pairs,
  size: 2,
  steps: 12,
});
writeFileSync(join(out, "runs.json"), `${JSON.stringify({ runs }, null, 1)}\n`);
console.log(`${runs.length} runs in ${join(out, "runs.json")}`);
