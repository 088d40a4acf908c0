// The same answers, graded by us and by Inspect: needs a built workspace and the environment of scripts/eval-env.sh.
//   node scripts/check-eval-peer.mjs [--rows 1000] [--seed 1] [--answers FILE | --run DIR --data FILE]
// Under Inspect's rule the accuracy, its standard error and every single verdict must be the same; where our strict rule differs, it says why. --answers: lines as mede2 eval grade takes them;
// --run: a folder of mede2 eval run, with its questions; else invented ones in many forms.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { inspectPython } from "./lib/eval-env.mjs";
import { root } from "./lib/workspace.mjs";

const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const load = (name) => import(pathToFileURL(join(root, `packages/${name}/dist/index.js`)).href);
const [{ extractAnswer, isCorrect, peerVerdicts }, { createRandom, meanInterval }] = await Promise.all([
  load("answers"),
  load("stats"),
]);

/** Replies as models give them: in Inspect's form, in others, with doubts, refusals and two answers. */
function invented(count, random) {
  const forms = [
    (letter, words) => `${words} fits the findings best.\n\nANSWER: ${letter}`,
    (letter) => `Step by step, the others fall away.\nANSWER: ${letter}.`,
    (letter) => `**ANSWER: ${letter}**`,
    (letter) => `The finding is typical.\nAnswer: (${letter})`,
    (letter) => `I weigh all of it, so ANSWER: ${letter} it is.`,
    (letter, words) => `ANSWER: ${letter}) ${words}`,
    (letter) => `<think>\nNot A.\n</think>\n\n\\boxed{${letter}}`,
    (_, words) => `The most likely answer is ${words}.`,
    (letter) => letter,
    (letter) => `ANSWER: A\nOn second thoughts:\nANSWER: ${letter}`,
    (letter) => `ANSWER: ${letter}, A`,
    () => "I'm sorry, but I can't help with medical images.",
    () => "It could be any of them.",
    () => "",
  ];
  return Array.from({ length: count }, (_, at) => {
    const size = 2 + random.below(9);
    const options = Array.from({ length: size }, (_, n) => `finding number ${7 * n + (at % 7)}`);
    const right = random.below(size);
    const said = random.uniform() < 0.6 ? right : random.below(size);
    return {
      ...{
        id: `row-${at}`,
        question: `Which finding explains case ${at}?`,
        options,
        answer: "ABCDEFGHIJKL"[right],
      },
      response: forms[random.below(forms.length)]("ABCDEFGHIJKL"[said], options[said]),
    };
  });
}

const linesOf = (path) =>
  readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

/** The answers of an evaluation with real images to its questions that have one right option. */
function answered(run, data) {
  const questions = new Map(linesOf(data).map((question) => [question.id, question]));
  return linesOf(join(run, "answers.trace.jsonl")).flatMap(({ questionId, images, text, finish }) => {
    const { stem, options, gold } = questions.get(questionId) ?? {};
    if (images !== "real" || gold?.labels?.length !== 1 || options.length < 2) return [];
    return [{ question: stem, options, answer: gold.labels[0], response: text, finish }];
  });
}

const [file, run] = [option("answers"), option("run")];
const given = run === undefined ? file && linesOf(file) : answered(run, option("data"));
const rows =
  given?.map((row, at) => ({ ...row, id: `row-${at}` })) ??
  invented(Number(option("rows", 1000)), createRandom(Number(option("seed", 1))));

const folder = mkdtempSync(join(tmpdir(), "mede2-peer-"));
try {
  writeFileSync(join(folder, "rows.jsonl"), rows.map((row) => JSON.stringify(row)).join("\n"));
  execFileSync(
    inspectPython(),
    [join(root, "python/inspect_grades.py"), join(folder, "rows.jsonl"), join(folder, "verdicts.json")],
    {
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  const theirs = JSON.parse(readFileSync(join(folder, "verdicts.json"), "utf8"));
  const graded = rows.map(({ id, options, answer, response, finish = "stop" }) => {
    const gold = { labels: [answer] };
    const strict = extractAnswer(response, { options, finish });
    return {
      ...{
        id,
        response,
        theirs: theirs.verdicts[id],
        ours: peerVerdicts.inspect({ text: response, options, gold }).correct,
      },
      ...{ strict: isCorrect(strict, gold), status: strict.status, rule: strict.rule },
    };
  });
  const different = graded.filter((row) => row.ours !== row.theirs);
  const { value, standardError } = meanInterval(graded.map(({ ours }) => Number(ours)));
  console.log(
    `${rows.length} answers; Inspect ${theirs.accuracy.toFixed(6)} ± ${theirs.stderr.toFixed(6)}, we under its rule ${value.toFixed(6)} ± ${standardError.toFixed(6)}; ${different.length} verdicts differ`,
  );
  for (const { response, ours } of different.slice(0, 5))
    console.log(`  we say ${ours}: ${JSON.stringify(response.slice(0, 200))}`);
  const share = (holds) => (graded.filter(holds).length / graded.length).toFixed(4);
  console.log(
    `under our strict rule ${share(({ strict }) => strict)}; right for us alone ${share((row) => row.strict && !row.theirs)}, for Inspect alone ${share((row) => !row.strict && row.theirs)}`,
  );
  const why = new Map();
  for (const row of graded)
    if (row.strict !== row.theirs) {
      const key = `${row.strict ? "we read" : "we do not count"} (${row.status}, ${row.rule})`;
      why.set(key, (why.get(key) ?? 0) + 1);
    }
  for (const [key, n] of [...why].sort(([, a], [, b]) => b - a)) console.log(`  ${n}  ${key}`);
  const same =
    different.length === 0 &&
    Math.abs(value - theirs.accuracy) < 1e-9 &&
    Math.abs(standardError - theirs.stderr) < 1e-9;
  process.exitCode = same ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
