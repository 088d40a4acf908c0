import { cpSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const fixtures = fileURLToPath(new URL("../fixtures/ward", import.meta.url));
export const cli = fileURLToPath(new URL("../../../../packages/cli/bin/mede2.mjs", import.meta.url));

const tiny = fileURLToPath(new URL("../../../../packages/recipes/models/tiny", import.meta.url));

export const emptyFolder = () => mkdtempSync(join(tmpdir(), "mede2-ward-"));

/** A workspace with the recorded files of a demo; gone with the temporary folder of the machine. */
export function makeWorkspace() {
  const folder = emptyFolder();
  for (const name of ["data", "evaluations"])
    cpSync(join(fixtures, name), join(folder, name), { recursive: true });
  for (const name of readdirSync(join(fixtures, "images"))) {
    const shelf = join(folder, ".mede2/images", name.slice(0, 2));
    mkdirSync(shelf, { recursive: true });
    cpSync(join(fixtures, "images", name), join(shelf, name));
  }
  cpSync(tiny, join(folder, "models/tiny"), { recursive: true });
  return folder;
}

/** Records that try everything: markup, ends of style and script, control characters, links, huge fields, images that are not there. */
export function writeHostile(folder) {
  const sha256 = "ab".repeat(32);
  const nasty = [
    "<script>window.hacked=1;parent.hacked=1</script>",
    "</style><style>body{display:none}</style>",
    '<img src=x onerror="window.hacked=2">',
    "[click](command:workbench.action.quit) [file](file:///etc/passwd) [js](javascript:window.hacked=3)",
    '<a href="command:mede2.stopRun">stop</a><iframe src="https://example.com"></iframe>',
    "\u0000\u0007\u001b[31mred\u001b[0m \u202eevil\u202c \ufeff\u200b",
    "{{constructor.constructor('window.hacked=4')()}} $\u007bwindow.hacked=5}",
    "x".repeat(2_000_000),
  ].join("\n");
  const id = (digit) => digit.repeat(16);
  const trace = {
    ...{
      record: "trace",
      v: 1,
      id: id("a"),
      questionId: "evil:1",
      by: { kind: "model", name: "<b>evil</b>" },
      stage: "base",
      images: "real",
    },
    ...{ imageHashes: [sha256], promptHash: sha256, sample: null, text: nasty, reasoning: null },
    steps: [
      { field: "text", start: 0, end: 48, quote: nasty.slice(0, 48) },
      { field: "text", start: 5, end: 1, quote: "nowhere" },
    ],
    answer: {
      status: "found",
      labels: ["<i>A</i>"],
      rule: "<u>rule</u>",
      span: { field: "text", start: 49, end: 60, quote: nasty.slice(49, 60) },
    },
    ...{ finish: "stop", tokens: { prompt: 1, completion: 1 } },
  };
  const question = {
    ...{
      record: "question",
      v: 1,
      id: "evil:1",
      source: "evil",
      revision: "1",
      split: "test",
      stem: `<h1>stem</h1>${nasty.slice(0, 400)}`,
    },
    ...{
      options: ["<script>window.hacked=6</script>", "B"],
      gold: { labels: ["A"] },
      images: [{ sha256, mime: "image/png", width: 1, height: 1 }],
    },
    ...{
      group: {},
      tags: { language: "en", specialty: "<b>x</b>" },
      licence: "none",
      facts: { __proto__x: "<b>" },
    },
  };
  mkdirSync(join(folder, "hostile"), { recursive: true });
  const lines = [
    trace,
    { ...trace, id: id("b"), text: "harmless", steps: [], answer: { ...trace.answer, span: null } },
  ].map((each) => JSON.stringify(each));
  writeFileSync(
    join(folder, "hostile/hostile.trace.jsonl"),
    `${lines.join("\n")}\nthis is no record\n{"record":"trace"}\n`,
  );
  writeFileSync(join(folder, "hostile/hostile.questions.jsonl"), `${JSON.stringify(question)}\n`);
}
