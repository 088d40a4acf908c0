// Trains the small model of each family for 50 steps with our trainer, writes its folder, and writes down what it computes for Python.
//   node scripts/parity-families.mjs GOLDENS DIR     then: python family_parity.py DIR
import { copyFileSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { familyBatch, GraphBuilder, readFamily } from "./parity/families.mjs";
import { nn, safetensors, trainer } from "./parity/packages.mjs";

const [goldens, target] = process.argv.slice(2);
if (!goldens || !target) {
  console.error("usage: node scripts/parity-families.mjs GOLDENS DIR");
  process.exit(2);
}
const STEPS = 50;
const device = await trainer.openCpuDevice(1);
const names = readdirSync(goldens).filter((name) => existsSync(join(goldens, name, "config.json")));
let failed = 0;
for (const name of names) {
  const { model, example } = await readFamily(join(goldens, name));
  const batch = familyBatch(model, example);
  const settings = {
    config: model.config,
    shapes: model.shapes,
    objective: { kind: "cross-entropy" },
    optimiser: { betas: [0.9, 0.99], epsilon: 1e-8, weightDecay: 0, clipNorm: 1 },
    trains: () => true,
  };
  const stepper = trainer.createStepper(device, model, settings, model.shapes);
  const sizes = new Map([...model.parameters].map(([key, data]) => [key, data.length]));
  const state = trainer.newOptimiserState(sizes);
  const losses = [];
  for (let step = 0; step < STEPS; step++) losses.push((await stepper.step([batch], state, 3e-3)).loss);
  await stepper.release();
  const fell = losses.at(-1) < losses[0] / 2;
  if (!fell) failed += 1;
  console.log(
    `${fell ? "ok  " : "FAIL"} ${name}: ${STEPS} steps, loss ${losses[0].toFixed(4)} to ${losses.at(-1).toFixed(4)}`,
  );

  const folder = join(resolve(target), name);
  mkdirSync(resolve(target), { recursive: true });
  const tensors = [...model.shapes].map(([key, shape]) => ({
    name: key,
    dtype: "F32",
    shape,
    data: model.parameters.get(key),
  }));
  await nn.writeModelFolder(folder, { config: model.config, tensors, replace: true, maxShardBytes: 20_000 });
  const shards = readdirSync(folder).filter((file) => file.endsWith(".safetensors")).length;
  const { state: again } = await trainer.loadModel(folder);
  const same = [...model.parameters].every(([key, data]) =>
    bytes(again.parameters.get(key)).equals(bytes(data)),
  );
  if (!same || shards < 2) failed += 1;
  console.log(`${same && shards > 1 ? "ok  " : "FAIL"} ${name}: the same numbers from ${shards} shards`);
  copyFileSync(join(goldens, name, "case.safetensors"), join(folder, "case.safetensors"));
  const { logits, loss } = await trained(model, batch);
  await safetensors.writeSafetensors(join(folder, "ours.safetensors"), [
    {
      name: "logits",
      dtype: "F32",
      shape: [example.rows.length, example.length, model.config.text.vocab],
      data: logits,
    },
    { name: "loss", dtype: "F32", shape: [1], data: loss },
  ]);
}
process.exitCode = failed > 0 || names.length === 0 ? 1 : 0;

function bytes({ buffer, byteOffset, byteLength }) {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Logits of every position and the loss, by a graph of their own. */
async function trained(model, batch) {
  const g = new GraphBuilder("after");
  const weights = nn.inputWeights(g, model.shapes);
  const hidden = nn.forward(g, weights, model.config, batch.layout);
  const head = (x) => nn.logits(g, weights, model.config, x);
  const logProbs = nn.tokenLogProbs(g, hidden, nn.declareTargetInputs(g, batch.layout.supervised), head);
  g.output(nn.crossEntropy(g, logProbs, g.input("weights", "float32", [batch.layout.supervised])), "loss");
  g.output(head(hidden), "logits");
  const session = await device.compile(g.build());
  const own = Object.fromEntries(
    [...model.parameters].map(([key, data]) => [key, { data, shape: model.shapes.get(key) }]),
  );
  const all = { ...own, ...batch.feeds };
  const feeds = Object.fromEntries(g.inputs.map(({ name }) => [name, all[name]]));
  const result = await session.run(feeds);
  await session.release();
  return { logits: result.logits.data, loss: Float32Array.of(Number(result.loss.data[0])) };
}
