import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, afterEach, expect, it, vi } from "vitest";
import { openSystemProbe } from "./system.ts";

const folder = mkdtempSync(join(tmpdir(), "mede2-system-"));
const path = process.env.PATH;
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  process.env.PATH = path;
});

/** In place of NVIDIA's program, which prints such lines every two seconds. */
function nvidiaSmi(lines: readonly string[]): void {
  const file = join(folder, "nvidia-smi");
  writeFileSync(file, `#!/bin/sh\ncat <<'END'\n${lines.join("\n")}\nEND\nexec sleep 60\n`);
  chmodSync(file, 0o755);
  process.env.PATH = `${folder}${delimiter}${path}`;
}

it.skipIf(process.platform === "win32")(
  "shows GPUs as nvidia-smi tells them, also what it does not know",
  async () => {
    nvidiaSmi([
      "0, NVIDIA H100 80GB HBM3, 37, 1024, 81559, 41, 118.52",
      "1, NVIDIA H100 80GB HBM3, [N/A], 3, 81559, 35, [Not Supported]",
    ]);
    const probe = openSystemProbe();
    try {
      const { gpus } = await vi.waitFor(async () => {
        const sample = await probe.sample(folder, process.pid);
        expect(sample.gpus).toHaveLength(2);
        return sample;
      });
      const known = { name: "NVIDIA H100 80GB HBM3", memoryTotal: 81_559 * 2 ** 20 };
      expect(gpus).toEqual([
        { ...known, load: 0.37, memoryUsed: 2 ** 30, celsius: 41, watts: 118.52 },
        { ...known, load: undefined, memoryUsed: 3 * 2 ** 20, celsius: 35, watts: undefined },
      ]);
    } finally {
      probe.close();
    }
  },
);

it("measures this machine, and a process of it, without any GPU", async () => {
  process.env.PATH = folder;
  rmSync(join(folder, "nvidia-smi"), { force: true });
  const probe = openSystemProbe();
  try {
    await probe.sample(folder, process.pid);
    const sample = await probe.sample(folder, process.pid);
    expect(sample.gpus).toEqual([]);
    expect(sample.cores.length).toBeGreaterThan(0);
    for (const share of [...sample.cores, ...sample.history]) {
      expect(share).toBeGreaterThanOrEqual(0);
      expect(share).toBeLessThanOrEqual(1);
    }
    expect(sample.memory.used).toBeLessThan(sample.memory.total);
    expect(sample.disk!.free).toBeLessThanOrEqual(sample.disk!.total);
    if (process.platform === "linux") expect(sample.process!.memory).toBeGreaterThan(2 ** 24);
  } finally {
    probe.close();
  }
});
