import { describe, expect, it } from "vitest";
import { GraphBuilder } from "../builder.ts";
import type { DType, Shape, Tensor } from "../ir/types.ts";
import * as ops from "../ops/index.ts";

/** A graph with one input a type, and what is built on them. */
function build<T>(
  types: readonly (readonly [DType, Shape])[],
  body: (g: GraphBuilder, ...xs: Tensor[]) => T,
): T {
  const g = new GraphBuilder("rules");
  return body(g, ...types.map(([dtype, shape], index) => g.input(`x${index}`, dtype, shape)));
}

describe("shape rules", () => {
  it("carry symbols through", () => {
    const y = build(
      [
        ["float32", ["n", 4]],
        ["float32", [4, 2]],
      ],
      (g, x, w) => ops.matMul(g, x!, w!),
    );
    expect(y.shape).toEqual(["n", 2]);
    const z = build(
      [
        ["float32", ["n", 1]],
        ["float32", [3]],
      ],
      (g, a, b) => ops.add(g, a!, b!),
    );
    expect(z.shape).toEqual(["n", 3]);
    const r = build([["float32", ["n", 4, 2]]], (g, x) => ops.reshape(g, x!, [0, -1]));
    expect(r.shape).toEqual(["n", 8]);
  });

  it("reduce all axes where none is given, as ONNX does", () => {
    const y = build([["float32", [2, 3]]], (g, x) => ops.reduceSum(g, x!, [], false));
    expect(y.shape).toEqual([]);
  });

  const refused: readonly (readonly [string, RegExp, () => unknown])[] = [
    [
      "sizes that do not broadcast",
      /2 and 3 do not broadcast/,
      () =>
        build(
          [
            ["float32", [2]],
            ["float32", [3]],
          ],
          (g, a, b) => ops.add(g, a!, b!),
        ),
    ],
    [
      "two element types",
      /differ in element type/,
      () =>
        build(
          [
            ["float32", [2]],
            ["float64", [2]],
          ],
          (g, a, b) => ops.mul(g, a!, b!),
        ),
    ],
    [
      "inner sizes of a product",
      /inner dimensions 3 and 4/,
      () =>
        build(
          [
            ["float32", [2, 3]],
            ["float32", [4, 2]],
          ],
          (g, a, b) => ops.matMul(g, a!, b!),
        ),
    ],
    [
      "a condition that is no bool",
      /must be bool/,
      () => build([["float32", [2]]], (g, x) => ops.where(g, x!, x!, x!)),
    ],
    ["float indices", /int32 or int64/, () => build([["float32", [2]]], (g, x) => ops.gather(g, x!, x!))],
    [
      "indices longer than the data",
      /longer than the data along axis 1/,
      () =>
        build(
          [
            ["float32", [2, 3]],
            ["int64", [2, 4]],
          ],
          (g, x, at) => ops.gatherElements(g, x!, at!, 0),
        ),
    ],
    [
      "fewer rotary rows than tokens",
      /4 rows for 5 tokens/,
      () =>
        build(
          [
            ["float32", [1, 2, 5, 6]],
            ["int64", [1, 5]],
            ["float32", [4, 3]],
          ],
          (g, x, at, table) => ops.rotaryEmbedding(g, x!, at!, table!, table!),
        ),
    ],
    [
      "angles that do not fit the head",
      /heads of 8/,
      () =>
        build(
          [
            ["float32", [1, 2, 3, 8]],
            ["int64", [1, 3]],
            ["float32", [4, 3]],
          ],
          (g, x, at, table) => ops.rotaryEmbedding(g, x!, at!, table!, table!),
        ),
    ],
    [
      "a scale of the wrong size",
      /size of the last axis/,
      () =>
        build(
          [
            ["float32", [2, 3]],
            ["float32", [2]],
          ],
          (g, x, s) => ops.rmsNorm(g, x!, s!, 1e-6),
        ),
    ],
    [
      "an axis that is not there",
      /axis 2 is outside rank 2/,
      () => build([["float32", [2, 3]]], (g, x) => ops.softmax(g, x!, 2)),
    ],
    [
      "a reshape to another size",
      /cannot reshape/,
      () => build([["float32", [2, 3]]], (g, x) => ops.reshape(g, x!, [7])),
    ],
    ["exp of integers", /floating-point/, () => build([["int64", [2]]], (g, x) => ops.exp(g, x!))],
  ];
  it.each(refused)("refuse %s, at the node that is wrong", (_, message, attempt) => {
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(
      expect.objectContaining({ code: "shape", message: expect.stringMatching(/ in rules: .*operands x0/) }),
    );
  });
});
