import { describe, expect, it } from "vitest";
import { everything } from "../../test/everything.ts";
import { gradients } from "../autodiff/gradients.ts";
import { GraphBuilder } from "../builder.ts";
import { externalInitializer } from "../codec/external-data.ts";
import * as ops from "../ops/index.ts";
import { printModel } from "./print.ts";

describe("printModel", () => {
  it("shows a step, a line a node, with shapes that the graph does not declare", () => {
    const g = new GraphBuilder("step");
    const x = g.input("x", "float32", ["n", 4]);
    const place = { location: "model.safetensors", offset: 96, length: 32 };
    const w = g.initializer("w", externalInitializer("w", "float32", [2, 4], place));
    const y = ops.gelu(g, ops.fusedMatMul(g, x, w, { transB: true, alpha: 0.5 }), "tanh");
    g.output(ops.reduceMean(g, y, [0], false), "mean");
    expect(printModel(g.build())).toMatchInlineSnapshot(`
      "opsets ai.onnx 21, com.microsoft 1
      graph step(x: float32[n, 4]) → (mean: float32[2]) {
        w = float32[2, 4] at model.safetensors:96+32
        const_0 = int64[1] {0}
        FusedMatMul_0: float32[n, 2] = com.microsoft.FusedMatMul(x, w) {transB=1, alpha=0.5}
        Gelu_0: float32[n, 2] = Gelu(FusedMatMul_0) {approximate="tanh"}
        ReduceMean_0: float32[2] = ReduceMean(Gelu_0, const_0) {keepdims=0}
        mean: float32[2] = Identity(ReduceMean_0)
      }
      "
    `);
  });

  it("is the same for the same graph, and shows the backward pass", () => {
    const make = () => {
      const g = new GraphBuilder("g");
      const x = g.input("x", "float32", [2]);
      const loss = ops.sumAll(g, ops.mul(g, x, x));
      g.output(gradients(g, loss, [x])[0]!, "dx");
      return printModel(g.build());
    };
    expect(make()).toBe(make());
    expect(make()).toMatchInlineSnapshot(`
      "opsets ai.onnx 21, com.microsoft 1
      graph g(x: float32[2]) → (dx: float32[2]) {
        const_0 = int64[1] {0}
        const_1 = float32[] {1}
        const_2 = int64[1] {2}
        Mul_0: float32[2] = Mul(x, x)
        ReduceSum_0: float32[] = ReduceSum(Mul_0, const_0) {keepdims=0}
        backward/Unsqueeze_0: float32[1] = Unsqueeze(const_1, const_0)
        backward/Expand_0: float32[2] = Expand(backward/Unsqueeze_0, const_2)
        backward/Mul_0: float32[2] = Mul(backward/Expand_0, x)
        backward/Mul_1: float32[2] = Mul(backward/Expand_0, x)
        backward/Sum_0: float32[2] = Sum(backward/Mul_0, backward/Mul_1)
        dx: float32[2] = Identity(backward/Sum_0)
      }
      "
    `);
  });

  it("writes everything that the IR can hold", () => {
    expect(printModel(everything())).toMatchInlineSnapshot(`
      "opsets ai.onnx 21, org.example 3
      graph everything(x: float32[batch, 3, ?, 0], m: map<int64, float32[]>, s: sparse float64[4, 4], untyped) → (y: bfloat16[…]) {
        w = float32[1] {5}
        packed = int4[3] of 2 bytes
        words = string[2] of 2 strings
        far = float16[2, 2] at model.safetensors:4096+8
        y, _, z: float32[batch, 2] = org.example.Custom(x, _, w) {float=0.25, zero=0.0, int=-1, least=-9223372036854775808, string="grüß", empty="", bytes=2 bytes, tensor=float32[1] {1}, sparse-tensor=sparse-tensor, graph=graph branch() → (inner) {
          inner = Relu(x)
        }, type=optional<float32[batch, 3, ?, 0]>, floats=[0.5, -0.5], ints=[0, -3, 1152921504606846976], none=[], strings=["a", "", 1 bytes], tensors=tensors, sparse-tensors=sparse-tensors, graphs=graphs, types=types}
        clipped: float32[batch, 2] = Clip(z)
      }

      function org.example.Custom(a, b, c) → (r, s, t) {
        r = Elu(a) {alpha=@float}
      }
      "
    `);
  });
});
