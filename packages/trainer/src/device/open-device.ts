import { TrainerError } from "../trainer-error.ts";
import { openCpuDevice } from "./cpu.ts";
import type { Device } from "./device.ts";
import { gradientSelfTest } from "./gradient-self-test.ts";
import { loadRuntime, runtimeDevice } from "./runtime-device.ts";

/** What a probe of a device found. */
export type DeviceFinding = {
  readonly name: Device["name"];
  readonly usable: boolean;
  readonly reason: string;
};

export const deviceNames = ["cpu", "cuda", "webgpu"] as const satisfies Device["name"][];

/** How to get a device that is not there. */
const howTo: { readonly [name in Device["name"]]: string } = {
  cpu: "the library is inside onnxruntime-node: install it again with ONNXRUNTIME_NODE_INSTALL=skip",
  cuda: "on Linux with an NVIDIA driver, CUDA 12 and cuDNN 9, let onnxruntime-node's install script fetch its CUDA provider (npm rebuild onnxruntime-node with ONNXRUNTIME_NODE_INSTALL=cuda12)",
  webgpu:
    "it needs a driver of Vulkan, Metal or Direct3D 12 that the provider accepts; in software, Mesa 25 or newer (lavapipe) with XDG_RUNTIME_DIR set",
};

const proven = new Set<Device["name"]>();

/**
 * A device by its name. One that is not the CPU proves itself when a process first opens it: a session on it computes gradients that are compared with the CPU's.
 *
 * @throws TrainerError `device-unusable`, with why and how to get it; `device-wrong` where it computes other gradients
 */
export async function openDevice(name: Device["name"], threads: number): Promise<Device> {
  const cpu = await openCpuDevice(threads);
  if (name === "cpu") return cpu;
  const runtime = await loadRuntime();
  const known = runtime.listSupportedBackends?.() ?? [];
  const device = runtimeDevice(runtime, name, threads);
  if (proven.has(name)) return device;
  let wrong: string | undefined;
  try {
    wrong = await gradientSelfTest(device, cpu);
  } catch (cause) {
    const bundled = known.some((each) => each.name === name && each.bundled);
    throw new TrainerError(
      "device-unusable",
      `no session runs on ${name}${bundled ? "" : ", whose provider is not in this installation of onnxruntime-node"}: ${firstLine(cause)}`,
      howTo[name],
      cause,
    );
  }
  if (wrong !== undefined)
    throw new TrainerError(
      "device-wrong",
      `${name} computes other gradients than the CPU: ${wrong}`,
      "train on the cpu, and report driver and versions",
    );
  proven.add(name);
  return device;
}

/** Whether a device computes, by a session on it, and if not why and how to get it. */
export async function probeDevice(name: Device["name"], threads = 1): Promise<DeviceFinding> {
  try {
    const started = performance.now();
    const device = await openDevice(name, threads);
    if (name === "cpu") await gradientSelfTest(device, device);
    const ms = Math.round(performance.now() - started);
    return { name, usable: true, reason: `a session on it computes a gradient (checked in ${ms} ms)` };
  } catch (error) {
    const { message, next } = error as TrainerError;
    return { name, usable: false, reason: next === undefined ? message : `${message}; ${next}` };
  }
}

/** What a native fault says, without the place in the library's sources that it begins with. */
function firstLine(cause: unknown): string {
  const message = (cause instanceof Error ? cause.message : String(cause)).replace(
    /^.* was (?:false|true)\. /s,
    "",
  );
  return message
    .split("\n")[0]!
    .slice(0, 300)
    .replace(/[.\s]+$/, "");
}
