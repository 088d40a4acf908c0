// How far losses and adapters are from TRL and PEFT on the committed goldens: what draw-parity.mjs draws beside the families.
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../lib/workspace.mjs";
import { familyBatch, GraphBuilder, readFamily } from "./families.mjs";
import { nn, safetensors } from "./packages.mjs";

const { resolve } = createRequire(join(root, "packages/trainer/package.json"));
const { ops } = await import(pathToFileURL(resolve("@mede2/onnx")).href);
const { gradients } = await import(pathToFileURL(resolve("@mede2/onnx/autodiff")).href);
const families = join(root, "packages/nn/test/goldens/families");
const norm = (values) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
const relative = (ours, theirs) => norm(theirs.map((x, i) => x - ours[i])) / Math.max(norm(theirs), 1e-12);

const pairLosses = {
  dpo: [nn.dpo(0.3)],
  "dpo-smoothed": [nn.dpo(0.3, { labelSmoothing: 0.1 })],
  "dpo-robust": [nn.dpo(0.3, { labelSmoothing: 0.1, robust: true })],
  "dpo-normalised": [nn.dpo(2, { normalised: true })],
  "dpo-nll": [nn.dpo(0.3), 0.5],
  ipo: [nn.ipo(0.4)],
  hinge: [nn.hinge(0.3)],
  "apo-zero": [nn.apoZero(0.3)],
  "bco-pair": [nn.bcoPair(0.3)],
  mpo: [nn.mpo(0.3, { preference: 0.8, quality: 0.2 }), 1],
  simpo: [nn.simpo(2, 0.8)],
  orpo: [nn.orpo(0.25)],
};

/** [name, distance of the gradient at every logit over its norm] of each loss that TRL computed. */
export async function lossDistances(device) {
  const file = safetensors.readSafetensors(join(families, "losses/case.safetensors"));
  const floats = (name) => Float32Array.from(file.tensor(name).data);
  const [rows, length, vocab] = file.entries.get("logits").shape;
  const [pairs, mask, ids] = [rows / 2, file.tensor("completion_mask").data, file.tensor("input_ids").data];
  const at = [...mask.keys()].filter((i) => mask[i] === 1);
  const inputsOf = (g, logits) => {
    const indices = (values) => g.constant("int64", [at.length], values);
    const target = {
      positions: indices(at.map((i) => i - 1)),
      targets: indices(at.map((i) => ids[i])),
    };
    const member = Array.from({ length: rows * at.length }, (_, i) =>
      Math.floor(at[i % at.length] / length) === Math.floor(i / at.length) ? 1 : 0,
    );
    const sum = (tokens) => {
      const column = ops.reshape(g, tokens, [at.length, 1]);
      return ops.reshape(g, ops.matMul(g, g.constant("float32", [rows, at.length], member), column), [rows]);
    };
    const of = (x) => nn.tokenLogProbs(g, x, target, (y) => y);
    const tokens = of(logits);
    const theirs = of(g.constant("float32", [rows * length, vocab], [...floats("reference_logits")]));
    const [all, reference] = [sum(tokens), sum(theirs)];
    const counts = sum(g.constant("float32", [at.length], new Array(at.length).fill(1)));
    const half = (x, second) => ops.slice(g, x, 0, second ? pairs : 0, second ? rows : pairs);
    return {
      ...{ chosen: half(all, false), rejected: half(all, true) },
      ...{ referenceChosen: half(reference, false), referenceRejected: half(reference, true) },
      ...{ chosenTokens: half(counts, false), rejectedTokens: half(counts, true) },
      ...{ all, reference, tokens },
    };
  };
  const ofPairs =
    (loss, nllWeight = 0) =>
    (g, inputs) => {
      const value = ops.mul(g, ops.sumAll(g, loss(g, inputs)), 1 / pairs);
      if (nllWeight === 0) return value;
      const chosen = at.filter((i) => i < pairs * length).length;
      const nll = ops.neg(g, ops.sumAll(g, ops.slice(g, inputs.tokens, 0, 0, chosen)));
      return ops.add(g, value, ops.mul(g, nll, nllWeight / chosen));
    };
  const ofAnswers =
    (loss, sides, shift) =>
    (g, { all, reference }) => {
      const vector = (good, bad) =>
        g.constant("float32", [rows], [...new Array(pairs).fill(good), ...new Array(pairs).fill(bad)]);
      const each = loss(g, { logProbs: all, reference, signs: vector(1, -1), shift: shift(g) });
      return ops.sumAll(g, ops.mul(g, each, vector(sides[0] / rows, sides[1] / rows)));
    };
  const distance = (g) => {
    const vector = (name) => g.constant("float32", [rows], [...floats(name)]);
    return nn.ktoDistance(g, vector("kl"), vector("reference_kl"));
  };
  const builds = {
    ...Object.fromEntries(
      Object.entries(pairLosses).map(([name, [loss, nll]]) => [name, ofPairs(loss, nll)]),
    ),
    kto: ofAnswers(nn.kto(0.3), [1.2, 0.9], distance),
    bco: ofAnswers(nn.bco(0.3), [1, 1], (g) => g.scalar(floats("bco.shift")[0])),
  };
  const found = [];
  for (const [name, build] of Object.entries(builds)) {
    const g = new GraphBuilder("loss");
    const logits = g.input("logits", "float32", [rows * length, vocab]);
    g.output(gradients(g, build(g, inputsOf(g, logits)), [logits])[0], "grad");
    const session = await device.compile(g.build());
    const { grad } = await session.run({ logits: { data: floats("logits"), shape: [rows * length, vocab] } });
    await session.release();
    found.push([name, relative(grad.data, floats(`${name}.grad`))]);
  }
  return found;
}

/** [name, the largest distance of a factor's gradient over its norm] of each adapter that PEFT computed. */
export async function adapterDistances(device) {
  const { model, example } = await readFamily(join(families, "qwen2"));
  const batch = familyBatch(model, example);
  const { config, shapes } = model;
  const kinds = {
    LoRA: "adapters/lora",
    rsLoRA: "adapters/rslora",
    DoRA: "adapters/dora",
    QLoRA: "quantised/qlora",
  };
  const found = [];
  for (const [name, folder] of Object.entries(kinds)) {
    const file = safetensors.readSafetensors(join(families, folder, "case.safetensors"));
    const { lora, modules } = await nn.readPeftFolder(join(families, folder));
    const isNf4 = (key) => name === "QLoRA" && nn.mayBeNf4(key, shapes.get(key));
    const old = new GraphBuilder("adapter");
    const weights = nn.withNf4(nn.inputWeights(old, shapes), shapes, isNf4, (to, ...given) =>
      to.input(...given),
    );
    const hidden = nn.forward(old, weights, config, batch.layout);
    const count = batch.layout.supervised;
    const logProbs = nn.tokenLogProbs(old, hidden, nn.declareTargetInputs(old, count), (x) =>
      nn.logits(old, weights, config, x),
    );
    const value = nn.crossEntropy(old, logProbs, old.input("weights", "float32", [count]));
    const { g, of, modules: adapted } = nn.applyLora(old, lora);
    const [keys, all] = [[], { ...batch.feeds }];
    for (const { module, a, b, magnitude } of adapted) {
      const factors = modules.get(module);
      const own = [
        ["A", a, factors.a],
        ["B", b, factors.b],
        ...(magnitude === undefined ? [] : [["magnitude_vector", magnitude, factors.magnitude]]),
      ];
      for (const [factor, key, { data, shape }] of own) {
        keys.push([key, nn.peftKey(module, factor, config)]);
        all[key] = { data: Float32Array.from(data), shape };
      }
    }
    for (const [key, data] of model.parameters) {
      all[key] = { data, shape: shapes.get(key) };
      if (isNf4(key))
        for (const [part, array] of nn.nf4Arrays(key, nn.compressScales(nn.quantiseNf4(data))))
          all[part] = { data: array };
    }
    gradients(
      g,
      of(value),
      keys.map(([key]) => g.tensor(key)),
    ).forEach((each, i) => {
      g.output(each, `grad:${keys[i][0]}`);
    });
    const session = await device.compile(g.build());
    const result = await session.run(
      Object.fromEntries(g.inputs.map((input) => [input.name, { shape: input.shape, ...all[input.name] }])),
    );
    await session.release();
    const far = keys.map(([ours, theirs]) =>
      relative(result[`grad:${ours}`].data, Float32Array.from(file.tensor(`grad:${theirs}`).data)),
    );
    found.push([name, Math.max(...far)]);
  }
  return found;
}
