import { GraphBuilder, ops } from "@mede2/onnx";
import { describe, expect, it } from "vitest";
import { openCpuDevice } from "../device/cpu.ts";
import type { Device, HostTensor } from "../device/device.ts";
import { createSessionCache } from "./session-cache.ts";

function adder(): GraphBuilder {
  const g = new GraphBuilder("adder");
  g.output(ops.add(g, g.input("x", "float32", [1]), 1), "y");
  return g;
}

const one: HostTensor = { data: Float32Array.of(1), shape: [1] };

/** A device that counts its sessions, and whose runs last until they are let go. */
function countingDevice() {
  const state = { open: 0, compiled: 0, letGo: () => {} };
  const device: Device = {
    name: "cpu",
    threads: 1,
    async compile() {
      state.open += 1;
      state.compiled += 1;
      let released = false;
      return {
        run: () =>
          new Promise((resolve, reject) => {
            state.letGo = () => (released ? reject(new Error("released while it ran")) : resolve({}));
          }),
        async release() {
          released = true;
          state.open -= 1;
        },
      };
    },
  };
  return { device, state };
}

describe("compiled graphs", () => {
  it("are compiled once for a key, also by callers at the same time, and take only what they know", async () => {
    const cache = createSessionCache(await openCpuDevice(1));
    const [first, second] = await Promise.all([cache.get("a", adder), cache.get("a", adder)]);
    expect(first).toBe(second);
    const { y } = await first.run({ x: one, unknown: one });
    expect(y!.data).toEqual(Float32Array.of(2));
    await cache.release();
  });

  it("are bounded: the least recently used goes", async () => {
    const { device, state } = countingDevice();
    const cache = createSessionCache(device, 2);
    for (const key of ["a", "b", "a", "c"]) await cache.get(key, adder);
    expect([state.open, state.compiled]).toEqual([2, 3]);
    await cache.get("a", adder);
    expect(state.compiled).toBe(3);
    await cache.get("b", adder);
    expect([state.open, state.compiled]).toEqual([2, 4]);
    await cache.release();
    expect(state.open).toBe(0);
  });

  it("are bounded by their nodes too, but for the one that is asked for", async () => {
    const { device, state } = countingDevice();
    const cache = createSessionCache(device, 24, 4);
    const chain = (length: number) => () => {
      const g = new GraphBuilder("chain");
      let x = g.input("x", "float32", [1]);
      for (let n = 0; n < length; n++) x = ops.add(g, x, 1);
      g.output(x, "y");
      return g;
    };
    for (const [key, length] of [
      ["a", 2],
      ["b", 2],
      ["a", 2],
      ["c", 1],
    ] as const)
      await cache.get(key, chain(length));
    expect([state.open, state.compiled]).toEqual([2, 3]); // b has gone
    await cache.get("large", chain(9));
    expect([state.open, state.compiled]).toEqual([1, 4]);
    await cache.release();
  });

  it("are not released while they run", async () => {
    const { device, state } = countingDevice();
    const cache = createSessionCache(device, 1);
    const running = (await cache.get("a", adder)).run({});
    await cache.get("b", adder);
    expect(state.open).toBe(2);
    state.letGo();
    await running;
    expect(state.open).toBe(1);
  });

  it("that cannot be compiled are tried again", async () => {
    const cache = createSessionCache(await openCpuDevice(1));
    const broken = () => {
      throw new Error("no graph");
    };
    await expect(cache.get("a", broken)).rejects.toThrow("no graph");
    expect((await cache.get("a", adder)).inputs).toEqual(["x"]);
    await cache.release();
  });
});
