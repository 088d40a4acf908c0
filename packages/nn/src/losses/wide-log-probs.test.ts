// M positions · D width · V vocabulary
import { GraphBuilder, ops, type Tensor } from "@mede2/onnx";
import { gradients } from "@mede2/onnx/autodiff";
import { expect, it } from "vitest";
import { runGraph } from "../../test/run-graph.ts";
import { tokenLogProbs } from "./token-log-probs.ts";
import { headPart, headParts, wideLogProbs } from "./wide-log-probs.ts";

const [positions, width, vocab] = [5, 4, 2 * headPart + 100];
const wave = (length: number, scale: number) =>
  Float32Array.from({ length }, (_, i) => scale * Math.sin(i * i));
const head = wave(vocab * width, 3);
const hidden = wave(positions * width, 2);
// one target in each part, the last two in the same
const targets = [3, headPart + 1, 2 * headPart + 99, 2 * headPart, 2 * headPart];

/** Log-probabilities and their gradient, with other weights for each. */
async function results(of: (g: GraphBuilder, x: Tensor, w: Tensor, ids: Tensor) => Tensor) {
  const g = new GraphBuilder("test");
  const x = g.input("x", "float32", [positions, width]);
  const w = g.input("w", "float32", [vocab, width]);
  const logProbs = of(g, x, w, g.constant("int64", [positions], targets));
  const shares = g.constant("float32", [positions], [1, -2, 3, 0.5, 0.25]);
  const [dx] = gradients(g, ops.sumAll(g, ops.mul(g, logProbs, shares)), [x]);
  g.output(logProbs, "logProbs");
  g.output(dx!, "dx");
  return runGraph(g, { x: hidden, w: head });
}

it("parts cover the vocabulary once", () => {
  expect(headParts(headPart + 1)).toEqual([
    [0, headPart],
    [headPart, headPart + 1],
  ]);
  expect(headParts(vocab).at(-1)).toEqual([2 * headPart, vocab]);
});

it("gives the log-probabilities and the gradient of all logits at once", async () => {
  const whole = await results((g, x, w, ids) => {
    const at = g.constant("int64", [positions], [...Array(positions).keys()]);
    return tokenLogProbs(g, x, { positions: at, targets: ids }, (rows) =>
      ops.fusedMatMul(g, rows, w, { transB: true }),
    );
  });
  const parts = await results((g, x, w, ids) =>
    wideLogProbs(g, x, ids, w, (from, to) => ops.slice(g, w, 0, from, to), true),
  );
  for (const name of ["logProbs", "dx"])
    [...whole[name]!].forEach((value, i) => {
      const other = parts[name]![i]!;
      expect(Math.abs(other - value)).toBeLessThan(2e-5 * Math.max(1, Math.abs(value)));
    });
});
