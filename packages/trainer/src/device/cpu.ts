import { encodeModel, type Model } from "@mede2/onnx";
import { TrainerError } from "../trainer-error.ts";
import type { Device, HostTensor, Session, SessionOptions } from "./device.ts";
import { hasSharedHeap } from "./shared-heap.ts";

type Runtime = typeof import("onnxruntime-node");

/** The CPU through the stock onnxruntime-node binding. The native library is loaded on first use. */
export async function openCpuDevice(threads: number): Promise<Device> {
  const runtime = await loadRuntime();
  return { name: "cpu", threads, compile: (model, options) => compile(runtime, threads, model, options) };
}

async function loadRuntime(): Promise<Runtime> {
  try {
    return await import("onnxruntime-node");
  } catch (cause) {
    throw new TrainerError(
      "runtime-missing",
      "onnxruntime-node could not be loaded",
      "install it with ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node (the CPU library is inside the package)",
      cause,
    );
  }
}

async function compile(
  runtime: Runtime,
  threads: number,
  model: Model,
  options: SessionOptions = {},
): Promise<Session> {
  const session = await runtime.InferenceSession.create(encodeModel(model), {
    executionProviders: ["cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    enableMemPattern: false,
    enableCpuMemArena: !hasSharedHeap(),
    graphOptimizationLevel: options.keepGraph === true ? "disabled" : "basic",
    extra: { session: { intra_op: { allow_spinning: "0" } } },
    logSeverityLevel: 3,
  });
  const dtypes = new Map(
    [...model.graph.inputs, ...model.graph.outputs].flatMap((value) =>
      value.type?.kind === "tensor" ? [[value.name, value.type.dtype] as const] : [],
    ),
  );
  const wrap = (tensors: Readonly<Record<string, HostTensor>>) =>
    Object.fromEntries(
      Object.entries(tensors).map(([name, { data, shape }]) => [
        name,
        new runtime.Tensor(dtypes.get(name) as "float32", data as Float32Array, shape),
      ]),
    );
  const names = model.graph.outputs.map((output) => output.name);
  return {
    async run(inputs, inPlace = {}) {
      const given = wrap(inPlace);
      const fetches = Object.fromEntries(names.map((name) => [name, given[name] ?? null]));
      const results = await session.run(wrap(inputs), fetches);
      return Object.fromEntries(
        names
          .filter((name) => !(name in given))
          .map((name) => [name, { data: results[name]!.data as Float32Array, shape: results[name]!.dims }]),
      );
    },
    release: () => session.release(),
  };
}
