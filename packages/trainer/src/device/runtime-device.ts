import { encodeModel, type Model, ownNormStatistics, runPasses } from "@mede2/onnx";
import { TrainerError } from "../trainer-error.ts";
import type { Device, HostTensor, Session, SessionOptions } from "./device.ts";
import { freeBuffers } from "./free-buffers.ts";
import { hasSharedHeap } from "./shared-heap.ts";

export type Runtime = typeof import("onnxruntime-node");

/** The stock onnxruntime-node binding; its native library is loaded on first use. */
export async function loadRuntime(): Promise<Runtime> {
  try {
    const runtime = await import("onnxruntime-node");
    // what goes wrong is thrown; the library's own lines would get between ours
    runtime.env.logLevel = "fatal";
    return runtime;
  } catch (cause) {
    throw new TrainerError(
      "runtime-missing",
      "onnxruntime-node could not be loaded",
      "install it with ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node (the CPU library is inside the package)",
      cause,
    );
  }
}

/** Bytes from which a copy is freed at once: handing over many small ones would cost more time than they hold memory. */
const worthFreeing = 2 ** 16;

/** One of the runtime's execution providers. What it has no kernel for, the runtime computes on the CPU. */
export function runtimeDevice(runtime: Runtime, name: Device["name"], threads: number): Device {
  return { name, threads, compile: (model, options) => compile(runtime, name, threads, model, options) };
}

async function compile(
  runtime: Runtime,
  name: Device["name"],
  threads: number,
  model: Model,
  options: SessionOptions = {},
): Promise<Session> {
  // WebGPU leaves the statistics of a norm zero, without a word: there they are computed apart
  const lowered = name === "webgpu" ? runPasses(model, [ownNormStatistics]) : model;
  const session = await runtime.InferenceSession.create(encodeModel(lowered), {
    executionProviders: [name],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    enableMemPattern: false,
    enableCpuMemArena: !hasSharedHeap(),
    graphOptimizationLevel: options.keepGraph === true ? "disabled" : "basic",
    extra: {
      session: {
        intra_op: { allow_spinning: "0" },
        ...(options.dataFolder === undefined
          ? {}
          : { model_external_initializers_file_folder_path: options.dataFolder }),
      },
    },
    logSeverityLevel: name === "cpu" ? 3 : 4,
  });
  const dtypes = new Map(
    [...model.graph.inputs, ...model.graph.outputs].flatMap((value) =>
      value.type?.kind === "tensor" ? [[value.name, value.type.dtype] as const] : [],
    ),
  );
  const wrap = (tensors: Readonly<Record<string, HostTensor>>) =>
    Object.fromEntries(
      Object.entries(tensors).map(([input, { data, shape }]) => [
        input,
        new runtime.Tensor(dtypes.get(input) as "float32", data as Float32Array, shape),
      ]),
    );
  const names = model.graph.outputs.map((output) => output.name);
  return {
    async run(inputs, inPlace = {}) {
      const given = wrap(inPlace);
      const fetches = Object.fromEntries(names.map((output) => [output, given[output] ?? null]));
      const results = await session.run(wrap(inputs), fetches);
      // the binding copies every output, also one that was written in place
      const own = new Set(Object.values(inPlace).map(({ data }) => data.buffer));
      const copies = Object.keys(given).map((output) => (results[output]!.data as Float32Array).buffer);
      freeBuffers(copies.filter((buffer) => buffer.byteLength >= worthFreeing && !own.has(buffer)));
      return Object.fromEntries(
        names
          .filter((output) => !(output in given))
          .map((output) => [
            output,
            { data: results[output]!.data as Float32Array, shape: results[output]!.dims },
          ]),
      );
    },
    release: () => session.release(),
  };
}
