// N pairs · S positions · V vocabulary · M supervised positions
import { GraphBuilder, ops, type Tensor } from "@mede2/onnx";
import { gradients } from "@mede2/onnx/autodiff";
import { readSafetensors } from "@mede2/safetensors";
import { expect, it } from "vitest";
import { maxDifference, relativeDifference } from "../../test/golden-cases.ts";
import { runGraph } from "../../test/run-graph.ts";
import { goldenPath } from "../../test/support/goldens.ts";
import type { AnswerLoss } from "./answer-loss.ts";
import { apoZero } from "./apo-zero.ts";
import { bco } from "./bco.ts";
import { bcoPair } from "./bco-pair.ts";
import { dpo } from "./dpo.ts";
import { dpop } from "./dpop.ts";
import { hinge } from "./hinge.ts";
import { ipo } from "./ipo.ts";
import { kto, ktoDistance } from "./kto.ts";
import { mpo } from "./mpo.ts";
import { orpo } from "./orpo.ts";
import type { PairLoss, PreferenceInputs } from "./preference-loss.ts";
import { simpo } from "./simpo.ts";
import { tokenLogProbs } from "./token-log-probs.ts";

const file = readSafetensors(goldenPath("families/losses/case.safetensors"));
const floats = (name: string) => file.tensor(name).data as Float32Array;
const [rows, length, vocab] = file.entries.get("logits")!.shape as [number, number, number];
const pairs = rows / 2;
const ids = file.tensor("input_ids").data as Int32Array;
const mask = file.tensor("completion_mask").data as Int32Array;
const at = [...mask.keys()].filter((i) => mask[i] === 1);
const member = Array.from({ length: rows * at.length }, (_, i) =>
  Math.floor(at[i % at.length]! / length) === Math.floor(i / at.length) ? 1 : 0,
);
const sum = (g: GraphBuilder, tokens: Tensor): Tensor => {
  const matrix = g.constant("float32", [rows, at.length], member);
  return ops.reshape(g, ops.matMul(g, matrix, ops.reshape(g, tokens, [at.length, 1])), [rows]);
};

type Batch = PreferenceInputs & {
  readonly all: Tensor;
  readonly reference: Tensor;
  readonly tokens: Tensor;
};

function batch(g: GraphBuilder, logits: Tensor): Batch {
  const target = {
    positions: g.constant(
      "int64",
      [at.length],
      at.map((i) => i - 1),
    ),
    targets: g.constant(
      "int64",
      [at.length],
      at.map((i) => ids[i]!),
    ),
  };
  const tokens = tokenLogProbs(g, logits, target, (x) => x);
  const referenceLogits = g.constant("float32", [rows * length, vocab], [...floats("reference_logits")]);
  const all = sum(g, tokens);
  const reference = sum(
    g,
    tokenLogProbs(g, referenceLogits, target, (x) => x),
  );
  const counts = sum(
    g,
    g.constant(
      "float32",
      [at.length],
      at.map(() => 1),
    ),
  );
  const half = (x: Tensor, second: boolean) => ops.slice(g, x, 0, second ? pairs : 0, second ? rows : pairs);
  return {
    ...{ chosen: half(all, false), rejected: half(all, true) },
    ...{ referenceChosen: half(reference, false), referenceRejected: half(reference, true) },
    ...{ chosenTokens: half(counts, false), rejectedTokens: half(counts, true) },
    ...{ all, reference, tokens },
  };
}

async function run(build: (g: GraphBuilder, inputs: Batch) => Tensor): Promise<Record<string, Float32Array>> {
  const g = new GraphBuilder("loss");
  const logits = g.input("logits", "float32", [rows * length, vocab]);
  const loss = build(g, batch(g, logits));
  g.output(loss, "loss");
  g.output(gradients(g, g.tensor("loss"), [logits])[0]!, "grad");
  return runGraph(g, { logits: floats("logits") });
}

const mean =
  (loss: PairLoss, nllWeight = 0) =>
  (g: GraphBuilder, inputs: Batch): Tensor => {
    const value = ops.mul(g, ops.sumAll(g, loss(g, inputs)), 1 / pairs);
    if (nllWeight === 0) return value;
    const chosen = at.filter((i) => i < pairs * length).length;
    const nll = ops.neg(g, ops.sumAll(g, ops.slice(g, inputs.tokens, 0, 0, chosen)));
    return ops.add(g, value, ops.mul(g, nll, nllWeight / chosen));
  };

/** The mean over answers, those of the pairs' chosen sides desirable. */
const answers =
  (loss: AnswerLoss, desirable: number, undesirable: number, shift: (g: GraphBuilder) => Tensor) =>
  (g: GraphBuilder, { all: logProbs, reference }: Batch): Tensor => {
    const vector = (good: number, bad: number) =>
      g.constant(
        "float32",
        [rows],
        Array.from({ length: rows }, (_, i) => (i < pairs ? good : bad)),
      );
    const losses = loss(g, { logProbs, reference, signs: vector(1, -1), shift: shift(g) });
    return ops.sumAll(g, ops.mul(g, losses, vector(desirable / rows, undesirable / rows)));
  };

const smoothing = { labelSmoothing: 0.1 };
const cases: readonly [string, (g: GraphBuilder, inputs: Batch) => Tensor][] = [
  ["dpo", mean(dpo(0.3))],
  ["dpo-smoothed", mean(dpo(0.3, smoothing))],
  ["dpo-robust", mean(dpo(0.3, { ...smoothing, robust: true }))],
  ["dpo-normalised", mean(dpo(2, { normalised: true }))],
  ["dpo-nll", mean(dpo(0.3), 0.5)],
  ["ipo", mean(ipo(0.4))],
  ["hinge", mean(hinge(0.3))],
  ["bco-pair", mean(bcoPair(0.3))],
  ["apo-zero", mean(apoZero(0.3))],
  ["mpo", mean(mpo(0.3, { preference: 0.8, quality: 0.2 }), 1)],
  ["simpo", mean(simpo(2, 0.8))],
  ["orpo", mean(orpo(0.25))],
  ["bco", answers(bco(0.3), 1, 1, (g) => g.scalar(floats("bco.shift")[0]!))],
  [
    "kto",
    answers(kto(0.3), 1.2, 0.9, (g) => {
      const vector = (values: Iterable<number>) => g.constant("float32", [rows], [...values]);
      return ktoDistance(g, vector(floats("kl")), vector(floats("reference_kl")));
    }),
  ],
];

it.each(cases)("%s as TRL: loss, and its gradient at every logit", async (name, build) => {
  const found = await run(build);
  expect(found.loss![0]).toBeCloseTo(floats(`${name}.loss`)[0]!, 5);
  expect(relativeDifference(found.grad!, floats(`${name}.grad`))).toBeLessThan(1e-4);
});

it("compares every loss that TRL computed", () => {
  const golden = [...file.entries.keys()].filter((key) => key.endsWith(".loss"));
  expect(golden.map((key) => key.slice(0, -".loss".length)).sort()).toEqual(
    cases.map(([name]) => name).sort(),
  );
});

it("a scheduled beta gives what the number gives", async () => {
  const scheduled = await run((g, inputs) => mean(dpo(9))(g, { ...inputs, beta: g.scalar(0.3) }));
  expect(scheduled.loss![0]).toBeCloseTo(floats("dpo.loss")[0]!, 6);
  const target = await run((g, inputs) => mean(ipo(9))(g, { ...inputs, beta: g.scalar(0.4) }));
  expect(target.loss![0]).toBeCloseTo(floats("ipo.loss")[0]!, 5);
});

it("DPOP: DPO without a penalty, and pushed up where the chosen answer lost", async () => {
  const free = await run(mean(dpop(0.3, 0)));
  expect(maxDifference(free.grad!, floats("dpo.grad"))).toBeLessThan(1e-6);
  const [lost, golden] = [
    await run(mean(dpop(0.3, 5))),
    await run((g, x) => {
      // the formula written out, with max(0, x) as (x + |x|) / 2
      const gap = ops.sub(g, x.referenceChosen, x.chosen);
      const penalty = ops.mul(g, ops.add(g, gap, ops.abs(g, gap)), 2.5);
      const margin = ops.sub(
        g,
        ops.sub(g, ops.neg(g, gap), ops.sub(g, x.rejected, x.referenceRejected)),
        penalty,
      );
      return ops.mul(g, ops.sumAll(g, ops.softplus(g, ops.mul(g, margin, -0.3))), 1 / pairs);
    }),
  ];
  expect(lost.loss![0]).toBeCloseTo(golden.loss![0]!, 5);
  expect(maxDifference(lost.grad!, golden.grad!)).toBeLessThan(1e-5);
  expect(lost.loss![0]).toBeGreaterThan(free.loss![0]!);
});
