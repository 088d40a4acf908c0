import { readFileSync } from "node:fs";
import {
  decodeModel,
  decodeTensor,
  fromBytes,
  GraphBuilder,
  isArrayDType,
  type Model,
  opNames,
  ops,
  type TensorData,
  toBytes,
  type ValueInfo,
} from "@mede2/onnx";
import { gradients } from "@mede2/onnx/autodiff";
import { beforeAll, describe, expect, it } from "vitest";
import { evaluate, tensorValue } from "../../onnx/test/evaluate.ts";
import { gradientCases } from "../../onnx/test/gradient-cases.ts";
import type { Value } from "../../onnx/test/kernels/value.ts";
import { seeded } from "../../onnx/test/random.ts";
import { openCpuDevice } from "../src/device/cpu.ts";
import type { Device, HostTensor } from "../src/device/device.ts";

// ONNX Runtime against the same truths as @mede2/onnx's own reference evaluator: the published node cases, and for every op
// with a gradient rule the forward and backward graph of random cases, here in float32.

interface NodeCase {
  readonly name: string;
  readonly model: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

const cases: NodeCase[] = JSON.parse(
  readFileSync(new URL("../../onnx/test/goldens/node-cases.json", import.meta.url), "utf8"),
);
const bytes = (text: string) => new Uint8Array(Buffer.from(text, "base64"));
const SEEDS = 6;
const UNSUPPORTED = ["test_reduce_max_empty_set_bool"]; // the runtime says that it has no maximum of no booleans

let device: Device;
beforeAll(async () => {
  device = await openCpuDevice(2);
});

function hostTensor({ dtype, shape, data }: Value): HostTensor {
  const numbers = Array.from(data);
  if (dtype === "int64") return { shape, data: BigInt64Array.from(numbers, BigInt) };
  if (dtype === "int32") return { shape, data: Int32Array.from(numbers) };
  if (dtype === "bool" || dtype === "uint8") return { shape, data: Uint8Array.from(numbers) };
  if (dtype === "float64") return { shape, data: Float64Array.from(numbers) as unknown as Float32Array };
  return { shape, data: Float32Array.from(numbers) };
}

async function run(model: Model, feeds: ReadonlyMap<string, Value>): Promise<Record<string, HostTensor>> {
  const session = await device.compile(model);
  try {
    return await session.run(Object.fromEntries([...feeds].map(([name, feed]) => [name, hostTensor(feed)])));
  } finally {
    await session.release();
  }
}

function expectClose(found: HostTensor | undefined, exact: Value, what: string): void {
  expect(found?.shape, what).toEqual(exact.shape);
  const numbers = Array.from<number | bigint>(found!.data as Iterable<number | bigint>).map(Number);
  const finite = Array.from(exact.data).filter(Number.isFinite).map(Math.abs);
  const scale = Math.max(1, ...finite);
  const wrong = Array.from(exact.data).findIndex(
    (value, at) =>
      !Object.is(value, numbers[at]) &&
      value !== numbers[at] &&
      !(Math.abs(numbers[at]! - value) <= 1e-5 * scale),
  );
  expect(wrong, `${what}: ${numbers[wrong]} for ${exact.data[wrong]}`).toBe(-1);
}

describe("ONNX Runtime on the published node cases", () => {
  for (const each of cases)
    it(each.name, async () => {
      const model = asBuilt(decodeModel(bytes(each.model)));
      const values = each.inputs.map((input) => tensorValue(decodeTensor(bytes(input))));
      const feeds = new Map(values.map((value, index) => [model.graph.inputs[index]!.name, value]));
      if (UNSUPPORTED.includes(each.name)) {
        await expect(run(model, feeds)).rejects.toThrow("not defined for empty set");
        return;
      }
      const results = await run(model, feeds);
      for (const [index, output] of each.outputs.entries()) {
        const { name } = model.graph.outputs[index]!;
        expectClose(results[name], tensorValue(decodeTensor(bytes(output))), name);
      }
    });
});

describe("ONNX Runtime on the gradient of every op, against float64", () => {
  for (const op of opNames) {
    const make = gradientCases[op];
    if (typeof make !== "function") continue;
    it(op, async () => {
      for (let seed = 0; seed < SEEDS; seed++) {
        const random = seeded(100 * opNames.indexOf(op) + seed);
        const { inputs, build } = make(random);
        const g = new GraphBuilder(op);
        const xs = inputs.map((input, index) => g.input(`x${index}`, input.dtype, input.shape));
        const y = build(g, xs);
        const weights = random.values(y.shape.map(Number), 0.5, 1.5);
        const loss = ops.sumAll(
          g,
          ops.mul(g, y, g.constant("float64", weights.shape, Array.from(weights.data))),
        );
        const wrt = xs.filter((x) => x.dtype === "float64");
        g.output(y, "y");
        for (const [index, gradient] of gradients(g, loss, wrt).entries()) g.output(gradient, `dx${index}`);
        const feeds = new Map(inputs.map((input, index) => [`x${index}`, input]));
        const model = g.build();
        const exact = evaluate(model.graph, feeds);
        const single = new Map([...feeds].map(([name, feed]) => [name, asFloat32(feed)]));
        const results = await run(inFloat32(model), single);
        for (const { name } of model.graph.outputs)
          expectClose(results[name], exact.get(name)!, `${name}, seed ${seed}`);
      }
    });
  }
});

/** A case of a later onnx package under the versions that our builder declares: those that we run. */
function asBuilt(model: Model): Model {
  const ours = new GraphBuilder("versions").build();
  const newest = (version: number, domain: string) => Math.min(version, ours.opsets.get(domain) ?? version);
  return {
    ...model,
    irVersion: Math.min(model.irVersion, ours.irVersion),
    opsets: new Map([...model.opsets].map(([domain, version]) => [domain, newest(version, domain)])),
  };
}

function asFloat32<T extends { readonly dtype: string }>(value: T): T {
  return value.dtype === "float64" ? { ...value, dtype: "float32" } : value;
}

/** The same model with every float64 made float32. */
function inFloat32(model: Model): Model {
  const info = (value: ValueInfo): ValueInfo =>
    value.type?.kind === "tensor" ? { ...value, type: asFloat32(value.type) } : value;
  const constant = (tensor: TensorData): TensorData => {
    if (tensor.dtype !== "float64" || tensor.storage.kind !== "bytes" || !isArrayDType(tensor.dtype))
      return tensor;
    const numbers = fromBytes(tensor.dtype, tensor.storage.bytes);
    return { ...tensor, dtype: "float32", storage: { kind: "bytes", bytes: toBytes("float32", numbers) } };
  };
  const { graph } = model;
  const nodes = graph.nodes.map((node) => {
    const to = node.attributes.get("to");
    const casts = node.op === "Cast" && to?.type === "int" && to.value === 11;
    return casts ? { ...node, attributes: new Map([["to", { type: "int", value: 1 } as const]]) } : node;
  });
  return {
    ...model,
    graph: {
      ...graph,
      nodes,
      inputs: graph.inputs.map(info),
      outputs: graph.outputs.map(info),
      initializers: new Map([...graph.initializers].map(([name, tensor]) => [name, constant(tensor)])),
    },
  };
}
