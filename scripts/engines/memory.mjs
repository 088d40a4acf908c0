// The model of a GPU's memory against what transformers and PEFT keep on a CPU, counted tensor by tensor.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../lib/workspace.mjs";
import { trainer } from "../parity/packages.mjs";

const sizes = { hidden: 256, intermediate: 768, heads: 8, kvHeads: 2, tokens: 128, vocabulary: 4096 };

export function checkMemory({ check, swift }) {
  const folder = mkdtempSync(join(tmpdir(), "mede2-memory-"));
  const file = join(folder, "sizes.json");
  writeFileSync(file, JSON.stringify(sizes));
  const said = execFileSync(swift, [join(root, "python/measure_activations.py"), file], {
    ...{ encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
    env: { ...process.env, OMP_NUM_THREADS: "1" },
  });
  rmSync(folder, { recursive: true });
  const counted = JSON.parse(said.trim().split("\n").at(-1));
  const { hidden, intermediate, heads, kvHeads, vocabulary } = sizes;
  const size = {
    ...{ parameters: 0, linear: 0, vision: 0, towerWidth: 0, layers: 1, vocabulary, hidden, intermediate },
    keyWidth: (hidden / heads) * kvHeads,
  };
  const step = {
    size,
    trained: 0,
    pairs: false,
    gpus: 1,
    sharing: "none",
    width: 2,
    nf4: false,
    master: false,
  };
  const one = { sequences: 1, longest: 1, answer: 1, patches: 0 };
  for (const [name, lora] of [
    ["full", false],
    ["lora", true],
  ]) {
    const { activations } = trainer.gpuMemory({ ...step, ...one, lora, recompute: false });
    const ours = activations / 2; // the layer, and one more for gradients
    const off = ours / counted[name] - 1;
    check(
      `memory: what a layer keeps of a token (${name})`,
      Math.abs(off) < 0.05,
      `${ours} bytes by the model, ${counted[name]} counted`,
    );
  }
  check(
    "memory: what checkpointing keeps of a layer",
    counted.recomputedStream === 2 * hidden,
    `${counted.recomputedStream} bytes`,
  );
  const { logits } = trainer.gpuMemory({ ...step, ...one, lora: true, recompute: true });
  const peak = logits / vocabulary;
  // what stays for the backward pass is the logarithms; logits and gradient come beside them
  check(
    "memory: logits",
    counted.logits > 3.9 && counted.logits < peak,
    `${counted.logits} of ${peak} bytes stay`,
  );
}
