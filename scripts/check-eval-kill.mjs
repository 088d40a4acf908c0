// An evaluation that is killed with SIGKILL at random moments, again and again, ends with the very records of one that was not. Needs a built workspace.
//   node scripts/check-eval-kill.mjs [--kills 12] [--seed 1]
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { root } from "./lib/workspace.mjs";

const load = (name) => import(pathToFileURL(join(root, `packages/${name}/dist/index.js`)).href);
const at = (name, otherwise) => {
  const place = process.argv.indexOf(`--${name}`);
  return place < 0 ? otherwise : process.argv[place + 1];
};

/** The child: answers 120 questions under three conditions, two samples each, slowly, out of order, some with an error at first. */
async function work(folder, out, delay) {
  const [{ evaluate, protocols }, { encodePng, openImageStore }, { textOf }] = await Promise.all([
    load("eval"),
    load("images"),
    load("llm"),
  ]);
  const store = openImageStore(join(folder, "images"));
  const questions = [];
  for (let n = 0; n < 120; n++) {
    const data = Uint8Array.from({ length: 64 }, (_, pixel) => (pixel * 3 + n * 7) % 256);
    const image = await store.put(await encodePng({ width: 8, height: 8, channels: 1, data }));
    questions.push({
      ...{
        record: "question",
        v: 1,
        id: `kill:${n}`,
        source: "kill",
        revision: "1",
        split: "test",
        stem: `<image>case ${n}`,
      },
      ...{
        options: ["a", "b", "c"],
        gold: { labels: ["ABC"[n % 3]] },
        images: [image],
        group: {},
        tags: { language: "en" },
        licence: "CC0-1.0",
      },
    });
  }
  const model = {
    name: "slow",
    async generate(requests, { onReply } = {}) {
      return Promise.all(
        requests.map(async (request, index) => {
          const n = Number(/case (\d+)/.exec(textOf(request.messages.at(-1)))?.[1] ?? 0);
          await sleep(delay * (1 + ((n * 37 + index) % 20)));
          const reply = {
            text: `I weigh it.\n\nAnswer: ${"ABC"[(n + request.sampling.seed) % 3]}${" and so on".repeat(n % 50)}`,
            ...{ finish: "stop", tokens: { prompt: 5, completion: 5 } },
          };
          onReply?.(index, reply);
          return reply;
        }),
      );
    },
  };
  await evaluate({
    ...{
      questions,
      model,
      store,
      out,
      task: "kill",
      samples: 2,
      seed: 3,
      chunk: 40,
      protocol: protocols["mmmu-pro"],
    },
    ...{ conditions: ["real", "swapped", "none"], sampling: { temperature: 0.7, topP: 1, maxTokens: 99 } },
  });
}

if (process.argv[2] === "--child") {
  await work(process.argv[3], process.argv[4], Number(process.argv[5]));
  process.exit(0);
}

const folder = mkdtempSync(join(tmpdir(), "mede2-kill-"));
const child = (out, delay) => {
  const started = spawn(
    process.execPath,
    [fileURLToPath(import.meta.url), "--child", folder, join(folder, out), String(delay)],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  const ended = new Promise((resolve) => started.on("exit", (code, signal) => resolve(signal ?? code)));
  return { started, ended };
};
const lines = (out) => {
  try {
    return readFileSync(join(folder, out, "answers.trace.jsonl"), "utf8").split("\n").length - 1;
  } catch {
    return 0;
  }
};
try {
  const whole = await child("whole", 0).ended;
  if (whole !== 0) throw new Error(`the evaluation that nobody kills ended with ${whole}`);
  const { createRandom } = await load("stats");
  const random = createRandom(Number(at("seed", 1)));
  let killed = 0;
  let end = null;
  const seen = [];
  const kills = Number(at("kills", 12));
  for (let round = 0; round < kills; round++) {
    const { started, ended } = child("killed", 25);
    let over = null;
    void ended.then((code) => {
      over = code;
    });
    // anywhere between two answers, or within one
    const goal = lines("killed") + 1 + random.below(80);
    while (over === null && lines("killed") < goal) await sleep(5);
    await sleep(random.below(30));
    if (over !== null) {
      end = over;
      break;
    }
    started.kill("SIGKILL");
    await ended;
    killed += 1;
    seen.push(lines("killed"));
  }
  if (end === null) end = await child("killed", 0).ended;
  const records = (out) => readFileSync(join(folder, out, "kill.evaluation.jsonl"));
  const same = records("whole").equals(records("killed"));
  console.log(
    `killed ${killed} times (after ${seen.join(", ")} answers), then it ended with ${end}; ${lines("killed")} answers in the file, ${lines("whole")} in that of the other; records ${same ? "identical" : "DIFFERENT"}`,
  );
  const midway = seen.filter((count) => count > 0 && count < lines("whole")).length;
  process.exitCode = same && end === 0 && midway > 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
