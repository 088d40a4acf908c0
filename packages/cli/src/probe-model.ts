import { GraphBuilder, type Model, ops } from "@mede2/onnx";

/** y = 2x over three numbers: the smallest graph that shows that a device computes. */
export function probeModel(): Model {
  const g = new GraphBuilder("probe");
  g.output(ops.mul(g, g.input("x", "float32", [3]), 2), "y");
  return g.build();
}
