// Every command that makes data is killed with SIGKILL at random moments and started again until it ends: all files must be those of a folder in which nothing was killed, byte for byte,
// no record may stand twice, and a server must not be asked again for what was recorded. Needs a built workspace. (Curation and audit of many questions: check-data-stream.mjs; judges:
// packages/preference/scripts/kill-restart.mjs; evaluation: check-eval-kill.mjs.)
//   node scripts/check-data-kill.mjs [--kills 3] [--seed 1] [--keep]
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { root } from "./lib/workspace.mjs";

const load = (name) => import(pathToFileURL(join(root, `packages/${name}/dist/index.js`)).href);
const at = (name, otherwise) => {
  const place = process.argv.indexOf(`--${name}`);
  return place < 0 ? otherwise : process.argv[place + 1];
};
const kills = Number(at("kills", 3));
let state = Number(at("seed", 1));
const uniform = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};

/** The commands, in order: each takes what those before it wrote. */
const commands = (url) => [
  ["data import", "ward", ".", "--split", "stage2", "--out", "pool.questions.jsonl"],
  ["data import", "ward", ".", "--split", "test-case", "--out", "test.questions.jsonl"],
  ["data import", "ward", ".", "--part", "text", "--split", "stage1", "--out", "cases.questions.jsonl"],
  [
    "data split",
    "pool.questions.jsonl",
    "--shares",
    "train=0.8,dev=0.2",
    "--out",
    "disjoint.questions.jsonl",
  ],
  [
    "data audit",
    "pool.questions.jsonl",
    "--against",
    "test.questions.jsonl",
    "--out",
    "pool.audit",
    "--clean",
    "clean.questions.jsonl",
  ],
  ["data curate", "curate.sketch.json", "--out", "curated.questions.jsonl"],
  ["data direct", "pool.questions.jsonl", "--out", "direct.demonstrations.jsonl"],
  [
    "demos",
    "--data",
    "cases.questions.jsonl",
    "--teacher",
    url,
    "--served",
    "m",
    "--orchestration",
    "short",
    "--samples",
    "2",
    "--count",
    "40",
    "--out",
    "stage1.demonstrations.jsonl",
  ],
  [
    "sample",
    "--model",
    url,
    "--served",
    "m",
    "--data",
    "cases.questions.jsonl",
    "--samples",
    "4",
    "--out",
    "stage2.candidates.jsonl",
  ],
  ["pairs score", "stage2.candidates.jsonl", "--negatives", "all", "--out", "rated.candidates.jsonl"],
  ["pairs build", "rated.candidates.jsonl", "--margin", "0.01", "--out", "stage2.pairs.jsonl"],
  ["pairs audit", "stage2.pairs.jsonl", "--doubtful-out", "doubtful.pairs.jsonl"],
  ["pairs export", "stage2.pairs.jsonl", "--to", "trl", "--out", "trl"],
  ["pairs best", "stage2.pairs.jsonl", "--by", "chosen", "--out", "chosen.demonstrations.jsonl"],
];

/** Ends with the exit code, or null after a kill. */
async function run([names, ...argv], cwd, killAfter) {
  const bin = join(root, "packages/cli/bin/mede2.mjs");
  const child = spawn(process.execPath, [bin, ...names.split(" "), ...argv], {
    cwd,
    stdio: ["ignore", "ignore", killAfter === undefined ? "pipe" : "ignore"],
  });
  let said = "";
  child.stderr?.on("data", (text) => {
    said += text;
  });
  const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfter);
  const code = await new Promise((done) => child.on("exit", done));
  clearTimeout(timer);
  if (code !== 0 && code !== null) throw new Error(`mede2 ${names} ended with ${code}\n${said.slice(-1500)}`);
  return code;
}

/** All files of a folder with their hashes, but temporary ones that a kill leaves. What a server answered is kept as it comes: its order is left out. */
function hashes(folder) {
  const files = new Map();
  const walk = (dir) => {
    for (const entry of readdirSync(dir, { withFileTypes: true })) {
      const path = join(dir, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (!/^\..*\.tmp$/.test(entry.name)) {
        const bytes = readFileSync(path);
        const asTheyCome = /\.(?:chains|reconstructions-\w+)\.jsonl$/.test(path);
        const content = asTheyCome ? bytes.toString("utf8").split("\n").sort().join("\n") : bytes;
        files.set(relative(folder, path), createHash("sha256").update(content).digest("hex"));
      }
    }
  };
  walk(folder);
  return files;
}

/** Lines that stand twice in a file of records. */
function twice(path) {
  const lines = readFileSync(path, "utf8").split("\n").filter(Boolean);
  return lines.length - new Set(lines).size;
}

function prepare(folder) {
  mkdirSync(folder, { recursive: true });
  const ward = { seed: 1, counts: { stage1: 150, stage2: 150, "test-case": 20 } };
  writeFileSync(join(folder, "ward.json"), JSON.stringify(ward));
  const plan = { data: [{ path: "pool.questions.jsonl" }], settings: { count: 60 } };
  writeFileSync(join(folder, "curate.sketch.json"), JSON.stringify(plan));
}

/** A teacher that knows the ward and takes 5 ms for an answer, one in three of them wrong. Counts how often it answered each request. */
async function startTeacher(questions) {
  const [{ wardTeacher }, { chatMessage }] = await Promise.all([load("data"), load("llm")]);
  const teacher = wardTeacher(questions);
  const answered = new Map();
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    await sleep(5);
    const { messages, seed = 0 } = JSON.parse(body);
    const asked = messages
      .map(({ content }) =>
        typeof content === "string" ? content : JSON.stringify(content).replaceAll("\\n", "\n"),
      )
      .join("\n");
    const sampling = { temperature: 1, topP: 1, maxTokens: 99, seed };
    const [reply] = await teacher.generate([{ messages: [chatMessage("user", asked)], sampling }]);
    const options = /options: ([^\n]+)/.exec(asked)?.[1]?.split("; ") ?? [];
    const text =
      seed % 3 === 0 && options.length > 1
        ? reply.text.replace(/\\boxed\{[^}]*\}/, `\\boxed{${options[seed % options.length]}}`)
        : reply.text;
    const choice = { index: 0, delta: { content: text }, finish_reason: "stop" };
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(
      `data: ${JSON.stringify({ id: "1", model: "m", choices: [choice], usage: { prompt_tokens: 9, completion_tokens: 9 } })}\n\n`,
    );
    response.end("data: [DONE]\n\n", () => answered.set(body, (answered.get(body) ?? 0) + 1));
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { server, answered, url: `http://127.0.0.1:${server.address().port}/v1` };
}

const folder = mkdtempSync(join(tmpdir(), "mede2-data-kill-"));
const work = join(folder, "work");
const failures = [];
const { wardCases, wardQuestion } = await load("data");
const cases = wardCases({ split: "stage1", count: 150, seed: 1 });
const teacher = await startTeacher(cases.map((one) => wardQuestion(one, { form: "text" })));
try {
  // the same folder twice, since plans name it: once without a kill, once with
  const lengths = [];
  prepare(work);
  for (const command of commands(teacher.url)) {
    const started = Date.now();
    await run(command, work);
    lengths.push(Date.now() - started);
  }
  const whole = hashes(work);
  rmSync(work, { recursive: true });
  prepare(work);
  for (const [at, command] of commands(teacher.url).entries()) {
    teacher.answered.clear();
    let hit = 0;
    for (let n = 0; n < kills; n++)
      if ((await run(command, work, lengths[at] * (0.1 + 0.9 * uniform()))) === null) hit += 1;
    await run(command, work);
    const requests = [...teacher.answered.values()];
    const repeated = requests.filter((times) => times > 1).length;
    const asked =
      requests.length > 0
        ? `; ${requests.length} requests, ${repeated} of them, under way at a kill, made again`
        : "";
    console.log(
      `mede2 ${command[0]}: killed ${hit} times of ${kills} (${(lengths[at] / 1000).toFixed(1)} s)${asked}`,
    );
  }
  const killed = hashes(work);
  // its examples are the first dropped chains in the order in which a server answered, which no two runs share
  for (const files of [whole, killed])
    for (const path of ["stage1.card.json", "stage1.card.md"]) files.delete(path);
  const other = [...new Set([...whole.keys(), ...killed.keys()])].filter(
    (path) => whole.get(path) !== killed.get(path),
  );
  console.log(`${whole.size} files, ${other.length} of them other than without kills`);
  for (const path of other) failures.push(`${path} is another file after kills`);
  for (const path of killed.keys())
    if (path.endsWith(".jsonl") && twice(join(work, path)) > 0) failures.push(`${path} has a record twice`);
} finally {
  teacher.server.close();
  teacher.server.closeAllConnections();
  if (process.argv.includes("--keep")) console.log(`kept: ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
}
for (const failure of failures) console.error(failure);
process.exitCode = failures.length === 0 ? 0 : 1;
