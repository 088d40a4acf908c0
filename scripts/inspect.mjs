// Our evaluations in Inspect, and Inspect's logs here, live: needs a built workspace and the environment of scripts/eval-env.sh.
//   node scripts/inspect.mjs [--keep DIR]
// A small evaluation (pictures, two samples, a failed request, three conditions) is written as .eval logs; Inspect reads them, agrees on every score, serves them in `inspect view`, and
// writes them anew in its own way (zstd), plain and chunked; what it wrote is read back here and must be the very records.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { closingLine } from "./lib/counts.mjs";
import { inspectPython } from "./lib/eval-env.mjs";
import { root } from "./lib/workspace.mjs";

const at = process.argv.indexOf("--keep");
const dir = at < 0 ? mkdtempSync(join(tmpdir(), "mede2-inspect-")) : resolve(process.argv[at + 1]);
mkdirSync(dir, { recursive: true });
const load = (name) => import(join(root, "packages", name, "dist/index.js"));
const [evals, images, llm, schemas] = await Promise.all(["eval", "images", "llm", "schemas"].map(load));
const python = inspectPython();
const run = (...args) =>
  execFileSync(python, [join(root, "python/check_inspect_logs.py"), ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
let checks = 0;
const check = (holds, what) => {
  if (!holds) throw new Error(`not so: ${what}`);
  checks += 1;
};

const evaluation = await evaluateSomething();
const byId = new Map(evaluation.questions.map((question) => [question.id, question]));
const [folder] = await evals.evaluationFolders(evaluation.out);
const logs = await evals.exportInspect(folder, {
  out: join(dir, "logs"),
  questions: byId,
  store: evaluation.store,
});
check(logs.length === 3, "one log for each condition");
writeFileSync(join(dir, "expected.json"), JSON.stringify(logs));
checks += Number(run("read", join(dir, "expected.json")).trim().split("\n").at(-1));
await serve(join(dir, "logs"), logs);
run("rewrite", join(dir, "logs"), join(dir, "plain"), join(dir, "chunked"));
for (const kind of ["plain", "chunked"]) await sameRecords(kind);
if (at < 0) rmSync(dir, { recursive: true });
console.log(closingLine({ passed: checks, failed: 0, skipped: 0 }));

/** Forty questions with pictures, three conditions, two samples each; every fifteenth request fails once too often. */
async function evaluateSomething() {
  const out = join(dir, "evaluation");
  const store = images.openImageStore(join(dir, "images"));
  const options = ["normal", "pneumonia </script>"];
  const questions = [];
  for (let n = 0; n < 40; n++) {
    const data = Uint8Array.from({ length: 64 }, (_, pixel) => (pixel * 3 + n * 5) % 256);
    const image = await store.put(await images.encodePng({ width: 8, height: 8, channels: 1, data }));
    questions.push({
      ...{
        record: "question",
        v: 1,
        id: `films:${n}`,
        source: "films",
        revision: "1",
        split: "test",
        options,
      },
      ...{
        stem: "<image>\nWhat does the film show?",
        gold: { labels: [n % 2 ? "B" : "A"] },
        images: [image],
      },
      group: { patient: `${n >> 1}` },
      tags: { modality: "x-ray", language: "en" },
      licence: "CC0-1.0",
    });
  }
  let asked = 0;
  const model = llm.functionModel("knows some", ({ messages }) => {
    asked += 1;
    if (asked % 15 === 0)
      return {
        text: "",
        finish: "error",
        error: { code: "timeout", message: "no reply" },
        tokens: { prompt: 0, completion: 0 },
      };
    const picture = llm.imagesOf(messages)[0]?.sha256 ?? "0";
    const right =
      questions.find(({ images: [own] }) => own.sha256 === picture)?.gold.labels[0] === "B" ? 1 : 0;
    const said = Number.parseInt(picture.slice(0, 2), 16) % 3 === 0 ? 1 - right : right;
    return {
      text: `<think>\nthe film is ${asked}\n</think>\n\n\\boxed{${asked % 11 ? options[said] : "?"}}`,
      finish: "stop",
      tokens: { prompt: 12, completion: 7 },
    };
  });
  const conditions = ["real", "blank", "swapped"];
  const style = llm.promptStyles.reason;
  const sampling = { temperature: 0, topP: 1, maxTokens: 32 };
  await evals.evaluate({
    questions,
    model,
    conditions,
    style,
    sampling,
    store,
    out,
    task: "films",
    samples: 2,
    stage: "stage2",
    retryErrors: false,
  });
  return { out, store, questions };
}

/** What `inspect view` hands to its page, of each log. */
async function serve(logDir, written) {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => probe.once("listening", done));
  const { port } = probe.address();
  await new Promise((done) => probe.close(done));
  const view = spawn(
    join(python, "../inspect"),
    ["view", "start", "--log-dir", logDir, "--host", "127.0.0.1", "--port", String(port)],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let said = "";
  view.stderr.on("data", (chunk) => (said += chunk));
  const get = (path) => fetch(`http://127.0.0.1:${port}${path}`);
  try {
    for (let tries = 0; ; tries++) {
      if (view.exitCode !== null || tries > 240) throw new Error(`inspect view does not start: ${said}`);
      if (
        await get("/api/log-dir").then(
          ({ ok }) => ok,
          () => false,
        )
      )
        break;
      await new Promise((done) => setTimeout(done, 250));
    }
    check((await (await get("/")).text()).includes("<html"), "inspect view serves its page");
    const listing = JSON.stringify(await (await get("/api/log-files")).json());
    for (const { path, samples, scores } of written) {
      const name = path.split("/").at(-1);
      check(listing.includes(name), `inspect view lists ${name}`);
      const log = await (await get(`/api/logs/${encodeURIComponent(path)}`)).json();
      check(
        log.status === "success" && log.samples.length === samples,
        `inspect view serves the ${samples} samples of ${name}`,
      );
      check(log.results.scores[0].metrics.accuracy.value === scores[0].mean, "with our accuracy");
      const head = new Uint8Array(
        await (await get(`/api/log-bytes/${encodeURIComponent(path)}?start=0&end=3`)).arrayBuffer(),
      );
      check(Buffer.from(head).equals(Buffer.from("PK\x03\x04")), "and its bytes");
    }
  } finally {
    view.kill();
  }
}

/** What Inspect wrote anew holds our records, every one, and the pictures. */
async function sameRecords(kind) {
  const { readdirSync } = await import("node:fs");
  const paths = readdirSync(join(dir, kind)).map((name) => join(dir, kind, name));
  const store = images.openImageStore(join(dir, `images-${kind}`));
  const done = await evals.importInspect(paths, { out: join(dir, `back-${kind}`), store });
  const sorted = async (path, schema) =>
    (await schemas.readAllJsonl(path, schema)).sort((a, b) =>
      JSON.stringify(a) < JSON.stringify(b) ? -1 : 1,
    );
  const before = await sorted(folder.records, schemas.evaluationRecordSchema);
  check(
    isDeepStrictEqual(await sorted(done.records, schemas.evaluationRecordSchema), before),
    `the records after ${kind}`,
  );
  const traces = new Map(
    (await schemas.readAllJsonl(folder.traces, schemas.traceSchema)).map((trace) => [trace.id, trace]),
  );
  for (const trace of await schemas.readAllJsonl(done.traces, schemas.traceSchema))
    check(isDeepStrictEqual(trace, traces.get(trace.id)), `the answer ${trace.id} after ${kind}`);
  for (const question of evaluation.questions) check(store.has(question.images[0].sha256), "its pictures");
}
