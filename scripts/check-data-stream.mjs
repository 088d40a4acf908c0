// Audit and curation of a million questions take little more memory than of a hundred thousand; killed with SIGKILL at random moments, they end with
// the very bytes of a run that was not. Needs a built workspace.
//   node scripts/check-data-stream.mjs [--questions 1000000] [--limit-mb 600] [--kills 5] [--seed 1]
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
const self = fileURLToPath(import.meta.url);
const filters = [
  { filter: "licence", allow: ["CC0-1.0"] },
  { filter: "language", languages: ["en"] },
  ...["length", "length-gap", "absolute-words", "answer-position", "text-in-picture"].map((filter) => ({
    filter,
  })),
];

/** Invented questions with words drawn by an LCG: none is like another. */
async function write(path, count, seed) {
  let state = seed;
  const below = (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
  const words = (n) => Array.from({ length: n }, () => `word${below(5000).toString(36)}`).join(" ");
  const out = createWriteStream(path);
  for (let n = 0; n < count; n++) {
    const question = {
      ...{ record: "question", v: 1, id: `stream:${n}`, source: "stream", revision: "1", split: "train" },
      ...{ stem: words(18 + below(16)), options: [words(2), words(2), words(2), words(2)] },
      ...{ gold: { labels: ["ABCD"[below(4)]] }, images: [], group: { patient: `p${below(count)}` } },
      ...{
        tags: { language: "en", modality: `m${below(5)}`, specialty: `s${below(7)}` },
        licence: "CC0-1.0",
      },
    };
    if (!out.write(`${JSON.stringify(question)}\n`)) await once(out, "drain");
  }
  out.end();
  await once(out, "finish");
}

/** The child: one piece of work, and its peak memory on the last line. */
async function work(kind, file, folder, name) {
  const { auditFile, curate, readCuratePlan } = await load("data");
  if (kind === "audit") {
    await auditFile({
      file,
      against: [join(folder, "benchmark.questions.jsonl")],
      within: false,
      hits: join(folder, `${name}.hits.jsonl`),
    });
  } else {
    const plan = join(folder, `${name}.sketch.json`);
    writeFileSync(plan, JSON.stringify({ data: [{ path: file }], settings: { count: 1500, filters } }));
    await curate({
      plan: await readCuratePlan(plan, (path) => path),
      ...{
        out: join(folder, `${name}.questions.jsonl`),
        store: join(folder, "images"),
        resolve: (path) => path,
      },
    });
  }
  console.log(Math.round(process.resourceUsage().maxRSS / 1024));
}

/** Starts the child; `kill` ends it after so many milliseconds. Gives its peak memory in MB, or null when it was killed. */
async function child(kind, file, folder, name, kill) {
  const started = spawn(process.execPath, [self, "--child", kind, file, folder, name], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let out = "";
  started.stdout.on("data", (text) => {
    out += text;
  });
  const exit = once(started, "exit");
  if (kill !== undefined && (await Promise.race([exit, sleep(kill)])) === undefined) started.kill("SIGKILL");
  const [code, signal] = await exit;
  if (signal === "SIGKILL") return null;
  if (code !== 0) throw new Error(`${kind} of ${file} ended with ${code}`);
  return Number(out.trim().split("\n").at(-1));
}

const sha256 = (path) => createHash("sha256").update(readFileSync(path)).digest("hex");

async function check() {
  const [questions, limit, kills] = ["questions", "limit-mb", "kills"].map((name, index) =>
    Number(at(name, [1_000_000, 600, 5][index])),
  );
  const folder = mkdtempSync(join(tmpdir(), "mede2-stream-"));
  const failures = [];
  const path = (name) => join(folder, `${name}.questions.jsonl`);
  try {
    await write(path("benchmark"), Math.min(2000, questions / 20), 1); // the same as the first of the others
    const [some, all] = [Math.round(questions / 10), questions];
    await write(path("some"), some, 1);
    await write(path("all"), all, 1);
    for (const kind of ["curate", "audit"]) {
      const [few, many] = [
        await child(kind, path("some"), folder, `${kind}-some`),
        await child(kind, path("all"), folder, `${kind}-all`),
      ];
      console.log(
        `${kind}: ${few} MB for ${some} questions, ${many} MB for ${all}, ${Math.round(((many - few) * 2 ** 20) / (all - some))} bytes a question`,
      );
      if (many > limit) failures.push(`${kind} of ${all} questions took ${many} MB, more than ${limit}`);
    }
    let state = Number(at("seed", 1));
    for (const [kind, ending] of [
      ["curate", "questions.jsonl"],
      ["audit", "hits.jsonl"],
    ]) {
      let killed = 0;
      for (let n = 0; n < kills; n++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        if ((await child(kind, path("some"), folder, `${kind}-killed`, 300 + (state % 5000))) === null)
          killed += 1;
      }
      await child(kind, path("some"), folder, `${kind}-killed`);
      const same =
        sha256(join(folder, `${kind}-killed.${ending}`)) === sha256(join(folder, `${kind}-some.${ending}`));
      console.log(
        `${kind}: killed ${killed} times of ${kills}, then ${same ? "the same bytes" : "OTHER BYTES"}`,
      );
      if (readFileSync(join(folder, `${kind}-some.${ending}`)).length === 0)
        failures.push(`${kind} wrote nothing to compare`);
      if (!same) failures.push(`${kind} ended with other bytes after it was killed`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  for (const failure of failures) console.error(failure);
  process.exitCode = failures.length === 0 ? 0 : 1;
}

const place = process.argv.indexOf("--child");
if (place >= 0) await work(...process.argv.slice(place + 1));
else await check();
