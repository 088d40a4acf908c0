// Kills `mede2 pairs score` with a judge at random moments (SIGKILL) and starts it again until it ends; the file must equal the one of a run that was
// left alone, and the judge must not be asked again for what it had answered. Needs a built workspace.
//   node packages/preference/scripts/kill-restart.mjs [--kills N] [--seed N]
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeJsonlAtomic } from "../../schemas/dist/index.js";
import { createRandom } from "../../stats/dist/index.js";
import { wardOriginals } from "./validity/originals.mjs";

const { values } = parseArgs({
  options: { kills: { type: "string", default: "5" }, seed: { type: "string", default: "1" } },
});
const random = createRandom(values.seed);
const folder = mkdtempSync(join(tmpdir(), "mede2-kill-"));
const asked = new Map();
const server = createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  const body = Buffer.concat(parts).toString();
  await new Promise((done) => setTimeout(done, 15));
  const line = /<think>\\n(.+?)\\n/.exec(body)?.[1] ?? "";
  const entry = { anchor: 2, evidence: [line] };
  response.writeHead(200, { "content-type": "application/json" });
  response.end(
    JSON.stringify({
      choices: [
        {
          message: {
            content: JSON.stringify({
              "logical-consistency": entry,
              "no-hallucination": entry,
              reflection: entry,
            }),
          },
          finish_reason: "stop",
        },
      ],
      usage: { prompt_tokens: 1, completion_tokens: 1 },
    }),
    () => asked.set(body, (asked.get(body) ?? 0) + 1),
  );
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const url = `http://127.0.0.1:${server.address().port}/v1`;
const candidates = wardOriginals(0, 60).map(({ question, trace, paraphrase }) => ({
  ...{ record: "candidates", v: 1, question: { ...question, images: [] }, ratings: [] },
  traces: trace.id === paraphrase.id ? [trace] : [trace, paraphrase],
}));
await writeJsonlAtomic(join(folder, "in.candidates.jsonl"), candidates);

/** Ends with the exit code, or null after a kill. */
function score(out, killAfter) {
  const bin = new URL("../../cli/bin/mede2.mjs", import.meta.url).pathname;
  const argv = [
    bin,
    "pairs",
    "score",
    "in.candidates.jsonl",
    "--mode",
    "judge",
    "--judge",
    `gemma@${url}`,
    "--negatives",
    "fabricated-fact,contradiction,reflection-removed",
    "--out",
    out,
  ];
  return new Promise((done) => {
    const child = spawn(process.execPath, argv, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
    const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfter);
    child.on("exit", (code) => {
      clearTimeout(timer);
      done(code);
    });
  });
}

const started = Date.now();
if ((await score("whole.candidates.jsonl")) !== 0) throw new Error("the run that was left alone failed");
const whole = Date.now() - started;
asked.clear();
let kills = 0;
for (let tries = 0; tries < 50; tries++) {
  const kill = kills < Number(values.kills) ? Math.round(whole * (0.2 + 0.7 * random.uniform())) : undefined;
  const code = await score("killed.candidates.jsonl", kill);
  if (code === 0) break;
  kills += 1;
}
server.close();
server.closeAllConnections();
const [a, b] = ["whole", "killed"].map((name) =>
  readFileSync(join(folder, `${name}.candidates.jsonl`), "utf8"),
);
const repeated = [...asked.values()].filter((times) => times > 1).length;
console.log(
  JSON.stringify({
    kills,
    equal: a === b,
    requests: asked.size,
    askedTwice: repeated,
    wholeSeconds: whole / 1000,
  }),
);
rmSync(folder, { recursive: true });
// what was under way when a kill came may be asked again: at most the requests of one question a kill
if (a !== b || repeated > 10 * kills) process.exitCode = 1;
