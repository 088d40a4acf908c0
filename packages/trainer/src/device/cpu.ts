import type { Device } from "./device.ts";
import { loadRuntime, runtimeDevice } from "./runtime-device.ts";

/** The CPU through the stock onnxruntime-node binding. The native library is loaded on first use. */
export async function openCpuDevice(threads: number): Promise<Device> {
  return runtimeDevice(await loadRuntime(), "cpu", threads);
}
