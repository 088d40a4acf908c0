import { type ModelConfig, modelKeys } from "@mede2/nn";
import { type ModelState, mixSeeds, seededRandom } from "@mede2/trainer";

/** Fresh parameters: normal with σ = 0.02 for matrices (1/√inputs for the patch kernel and the residual outputs scaled by depth), ones for norms, zeros for biases. */
export function initialParameters(config: ModelConfig, seed: number): ModelState {
  const shapes = modelKeys(config);
  const parameters = new Map<string, Float32Array>();
  let index = 0;
  for (const [key, shape] of shapes) {
    const size = shape.reduce((product, each) => product * each, 1);
    parameters.set(key, fill(key, size, spread(key, shape, config), mixSeeds(seed, index++)));
  }
  return { config, shapes, parameters };
}

function spread(key: string, shape: readonly number[], config: ModelConfig): number {
  const { text } = config;
  if (key === "model.embed_tokens.weight" || key === "lm_head.weight") return text.initializerRange;
  const inputs = shape.slice(1).reduce((product, each) => product * each, 1);
  const residual = /(o_proj|down_proj|attn\.proj)\.weight$/.test(key);
  const depth = key.startsWith("visual.") ? towerDepth(config) : text.layers;
  return 1 / Math.sqrt(inputs) / (residual ? Math.sqrt(2 * depth) : 1);
}

function towerDepth(config: ModelConfig): number {
  return "vision" in config && "depth" in config.vision ? config.vision.depth : config.text.layers;
}

function fill(key: string, size: number, sigma: number, seed: number): Float32Array {
  if (key.endsWith(".bias")) return new Float32Array(size);
  if (/norm|ln_q/.test(key)) return new Float32Array(size).fill(1);
  const random = seededRandom(seed);
  return Float32Array.from({ length: size }, () => sigma * normal(random));
}

/** Box–Muller. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
