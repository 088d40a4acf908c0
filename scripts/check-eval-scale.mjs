// A million answers: graded, summarised and compared with memory that does not hold them. Needs a built workspace; about 2.5 GB of disk.
//   node scripts/check-eval-scale.mjs [--answers 1000000] [--limit-mb 1024]

import { once } from "node:events";
import { createWriteStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./lib/workspace.mjs";

const load = (name) => import(pathToFileURL(join(root, `packages/${name}/dist/index.js`)).href);
const at = (name, otherwise) => {
  const place = process.argv.indexOf(`--${name}`);
  return place < 0 ? otherwise : Number(process.argv[place + 1]);
};
const answers = at("answers", 1_000_000);
const limit = at("limit-mb", 1024);
const perQuestion = 20;
const count = Math.ceil(answers / perQuestion);
const [{ compare, gradeAnswers, openAnswerFile, readScores, summaryBuilder }, { writeJsonlAtomic }] =
  await Promise.all([load("eval"), load("schemas")]);

const folder = mkdtempSync(join(tmpdir(), "mede2-scale-"));
const most = { rss: 0 };
const watch = setInterval(() => {
  most.rss = Math.max(most.rss, process.memoryUsage().rss);
}, 200);
watch.unref();
const took = async (name, work) => {
  const started = performance.now();
  const value = await work();
  most.rss = Math.max(most.rss, process.memoryUsage().rss);
  console.log(
    `${name}: ${((performance.now() - started) / 1000).toFixed(1)} s, most memory so far ${Math.round(most.rss / 2 ** 20)} MB`,
  );
  return value;
};

const questions = Array.from({ length: count }, (_, n) => ({
  ...{
    record: "question",
    v: 1,
    id: `scale:${n}`,
    source: "scale",
    revision: "1",
    split: "test",
    stem: `case ${n}`,
    options: ["left", "right", "both", "none"],
  },
  ...{
    gold: { labels: ["ABCD"[n % 4]] },
    images: [],
    group: { case: `c${n >> 2}` },
    tags: { language: "en", modality: n % 2 ? "ct" : "mr" },
    licence: "CC0-1.0",
  },
}));
const trace = (n, sample, shift) => ({
  ...{
    record: "trace",
    v: 1,
    id: (n * perQuestion + sample).toString(16).padStart(16, "0"),
    questionId: `scale:${n}`,
    by: { kind: "model", name: "m" },
    stage: null,
  },
  ...{
    images: "none",
    imageHashes: [],
    promptHash: n.toString(16).padStart(64, "0"),
    sample: { index: sample, seed: sample, temperature: 1, topP: 1, maxTokens: 64 },
  },
  ...{
    text: `<think>\nI look at case ${n} again.\n</think>\n\n\\boxed{${"ABCD"[(n + ((n * 31 + sample * 17) % 3 === 0 ? 0 : shift)) % 4]}}`,
    reasoning: null,
    steps: [],
  },
  ...{
    answer: { status: "found", labels: ["A"], rule: "boxed", span: null },
    finish: "stop",
    tokens: { prompt: 20, completion: 12 },
  },
});

async function writeTraces(path, shift) {
  const file = createWriteStream(path);
  for (let n = 0; n < count; n++) {
    let text = "";
    for (let sample = 0; sample < perQuestion; sample++)
      text += `${JSON.stringify(trace(n, sample, shift))}\n`;
    if (!file.write(text)) await once(file, "drain");
  }
  file.end();
  await once(file, "close");
}

async function* keep(source, note) {
  for await (const item of source) {
    note(item);
    yield item;
  }
}

try {
  const sides = [];
  for (const [name, shift] of [
    ["a", 0],
    ["b", 1],
  ]) {
    const traces = join(folder, `${name}.trace.jsonl`);
    const records = join(folder, `${name}.evaluation.jsonl`);
    await took(`write ${count * perQuestion} answers of ${name}`, () => writeTraces(traces, shift));
    const file = await took("index them, as a resumed evaluation does", () => openAnswerFile(traces));
    const builder = summaryBuilder({ by: ["modality"] });
    await took("grade and summarise them, one at a time", () =>
      writeJsonlAtomic(
        records,
        keep(
          gradeAnswers(file, questions, ["none"], perQuestion, {
            task: "scale",
            protocol: "direct",
            model: { name },
          }),
          builder.add,
        ),
      ),
    );
    await file.close();
    const [summary] = builder.summaries();
    console.log(
      `  accuracy ${summary.accuracy.toFixed(4)} [${summary.low.toFixed(4)}, ${summary.high.toFixed(4)}] of ${summary.n} questions; ${(statSync(records).size / 2 ** 30).toFixed(2)} GB of records`,
    );
    rmSync(traces);
    sides.push(await took("read the scores back, as mede2 compare does", () => readScores(records)));
    rmSync(records);
  }
  const result = await took("compare them", () =>
    compare(sides[0], sides[1], { images: "none", resamples: 1000 }),
  );
  console.log(
    `  difference ${result.difference.toFixed(4)} [${result.low.toFixed(4)}, ${result.high.toFixed(4)}] over ${result.clusters} clusters`,
  );
  const peak = most.rss / 2 ** 20;
  console.log(`most memory ${Math.round(peak)} MB, limit ${limit} MB`);
  process.exitCode = peak <= limit ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
