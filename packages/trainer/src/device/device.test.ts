import type { Model, Node } from "@mede2/onnx";
import { describe, expect, it } from "vitest";
import { openCpuDevice } from "./cpu.ts";
import type { Device } from "./device.ts";
import { gradientSelfTest } from "./gradient-self-test.ts";
import { openDevice, probeDevice } from "./open-device.ts";

describe("devices", () => {
  it("the CPU is usable, by a session on it", async () => {
    expect(await probeDevice("cpu")).toMatchObject({ name: "cpu", usable: true });
    expect((await openDevice("cpu", 1)).name).toBe("cpu");
  });

  it.each(["cuda", "webgpu"] as const)("%s is used, or says why not and how to get it", async (name) => {
    const { usable, reason } = await probeDevice(name);
    if (usable) return expect(reason).toContain("gradient");
    expect(reason).toMatch(/no session runs on|computes other gradients/);
    await expect(openDevice(name, 1)).rejects.toMatchObject({ next: expect.stringMatching(/driver/) });
  });

  it("the self-test finds a provider that drops the statistics of a norm", async () => {
    const cpu = await openCpuDevice(1);
    expect(await gradientSelfTest(cpu, cpu)).toBeUndefined();
    const found = await gradientSelfTest(withoutStatistics(cpu), cpu);
    expect(found).toMatch(/^the gradient of the .* is off by/);
  });
});

/** The trap of WebGPU's norm: its second output is zero. */
function withoutStatistics(device: Device): Device {
  const spoil = (model: Model): Model => {
    const nodes = model.graph.nodes.flatMap((node): Node[] => {
      const [first, second] = node.outputs;
      if (node.op !== "SimplifiedLayerNormalization" || second === undefined) return [node];
      const kept: Node = { ...node, outputs: [first!, `${second}:kept`] };
      const zero: Node = {
        ...{ op: "Sub", domain: "", name: `${second}:zero`, attributes: new Map() },
        ...{ inputs: [`${second}:kept`, `${second}:kept`], outputs: [second] },
      };
      return [kept, zero];
    });
    return { ...model, graph: { ...model.graph, nodes } };
  };
  return { ...device, compile: (model, options) => device.compile(spoil(model), options) };
}
