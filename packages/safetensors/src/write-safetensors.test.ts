import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import { externalData } from "./external-data.ts";
import { readSafetensors } from "./safetensors-file.ts";
import { type TensorSource, writeSafetensors } from "./write-safetensors.ts";

const golden = new URL("../test/goldens/reference.safetensors", import.meta.url).pathname;
const newFolder = () => mkdtempSync(join(tmpdir(), "safetensors-"));
const f32 = (name: string, ...values: number[]): TensorSource => ({
  name,
  dtype: "F32",
  shape: [values.length],
  data: Float32Array.from(values),
});

describe("writeSafetensors", () => {
  it("writes the very bytes of the reference implementation, from values or from functions", async () => {
    const file = readSafetensors(golden);
    const tensors = [...file.entries.keys()].reverse().map((name) => file.tensor(name));
    for (const sources of [
      tensors,
      tensors.map((tensor) => ({ ...tensor, data: async () => tensor.data })),
    ]) {
      const path = join(newFolder(), "copy.safetensors");
      const written = await writeSafetensors(path, sources, { metadata: file.metadata });
      expect(readFileSync(path).equals(readFileSync(golden))).toBe(true);
      expect(written).toEqual({
        path,
        bytes: 849,
        sha256: createHash("sha256").update(readFileSync(golden)).digest("hex"),
      });
    }
  });
  it("leaves the old file and no rubbish when the data is wrong", async () => {
    const folder = newFolder();
    const path = join(folder, "a.safetensors");
    await writeSafetensors(path, [f32("a", 1)]);
    await expect(writeSafetensors(path, [{ ...f32("a", 1), shape: [2] }])).rejects.toThrowError(
      /needs 8 bytes but its data has 4/,
    );
    expect(readdirSync(folder)).toEqual(["a.safetensors"]);
    expect(readSafetensors(path).tensor("a").data).toEqual(Float32Array.of(1));
  });
  it("refuses a name twice and the reserved name", async () => {
    const path = join(newFolder(), "a.safetensors");
    await expect(writeSafetensors(path, [f32("a", 1), f32("a", 2)])).rejects.toMatchObject({
      code: "SAFETENSORS_TENSOR_INVALID",
    });
    await expect(writeSafetensors(path, [f32("__metadata__", 1)])).rejects.toMatchObject({
      code: "SAFETENSORS_TENSOR_INVALID",
    });
  });
});

describe("checkpoints", () => {
  const tensors = [f32("model.a", 1, 2, 3), f32("model.b", 4), f32("lm_head", 5, 6)];
  it("is one file when it fits, shards with an index when not, and replaces the other form", async () => {
    const folder = newFolder();
    await writeCheckpoint(folder, tensors, { maxShardBytes: 16 });
    expect(readdirSync(folder).sort()).toEqual([
      "model-00001-of-00002.safetensors",
      "model-00002-of-00002.safetensors",
      "model.safetensors.index.json",
    ]);
    expect(JSON.parse(readFileSync(join(folder, "model.safetensors.index.json"), "utf8")).metadata).toEqual({
      total_size: 24,
    });
    const sharded = openCheckpoint(folder);
    expect(sharded.tensor("lm_head").data).toEqual(Float32Array.of(5, 6));
    expect([...sharded.entries.keys()].sort()).toEqual(["lm_head", "model.a", "model.b"]);
    expect(sharded.metadata).toEqual({ format: "pt" });

    await writeCheckpoint(folder, tensors);
    expect(readdirSync(folder)).toEqual(["model.safetensors"]);
    expect(openCheckpoint(folder).tensor("model.b").data).toEqual(Float32Array.of(4));
    expect(() => openCheckpoint(folder).tensor("x")).toThrowError(/no tensor "x"/);
  });
  it("refuses an index that points elsewhere, or to a shard without the tensor, and a folder without a checkpoint", async () => {
    const folder = newFolder();
    const index = (map: unknown) =>
      writeFileSync(join(folder, "model.safetensors.index.json"), JSON.stringify({ weight_map: map }));
    index({ a: "../model.safetensors" });
    expect(() => openCheckpoint(folder)).toThrowError(/plain file name/);
    await writeSafetensors(join(folder, "s.safetensors"), [f32("b", 1)]);
    index({ a: "s.safetensors" });
    expect(() => openCheckpoint(folder)).toThrowError(/does not hold it/);
    expect(() => openCheckpoint(newFolder())).toThrowError(/neither/);
  });
});

it("external data points at the bytes of the tensor", async () => {
  const folder = newFolder();
  mkdirSync(join(folder, "weights"));
  const path = join(folder, "weights", "a.safetensors");
  await writeSafetensors(path, [f32("a", 1), f32("b", 7, 8)]);
  const file = readSafetensors(path);
  const { location, offset, length } = externalData(file, "b", folder);
  expect(location).toBe("weights/a.safetensors");
  expect(readFileSync(path).subarray(offset, offset + length)).toEqual(
    Buffer.from(Float32Array.of(7, 8).buffer),
  );
  expect(externalData(file, "b").location).toBe("a.safetensors");
  expect(() => externalData(file, "b", join(folder, "elsewhere"))).toThrowError(/outside/);
});
