// LoRA fine-tuning on real reasoning demonstrations by our trainer and by TRL with PEFT: the same model, batches and first factors, step by step; their losses as CSV and as
// a figure. After a build and scripts/parity-env.sh, scripts/smollm2.sh:
//   node scripts/peft-curve.mjs --data demo_data.json --out DIR [--steps 60] [--rows 1] [--most-tokens 560] [--threads 2]
// The data is a JSON list of records with Question, Complex_CoT and Response, as FreedomIntelligence publishes its demonstrations.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    out: { type: "string" },
    steps: { type: "string", default: "60" },
    rows: { type: "string", default: "1" },
    "most-tokens": { type: "string", default: "560" },
    threads: { type: "string", default: "2" },
    terms: { type: "string", default: "float32" },
  },
});
if (values.data === undefined || values.out === undefined) {
  console.error("usage: node scripts/peft-curve.mjs --data FILE --out DIR [--steps 60] [--rows 1]");
  process.exit(2);
}
const dist = (path) => new URL(`../packages/${path}`, import.meta.url);
const { openModelFolder } = await import(dist("nn/dist/index.js"));
const { encodeMessages } = await import(dist("trainer/dist/index.js"));
const { trainingBatch } = await import(dist("recipes/dist/bench/bench-batches.js"));
const { startSides } = await import(dist("recipes/dist/bench/sides.js"));
const { defaultPeerFolder, findPeer } = await import(dist("recipes/dist/bench/find-peer.js"));

const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
const model = process.env.MEDE2_SMOLLM2 || join(cache, "mede2", "smollm2-135m-instruct");
const folder = await openModelFolder(model);
const encoder = { config: folder.config, processor: await folder.processor() };
const message = (role, text) => ({ role, content: [{ type: "text", text }] });
const examples = JSON.parse(readFileSync(values.data, "utf8"))
  .map((each, n) =>
    encodeMessages(encoder, String(n), [
      message("user", each.Question),
      message("assistant", `<think>\n${each.Complex_CoT}\n</think>\n${each.Response}`),
    ]),
  )
  .filter(({ tokens }) => tokens.length <= Number(values["most-tokens"]));
const [steps, rows] = [Number(values.steps), Number(values.rows)];
const batches = Array.from({ length: Math.floor(examples.length / rows) }, (_, n) =>
  trainingBatch(examples.slice(n * rows, (n + 1) * rows), encoder.processor.tokenizer.padId),
);
console.error(
  `${examples.length} demonstrations of at most ${values["most-tokens"]} tokens, ${batches.length} batches of ${rows}`,
);
const out = resolve(values.out);
mkdirSync(out, { recursive: true });
const file = join(out, "batches.json");
writeFileSync(file, JSON.stringify({ batches }));
const peer = findPeer(defaultPeerFolder(process.env, homedir()), "");
const comparison = { work: "sft-lora", model: "135m", terms: values.terms, peer: "trl" };
const threads = Number(values.threads);
const sides = await startSides({ comparison, peer, model, batches: file, newTokens: 0, threads });
const lines = [
  "step,ours,peft,ours gradient norm,peft gradient norm,supervised tokens,our seconds,peft seconds",
];
for (let step = 1; step <= steps; step++) {
  const [ours, theirs] = [await sides.ours.ask("step"), await sides.theirs.ask("step")];
  lines.push(
    [
      step,
      ours.loss,
      theirs.loss,
      ours.gradientNorm,
      theirs.gradientNorm,
      ours.supervisedTokens,
      ours.seconds,
      theirs.seconds,
    ].join(","),
  );
  console.error(`step ${step}: ${ours.loss.toFixed(4)} ${theirs.loss.toFixed(4)}`);
  writeFileSync(join(out, "curve.csv"), `${lines.join("\n")}\n`);
  writeFileSync(join(out, "curve.svg"), figure(lines.slice(1).map((line) => line.split(",").map(Number))));
}
const [own, other] = [await sides.ours.peakBytes(), await sides.theirs.peakBytes()];
console.error(
  `peak memory: ours ${(own / 2 ** 20).toFixed(0)} MiB, theirs ${(other / 2 ** 20).toFixed(0)} MiB`,
);
await sides.quit();

/** Both losses over the steps; ours is the wide line beneath. */
function figure(rows) {
  const [width, height, left, bottom] = [640, 320, 56, 40];
  const losses = rows.flatMap(([, ours, theirs]) => [ours, theirs]);
  const [low, high] = [
    Math.floor(Math.min(...losses) * 5) / 5,
    Math.ceil(Math.max(...losses) * 5) / 5 + 0.001,
  ];
  const x = (step) => left + ((step - 1) / Math.max(1, rows.length - 1)) * (width - left - 16);
  const y = (loss) => 36 + ((high - loss) / (high - low)) * (height - bottom - 36);
  const path = (column) =>
    rows.map((row) => `${x(row[0]).toFixed(1)},${y(row[column]).toFixed(1)}`).join(" ");
  const off = Math.max(...rows.map(([, ours, theirs]) => Math.abs(ours - theirs) / theirs));
  const ticks = Array.from({ length: 5 }, (_, n) => low + (n * (high - low)) / 4);
  const text = (at, top, words, anchor = "start") =>
    `<text x="${at}" y="${top}" text-anchor="${anchor}" fill="#333333">${words}</text>`;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="system-ui, sans-serif" font-size="12">`,
    "<title>Loss of each step, ours and PEFT's</title>",
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(
      left,
      18,
      `loss a step: ours (wide) and TRL with PEFT (thin); largest difference ${off.toExponential(1)} of the loss`,
    ),
    ...ticks.flatMap((tick) => [
      `<line x1="${left}" x2="${width - 16}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}" stroke="#dddddd"/>`,
      text(left - 6, y(tick) + 4, tick.toFixed(2), "end"),
    ]),
    `<polyline points="${path(1)}" fill="none" stroke="#9cc7e8" stroke-width="6"/>`,
    `<polyline points="${path(2)}" fill="none" stroke="#1f3b57" stroke-width="1.5"/>`,
    text(left, height - 12, "step 1"),
    text(width - 16, height - 12, `step ${rows.at(-1)[0]}`, "end"),
    "</svg>",
  ].join("\n")}\n`;
}
