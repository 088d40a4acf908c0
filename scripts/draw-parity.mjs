// Draws what is compared with whom: for each thing the distance from its reference over the limit of its test, on a scale of powers of ten.
//   node scripts/draw-parity.mjs [--check]     needs a built workspace; writes docs/images/parity.svg
// The distances are computed here and now, by our graphs on the committed goldens, whose references are named in docs/parity.md.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./lib/workspace.mjs";
import { adapterDistances, lossDistances } from "./parity/distances.mjs";
import { familyBatch, GraphBuilder, readFamily } from "./parity/families.mjs";
import { nn, safetensors, trainer } from "./parity/packages.mjs";

const families = join(root, "packages/nn/test/goldens/families");
const device = await trainer.openCpuDevice(1);
const { gradients } = await import(import.meta.resolve("../packages/onnx/dist/autodiff/index.js"));
const rows = [];
const add = (group, name, distance, limit) =>
  rows.push({ group, name, distance: Math.max(distance, 1e-9), limit });
const norm = (values) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
const floats = (file, key) => Float32Array.from(file.tensor(key).data);

for (const name of readdirSync(families).filter((each) => existsSync(join(families, each, "config.json"))))
  await family(name);
// TRL 1.9 has it no more: python/swift_losses.py compares it with ms-swift
for (const [name, distance] of await lossDistances(device))
  add("losses", `${name} (${name === "dpo-smoothed" ? "ms-swift" : "TRL"})`, distance, 1e-4);
for (const [name, distance] of await adapterDistances(device))
  add("adapters", `${name} (PEFT)`, distance, 1e-4);
quantised();
draw();

/** Largest distance of logits, and of a gradient over its norm. */
async function family(name) {
  const { model, example } = await readFamily(join(families, name));
  const batch = familyBatch(model, example);
  const g = new GraphBuilder("parity");
  const weights = nn.inputWeights(g, model.shapes);
  const hidden = nn.forward(g, weights, model.config, batch.layout);
  const head = (x) => nn.logits(g, weights, model.config, x);
  const count = batch.layout.supervised;
  const logProbs = nn.tokenLogProbs(g, hidden, nn.declareTargetInputs(g, count), head);
  const loss = nn.crossEntropy(g, logProbs, g.input("weights", "float32", [count]));
  g.output(head(hidden), "logits");
  g.output(loss, "loss");
  const keys = [...model.shapes.keys()];
  gradients(g, loss, keys.map(weights)).forEach((each, i) => {
    g.output(each, `grad:${keys[i]}`);
  });
  const session = await device.compile(g.build());
  const all = {
    ...Object.fromEntries(
      [...model.parameters].map(([key, data]) => [key, { data, shape: model.shapes.get(key) }]),
    ),
    ...batch.feeds,
  };
  const result = await session.run(
    Object.fromEntries(g.inputs.map((input) => [input.name, all[input.name]])),
  );
  await session.release();
  const file = safetensors.readSafetensors(join(families, name, "case.safetensors"));
  const [theirs, vocab] = [floats(file, "logits"), model.config.text.vocab];
  let worst = 0;
  example.rows.forEach((row, b) => {
    for (let i = b * example.length * vocab; i < (b * example.length + row.length) * vocab; i++)
      worst = Math.max(worst, Math.abs(result.logits.data[i] - theirs[i]));
  });
  add("logits", name, worst, 1e-4);
  const golden = keys.map((key) => floats(file, `grad:${nn.nameInFile(key, model.config, "published")}`));
  const floor = 1e-4 * Math.max(...golden.map(norm));
  add(
    "gradients",
    name,
    Math.max(
      ...keys.map(
        (key, i) =>
          norm(golden[i].map((x, j) => x - result[`grad:${key}`].data[j])) / Math.max(norm(golden[i]), floor),
      ),
    ),
    1e-4,
  );
}

function quantised() {
  const file = safetensors.readSafetensors(join(families, "quantised/nf4.safetensors"));
  const four = nn.dequantiseNf4(nn.quantiseNf4(floats(file, "many.weight")));
  add(
    "numbers",
    "NF4 (bitsandbytes)",
    Math.max(...floats(file, "many.numbers").map((x, i) => Math.abs(x - four[i]))),
    1e-6,
  );
  const average = safetensors.readSafetensors(join(families, "optimisers/average.safetensors"));
  const kept = floats(average, "weights.0");
  for (const step of [1, 2, 3]) nn.moveAverage(kept, floats(average, `weights.${step}`), 0.9);
  add(
    "numbers",
    "average of weights (torch)",
    Math.max(...floats(average, "average.3").map((x, i) => Math.abs(x - kept[i]))),
    1e-6,
  );
  const muonFile = safetensors.readSafetensors(join(families, "optimisers/adamw-8bit.safetensors"));
  const parameter = floats(muonFile, "matrix.start");
  const moments = nn.newMoments8Bit(parameter.length);
  const settings = {
    betas: [0.9, 0.99],
    epsilon: 1e-8,
    learningRate: 0.01,
    weightDecay: 0.1,
    factor: 1,
    step: 1,
  };
  nn.adamW8Bit(parameter, floats(muonFile, "matrix.grad.0"), moments, settings);
  add(
    "numbers",
    "AdamW 8-bit, one step (bitsandbytes)",
    Math.max(...floats(muonFile, "matrix.after.0").map((x, i) => Math.abs(x - parameter[i]))),
    1e-6,
  );
}

function draw() {
  const [left, top, line, width] = [250, 70, 15, 760];
  const at = (x) => left + ((Math.log10(x) + 9) / 6) * (width - left - 30);
  const labels = {
    logits: "logits, largest distance",
    gradients: "gradients, distance over norm, the worst of all parameters",
    losses: "losses, gradient at every logit, distance over norm",
    adapters: "adapters, gradients of the factors, distance over norm, the worst",
    numbers: "numbers, largest distance",
  };
  const parts = [];
  let y = top;
  for (const [group, label] of Object.entries(labels)) {
    parts.push(`<text x="20" y="${y}" class="head">${label}</text>`);
    for (const { name, distance, limit } of rows.filter((row) => row.group === group)) {
      y += line;
      parts.push(
        `<text x="${left - 10}" y="${y}" class="name">${name}</text>`,
        `<line x1="${at(1e-9)}" x2="${at(distance)}" y1="${y - 4}" y2="${y - 4}" class="stem"/>`,
        `<circle cx="${at(distance)}" cy="${y - 4}" r="3.5" class="${distance < limit ? "dot" : "bad"}"/>`,
        `<line x1="${at(limit)}" x2="${at(limit)}" y1="${y - 10}" y2="${y + 2}" class="limit"/>`,
      );
    }
    y += 32;
  }
  const ticks = [-9, -8, -7, -6, -5, -4, -3].map((power) => {
    const x = at(10 ** power);
    return `<line x1="${x}" x2="${x}" y1="${top - 18}" y2="${y - 20}" class="tick"/><text x="${x}" y="${top - 24}" class="axis">10${[...String(power)].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)])).join("")}</text>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" font-family="system-ui, sans-serif" font-size="11" role="img" aria-label="Distances of our numbers from those of transformers, TRL, PEFT, bitsandbytes and torch; every dot lies left of its limit">
<style>text{fill:#333}.head{font-weight:600;font-size:12px}.name{text-anchor:end}.axis{text-anchor:middle;fill:#777}.title{font-size:14px;font-weight:600}.tick{stroke:#e3e3e3}.stem{stroke:#b8cfe8;stroke-width:2}.dot{fill:#2167b4}.bad{fill:#c22}.limit{stroke:#c22;stroke-width:2}@media(prefers-color-scheme:dark){text{fill:#ddd}.tick{stroke:#444}.axis{fill:#999}.stem{stroke:#35567c}.dot{fill:#7db4f0}}</style>
<text x="20" y="22" class="title">Distance from the reference; red: the limit of the test</text>
${ticks.join("\n")}
${parts.join("\n")}
</svg>
`;
  const target = join(root, "docs/images/parity.svg");
  if (rows.some(({ distance, limit }) => distance >= limit)) process.exitCode = 1;
  if (process.argv.includes("--check")) {
    const known = existsSync(target) ? readFileSync(target, "utf8") : "";
    for (const { name } of rows)
      if (!known.includes(`>${name}</text>`)) {
        console.error(`docs/images/parity.svg lacks ${name}: run node scripts/draw-parity.mjs`);
        process.exitCode = 1;
      }
    return;
  }
  writeFileSync(target, svg);
  for (const { group, name, distance, limit } of rows)
    console.log(
      `${distance < limit ? "ok  " : "FAIL"} ${group} ${name}: ${distance.toExponential(1)} of ${limit}`,
    );
}
