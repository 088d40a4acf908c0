import { GraphBuilder, ops } from "@mede2/onnx";
import type { Device } from "@mede2/trainer";
import type { OurStep } from "./our-work.ts";

const gemmSide = 1024;
const gemmChain = 6;

/** What the machine reaches at most: products of matrices of 1024 × 1024 in a chain, of which one number comes back. */
export async function gemmWork(device: Device): Promise<OurStep> {
  const g = new GraphBuilder("gemm");
  const shape = [gemmSide, gemmSide];
  const weight = g.input("weight", "float32", shape);
  let x = g.input("x", "float32", shape);
  for (let n = 0; n < gemmChain; n++) x = ops.fusedMatMul(g, x, weight, { transB: true });
  g.output(ops.sumAll(g, x), "sum");
  const session = await device.compile(g.build());
  const data = (value: number) => new Float32Array(gemmSide ** 2).fill(value);
  const feeds = { x: { data: data(1), shape }, weight: { data: data(1 / gemmSide), shape } };
  return async () => {
    const begin = performance.now();
    const { sum } = await session.run(feeds);
    const seconds = (performance.now() - begin) / 1000;
    if (Math.abs(Number(sum!.data[0]) / gemmSide ** 2 - 1) > 1e-3)
      throw new Error(`the product of the benchmark is ${sum!.data[0]} instead of ${gemmSide ** 2}`);
    return { seconds, flops: 2 * gemmChain * gemmSide ** 3 };
  };
}
