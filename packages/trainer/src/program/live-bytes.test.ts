import { GraphBuilder, ops } from "@mede2/onnx";
import { expect, it } from "vitest";
import { liveBytes } from "./live-bytes.ts";

it("counts what is alive at once, not what is made in all, and neither inputs nor outputs", () => {
  const g = new GraphBuilder("chain");
  const x = g.input("x", "float32", [4, 8]); // 128 bytes
  let y = ops.exp(g, x);
  for (let n = 0; n < 5; n++) y = ops.exp(g, y);
  g.output(y, "y");
  // one is read while the next is written
  expect(liveBytes(g)).toBe(2 * 128);
});

it("keeps a result until its last use, and counts a new shape of it once", () => {
  const g = new GraphBuilder("kept");
  const x = g.input("x", "float32", [4, 8]);
  const first = ops.exp(g, x);
  const flat = ops.reshape(g, first, [32]);
  const second = ops.exp(g, flat);
  const third = ops.exp(g, second); // `first` lives on in its flat form
  g.output(ops.add(g, third, flat), "y");
  expect(liveBytes(g)).toBe(3 * 128);
});
