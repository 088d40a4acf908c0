// The WebGPU provider against the CPU: its gradients, steps of training and greedy tokens. Started by `bash scripts/webgpu-env.sh run node scripts/check-webgpu.mjs`, where no GPU is.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./lib/workspace.mjs";

const from = (name) => import(join(root, "packages", name, "dist/index.js"));
const {
  createGenerator,
  createStepper,
  featureCache,
  loadModel,
  newOptimiserState,
  openCpuDevice,
  openDevice,
  supervisedStep,
} = await from("trainer");
const tiny = join(root, "packages/recipes/models/tiny");
const failed = [];
const check = (name, good, detail) => {
  console.log(`${good ? "ok  " : "FAIL"} ${name} (${detail})`);
  if (!good) failed.push(name);
};

const cpu = await openCpuDevice(2);
const webgpu = await openDevice("webgpu", 2); // throws where its gradients are not the CPU's
console.log("ok   gradients of a small layer are the CPU's");

/** Rows of tokens as they come; what they say does not matter here. */
const rows = [40, 64, 25].map((length, n) => ({
  id: String(n),
  tokens: Int32Array.from({ length }, (_, s) => 20 + ((s * (7 + n)) % 200)),
  supervised: Uint8Array.from({ length }, (_, s) => (s > 8 ? 1 : 0)),
  images: [],
}));

const noPictures = async () => {
  throw new Error("there are no pictures here");
};

async function losses(device, steps) {
  const { state: model } = await loadModel(tiny);
  const trained = new Map([...model.shapes].filter(([key]) => !key.startsWith("visual.")));
  const settings = {
    ...{ config: model.config, shapes: model.shapes, objective: { kind: "cross-entropy" } },
    optimiser: { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.01, clipNorm: 1 },
    trains: (key) => trained.has(key),
  };
  const stepper = createStepper(device, model, settings, trained);
  const state = newOptimiserState(
    new Map([...trained.keys()].map((key) => [key, model.parameters.get(key).length])),
  );
  const images = { kind: "kept", features: featureCache(device, model, noPictures) };
  const { batches } = await supervisedStep(rows, { model, images, pad: 0, size: rows.length });
  const found = [];
  for (let step = 0; step < steps; step++) found.push((await stepper.step(batches, state, 1e-3)).loss);
  await stepper.release();
  return found;
}

const [there, here] = [await losses(webgpu, 5), await losses(cpu, 5)];
const off = Math.max(...there.map((loss, n) => Math.abs(loss / here[n] - 1)));
check(
  "five AdamW steps of Tiny",
  off < 1e-4 && here[4] < here[0],
  `losses differ by ${off.toExponential(1)} of their size at most`,
);

async function tokens(device) {
  const { state: model } = await loadModel(tiny);
  const images = { kind: "kept", features: featureCache(device, model, noPictures) };
  const generator = createGenerator(device, model, { batch: 4, pad: 0, stop: new Set(), images });
  const sampling = { temperature: 0, topP: 1, maxTokens: 12 };
  const made = await generator.generate(rows.map((prompt) => ({ prompt, sampling, sample: 0 })));
  await generator.release();
  return made.flatMap((each) => each.tokens);
}

const [said, expected] = [await tokens(webgpu), await tokens(cpu)];
const equal = said.filter((token, n) => token === expected[n]).length;
check("greedy tokens with a cache", equal === expected.length, `${equal} of ${expected.length} equal`);
const { version } = JSON.parse(readFileSync(join(root, "packages/trainer/package.json"), "utf8"));
console.log(
  failed.length === 0
    ? `WebGPU computes what the CPU does (trainer ${version})`
    : `failed: ${failed.join(", ")}`,
);
process.exit(failed.length === 0 ? 0 : 1);
