import { describe, expect, it } from "vitest";
import { checkGradient } from "../../test/check-gradient.ts";
import { evaluate } from "../../test/evaluate.ts";
import { type Random, seeded } from "../../test/random.ts";
import { GraphBuilder } from "../builder.ts";
import type { Tensor } from "../ir/types.ts";
import * as ops from "../ops/index.ts";
import { gradients } from "./gradients.ts";

const failing = (code: string) => expect.objectContaining({ code });

/** A random graph over three values of different shape, each used any number of times. */
function randomGraph(g: GraphBuilder, inputs: readonly Tensor[], random: Random): Tensor {
  const pool = [...inputs];
  for (let step = 0; step < 12; step++) {
    const [a, b] = [random.pick(pool), random.pick(pool)];
    const bounded = (x: Tensor) => ops.tanh(g, x);
    pool.push(
      random.pick([
        () => ops.add(g, a, b),
        () => ops.mul(g, bounded(a), b),
        () => ops.sub(g, a, ops.sigmoid(g, b)),
        () => ops.softmax(g, ops.add(g, a, pool[0]!)),
        () => ops.add(g, ops.reduceMean(g, a, [-1]), b),
        () => ops.div(g, a, ops.add(g, ops.exp(g, bounded(b)), 1)),
        () => ops.mul(g, ops.stopGradient(g, g.scalar(0.5, "float64")), bounded(a)),
      ])(),
    );
  }
  return ops.concat(
    g,
    [...inputs, ...pool.slice(-2)].map((x) => ops.add(g, x, inputs[0]!)),
    0,
  );
}

describe("gradients", () => {
  it("accumulates over values that are used many times, in random graphs", () => {
    for (let seed = 0; seed < 60; seed++) {
      const random = seeded(seed);
      const inputs = [random.values([2, 3]), random.values([3]), random.values([2, 1])];
      const { error } = checkGradient({ inputs, build: (g, xs) => randomGraph(g, xs, random) }, random);
      expect(error, `seed ${seed}`).toBeLessThan(1e-6);
    }
  });

  it("lets no gradient through stopGradient", () => {
    const g = new GraphBuilder("stopped");
    const x = g.input("x", "float64", [2]);
    const loss = ops.sumAll(g, ops.mul(g, ops.stopGradient(g, x), x));
    const [dx] = gradients(g, loss, [x]);
    const values = evaluate(
      g.build().graph,
      new Map([["x", { dtype: "float64", shape: [2], data: Float64Array.of(3, -4) }]]),
    );
    expect(Array.from(values.get(dx!.name)!.data)).toEqual([3, -4]); // not 2x
  });

  it("differentiates with respect to an intermediate value", () => {
    const g = new GraphBuilder("intermediate");
    const x = g.input("x", "float64", [2]);
    const hidden = ops.mul(g, x, 3);
    const loss = ops.sumAll(g, ops.mul(g, hidden, hidden));
    const [dHidden, dx] = gradients(g, loss, [hidden, x]);
    const values = evaluate(
      g.build().graph,
      new Map([["x", { dtype: "float64", shape: [2], data: Float64Array.of(1, 2) }]]),
    );
    expect(Array.from(values.get(dHidden!.name)!.data)).toEqual([6, 12]);
    expect(Array.from(values.get(dx!.name)!.data)).toEqual([18, 36]);
  });

  it("gives the same numbers when activations are recomputed, from copies of the forward nodes", () => {
    const run = (recompute: boolean) => {
      const random = seeded(7);
      const g = new GraphBuilder("segments");
      const x = g.input("x", "float64", [3, 4]);
      const w = g.input("w", "float64", [4, 4]);
      const block = (h: Tensor) => ops.tanh(g, ops.matMul(g, ops.softmax(g, h), w));
      let hidden = x;
      for (let layer = 0; layer < 3; layer++) {
        const from: Tensor = hidden;
        hidden = recompute ? g.recomputed(() => block(from)) : block(from);
      }
      const loss = ops.sumAll(g, ops.mul(g, hidden, hidden));
      const forward = g.nodes.length;
      const found = gradients(g, loss, [x, w]);
      const feeds = new Map([
        ["x", random.values([3, 4])],
        ["w", random.values([4, 4])],
      ]);
      const values = evaluate(g.build().graph, feeds);
      const inner = new Set(
        g.nodes
          .slice(0, forward)
          .filter((node) => node.op === "Softmax")
          .flatMap((node) => node.outputs),
      );
      const kept = g.nodes.slice(forward).filter((node) => node.inputs.some((name) => inner.has(name)));
      return {
        data: found.map((d) => Array.from(values.get(d.name)!.data)),
        nodes: g.nodes.length,
        kept: kept.length,
      };
    };
    const [plain, recomputed] = [run(false), run(true)];
    expect(recomputed.data).toEqual(plain.data);
    expect(recomputed.nodes).toBeGreaterThan(plain.nodes);
    expect(plain.kept).toBeGreaterThan(0);
    expect(recomputed.kept).toBe(0); // the backward pass holds on to no activation of the forward pass
  });

  it("keeps nothing of what is marked cheap, for nobody, where memory is to be saved", () => {
    const run = (saveMemory: boolean) => {
      const random = seeded(9);
      const g = new GraphBuilder("cheap");
      const x = g.input("x", "float64", [3, 4]);
      const [w, v] = [g.input("w", "float64", [4, 4]), g.input("v", "float64", [4, 4])];
      const inner: string[] = [];
      let hidden = x;
      for (let layer = 0; layer < 3; layer++) {
        const from: Tensor = ops.matMul(g, hidden, w);
        const marked = g.cheap(() => ops.mul(g, ops.tanh(g, ops.softmax(g, from)), from));
        inner.push(...g.nodes.slice(-3).map((node) => node.outputs[0]!));
        hidden = ops.matMul(g, marked, v); // reads what the segment makes, from outside
      }
      const loss = ops.sumAll(g, ops.mul(g, hidden, hidden));
      const forward = g.nodes.length;
      const found = gradients(g, loss, [x, w, v], { saveMemory });
      const feeds = new Map([
        ["x", random.values([3, 4])],
        ["w", random.values([4, 4])],
        ["v", random.values([4, 4])],
      ]);
      const values = evaluate(g.build().graph, feeds);
      const kept = g.nodes.slice(forward).filter((node) => node.inputs.some((name) => inner.includes(name)));
      return { data: found.map((d) => Array.from(values.get(d.name)!.data)), kept: kept.length };
    };
    const [plain, saving] = [run(false), run(true)];
    expect(saving.data).toEqual(plain.data);
    expect(plain.kept).toBeGreaterThan(0);
    expect(saving.kept).toBe(0);
  });

  it("appends nothing for frozen operands", () => {
    const count = (trainable: boolean) => {
      const g = new GraphBuilder("frozen");
      const x = g.input("x", "float64", [2, 3]);
      const w = g.input("w", "float64", [3, 3]);
      const loss = ops.sumAll(g, ops.matMul(g, x, w));
      gradients(g, loss, trainable ? [x, w] : [x]);
      return g.nodes.filter((node) => node.op.endsWith("MatMul")).length;
    };
    expect(count(true)).toBe(3);
    expect(count(false)).toBe(2);
  });

  it("refuses a loss that is not a scalar, and one that does not depend on what is asked", () => {
    const g = new GraphBuilder("refused");
    const [x, y] = [g.input("x", "float64", [2]), g.input("y", "float64", [2])];
    expect(() => gradients(g, x, [x])).toThrow(failing("loss"));
    expect(() => gradients(g, ops.sumAll(g, x), [y])).toThrow(failing("no-path"));
  });

  it("refuses to drop the gradient of a further output", () => {
    const g = new GraphBuilder("second");
    const [x, scale] = [g.input("x", "float64", [2, 3]), g.input("scale", "float64", [3])];
    const normal = ops.rmsNorm(g, x, scale, 1e-6);
    const inverse = g.tensor(g.nodes.at(-1)!.outputs[1]!);
    const loss = ops.sumAll(g, ops.mul(g, normal, inverse));
    expect(() => gradients(g, loss, [x])).toThrow(failing("no-gradient"));
  });

  it("refuses to differentiate a trained exponent", () => {
    const g = new GraphBuilder("exponent");
    const [x, p] = [g.input("x", "float64", [2]), g.input("p", "float64", [2])];
    const loss = ops.sumAll(g, ops.pow(g, x, p));
    expect(() => gradients(g, loss, [p])).toThrow(failing("no-gradient"));
  });
});
