// B batch · H heads · S positions · E head size · D width = H·E · V vocabulary
import { GraphBuilder, ops, type Tensor } from "@mede2/onnx";
import { gradients } from "@mede2/onnx/autodiff";
import type { Device, HostTensor } from "./device.ts";

const [batch, heads, length, size, vocab] = [2, 2, 5, 8, 11] as const;
const [width, rows] = [heads * size, batch * length];

/**
 * The gradients of a small decoder layer with its norms, rotation, attention, gated product, table and loss, on a device and on the CPU. Says which differs by more than a
 * thousandth of its largest element; undefined where none does.
 */
export async function gradientSelfTest(device: Device, cpu: Device): Promise<string | undefined> {
  const { g, feeds } = testGraph();
  const [own, right] = [await run(device, g, feeds), await run(cpu, g, feeds)];
  for (const [name, expected] of Object.entries(right)) {
    const values = [...(own[name]?.data ?? [])].map(Number);
    const truth = [...expected.data].map(Number);
    const scale = Math.max(...truth.map(Math.abs));
    const off = Math.max(...truth.map((value, i) => Math.abs(value - (values[i] ?? Number.NaN))));
    // a value that is no number, or all zeros where numbers should be, is off too
    if (!(off <= 1e-3 * scale)) return `${name} is off by ${(off / scale).toExponential(1)} of its size`;
  }
  return undefined;
}

async function run(device: Device, g: GraphBuilder, feeds: Readonly<Record<string, HostTensor>>) {
  const session = await device.compile(g.build());
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

/** Outputs: the loss, and one gradient a parameter, named after what it passes through. */
function testGraph(): { g: GraphBuilder; feeds: Record<string, HostTensor> } {
  const g = new GraphBuilder("self-test");
  const feeds: Record<string, HostTensor> = {};
  const trained: Tensor[] = [];
  const given = (name: string, shape: readonly number[]): Tensor => {
    const count = shape.reduce((product, each) => product * each, 1);
    feeds[name] = {
      data: Float32Array.from({ length: count }, (_, i) => Math.sin(1 + i * i + count)),
      shape,
    };
    return g.input(name, "float32", shape);
  };
  const parameter = (name: string, shape: readonly number[]): Tensor => {
    const tensor = given(name, shape);
    trained.push(tensor);
    return tensor;
  };
  const ids = g.constant(
    "int64",
    [rows],
    Array.from({ length: rows }, (_, i) => (3 * i) % vocab),
  );
  const table = parameter("table", [vocab, width]);
  const x = ops.gather(g, table, ids);
  const normal = ops.rmsNorm(g, x, parameter("norm scale", [width]), 1e-6);
  const split = (y: Tensor): Tensor =>
    ops.transpose(g, ops.reshape(g, y, [batch, length, heads, size]), [0, 2, 1, 3]);
  const project = (name: string, y: Tensor, outputs: number): Tensor =>
    ops.fusedMatMul(g, y, parameter(name, [outputs, y.shape[1] as number]), { transB: true });
  const places = g.constant(
    "int64",
    [batch, length],
    Array.from({ length: rows }, (_, i) => i),
  );
  const angles = (f: (x: number) => number) =>
    g.constant(
      "float32",
      [rows, size / 2],
      Array.from({ length: (rows * size) / 2 }, (_, i) => f(i / 7)),
    );
  const [cosines, sines] = [angles(Math.cos), angles(Math.sin)];
  const [q, k] = ["queries", "keys"].map((name) =>
    ops.rotaryEmbedding(g, split(project(name, normal, width)), places, cosines, sines),
  ) as [Tensor, Tensor];
  const scores = ops.fusedMatMul(g, q, k, { transB: true, alpha: 1 / Math.sqrt(size) });
  const mixed = ops.matMul(g, ops.softmax(g, scores), split(project("values", normal, width)));
  const joined = ops.reshape(g, ops.transpose(g, mixed, [0, 2, 1, 3]), [rows, width]);
  const attended = ops.add(g, x, project("output", joined, width));
  const again = ops.layerNorm(
    ...([g, attended, parameter("layer norm scale", [width])] as const),
    parameter("layer norm bias", [width]),
    1e-6,
  );
  const gated = ops.mul(
    g,
    ops.silu(g, project("gate", again, width)),
    ops.gelu(g, project("up", again, width)),
  );
  const logits = ops.fusedMatMul(g, ops.add(g, attended, gated), table, { transB: true });
  const targets = ops.reshape(g, ids, [rows, 1]);
  const picked = ops.gatherElements(g, ops.logSoftmax(g, logits), targets, 1);
  const loss = ops.neg(g, ops.reduceMean(g, picked, [0, 1], false));
  const found = gradients(g, loss, trained);
  g.output(loss, "the loss");
  for (const [n, each] of trained.entries()) g.output(found[n]!, `the gradient of the ${each.name}`);
  return { g, feeds };
}
