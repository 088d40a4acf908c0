import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SafetensorsError } from "./safetensors-error.ts";
import { openSafetensors, readSafetensors } from "./safetensors-file.ts";

const golden = new URL("../test/goldens/reference.safetensors", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "safetensors-"));
let count = 0;

function fileWith(header: string | Uint8Array, data = 0, claimed?: bigint): string {
  const json = typeof header === "string" ? Buffer.from(header) : header;
  const bytes = Buffer.alloc(8 + json.length + data);
  bytes.writeBigUInt64LE(claimed ?? BigInt(json.length));
  bytes.set(json, 8);
  const path = join(folder, `${count++}.safetensors`);
  writeFileSync(path, bytes);
  return path;
}

const code = (path: string): string => {
  try {
    readSafetensors(path);
  } catch (error) {
    expect(error).toBeInstanceOf(SafetensorsError);
    expect((error as Error).message).toContain(path);
    return (error as SafetensorsError).code;
  }
  return "accepted";
};

describe.each([
  ["readSafetensors", readSafetensors],
  ["openSafetensors", openSafetensors],
])("%s on the file of the reference implementation", (_, read) => {
  const file = read(golden);
  it("gives every tensor", () => {
    expect(file.metadata).toEqual({ format: "pt" });
    expect(file.entries.size).toBe(12);
    expect(file.tensor("b.float32")).toEqual({
      name: "b.float32",
      dtype: "F32",
      shape: [2, 3],
      data: Float32Array.from([0, 0.25, 0.5, 0.75, 1, 1.25]),
    });
    expect(file.tensor("a.float32")).toMatchObject({ shape: [], data: Float32Array.of(-1.5) });
    expect(file.tensor("float64").data).toEqual(Float64Array.of(1e300, -0));
    expect(file.tensor("int64").data).toEqual(BigInt64Array.of(-(2n ** 62n), 7n));
    expect(file.tensor("int32")).toMatchObject({ shape: [2, 1], data: Int32Array.of(-5, 6) });
    expect(file.tensor("int16").data).toEqual(Int16Array.of(-300));
    expect(file.tensor("int8").data).toEqual(Int8Array.of(-3, 4, 5));
    expect(file.tensor("uint8").data).toEqual(Uint8Array.of(250));
    expect(file.tensor("bool").data).toEqual(Uint8Array.of(1, 0, 1));
    expect(file.tensor("0").data).toEqual(Uint16Array.of(1, 2));
    expect(file.tensor("empty")).toMatchObject({ shape: [0, 4], data: new Float32Array(0) });
  });
  it("says where a tensor lies in the file", () => {
    const { offset, length } = file.entries.get("int64")!;
    expect(readFileSync(golden).readBigInt64LE(offset)).toBe(-(2n ** 62n));
    expect(length).toBe(16);
  });
  it("names a missing tensor", () => expect(() => file.tensor("c")).toThrowError(/no tensor "c"/));
});

it("shares one buffer between aligned tensors and copies a misaligned one", () => {
  const file = readSafetensors(golden);
  expect(file.tensor("b.float32").data.buffer).toBe(file.tensor("int64").data.buffer);
  const path = fileWith(
    '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}',
    5,
  );
  const odd = readSafetensors(path);
  expect(odd.tensor("b").data).toEqual(Float32Array.of(0));
  expect(odd.tensor("b").data.buffer).not.toBe(odd.tensor("a").data.buffer);
});

describe("a hostile or damaged file is refused with a named error", () => {
  const f32 = (name: string, from: number, to: number, shape = `[${(to - from) / 4}]`) =>
    `"${name}":{"dtype":"F32","shape":${shape},"data_offsets":[${from},${to}]}`;
  it.each([
    ["a huge header", fileWith("{}", 0, 2n ** 63n), "SAFETENSORS_HEADER_TOO_LARGE"],
    ["a header past the end", fileWith("{}", 0, 500n), "SAFETENSORS_TRUNCATED"],
    ["invalid UTF-8", fileWith(Uint8Array.of(0x7b, 0xff, 0x7d)), "SAFETENSORS_HEADER_INVALID"],
    ["no JSON", fileWith("{nope"), "SAFETENSORS_HEADER_INVALID"],
    ["an array", fileWith("[]"), "SAFETENSORS_HEADER_INVALID"],
    ["leading space", fileWith(" {}"), "SAFETENSORS_HEADER_INVALID"],
    ["a name twice", fileWith(`{${f32("a", 0, 4)},${f32("a", 4, 8)}}`, 8), "SAFETENSORS_HEADER_INVALID"],
    [
      "a name twice, once escaped",
      fileWith(`{${f32("a", 0, 4)},${f32("\\u0061", 4, 8)}}`, 8),
      "SAFETENSORS_HEADER_INVALID",
    ],
    ["an overlap", fileWith(`{${f32("a", 0, 8)},${f32("b", 4, 12)}}`, 12), "SAFETENSORS_LAYOUT_INVALID"],
    ["a gap", fileWith(`{${f32("a", 0, 4)},${f32("b", 8, 12)}}`, 12), "SAFETENSORS_LAYOUT_INVALID"],
    ["data out of range", fileWith(`{${f32("a", 0, 400)}}`, 8), "SAFETENSORS_TRUNCATED"],
    ["bytes left over", fileWith(`{${f32("a", 0, 4)}}`, 8), "SAFETENSORS_LAYOUT_INVALID"],
    [
      "reversed offsets",
      fileWith(`{"a":{"dtype":"F32","shape":[],"data_offsets":[4,0]}}`, 4),
      "SAFETENSORS_HEADER_INVALID",
    ],
    ["a shape that disagrees", fileWith(`{${f32("a", 0, 4, "[3]")}}`, 4), "SAFETENSORS_LAYOUT_INVALID"],
    [
      "a shape that overflows",
      fileWith(`{${f32("a", 0, 4, "[9007199254740991,9007199254740991]")}}`, 4),
      "SAFETENSORS_LAYOUT_INVALID",
    ],
    ["a negative size", fileWith(`{${f32("a", 0, 4, "[-1]")}}`, 4), "SAFETENSORS_HEADER_INVALID"],
    [
      "an unknown dtype",
      fileWith(`{"a":{"dtype":"F4","shape":[2],"data_offsets":[0,1]}}`, 1),
      "SAFETENSORS_DTYPE_UNSUPPORTED",
    ],
    [
      "a dtype from the prototype",
      fileWith(`{"a":{"dtype":"toString","shape":[2],"data_offsets":[0,1]}}`, 1),
      "SAFETENSORS_DTYPE_UNSUPPORTED",
    ],
    ["metadata that is no text", fileWith(`{"__metadata__":{"a":1}}`), "SAFETENSORS_HEADER_INVALID"],
    ["a missing file", join(folder, "absent"), "SAFETENSORS_NOT_FOUND"],
  ])("%s", (_, path, expected) => expect(code(path)).toBe(expected));

  it("an empty file", () => {
    const path = join(folder, "empty.safetensors");
    writeFileSync(path, "");
    expect(code(path)).toBe("SAFETENSORS_TRUNCATED");
  });
  it("keeps __proto__ as a plain name", () => {
    const file = readSafetensors(fileWith(`{${f32("__proto__", 0, 4)}}`, 4));
    expect([...file.entries.keys()]).toEqual(["__proto__"]);
  });
  it("any change of a byte is accepted or refused by name, never anything else", () => {
    const bytes = readFileSync(golden);
    const path = join(folder, "mutated.safetensors");
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        fc.nat(bytes.length),
        (edits, cut) => {
          const mutated = Buffer.from(bytes);
          for (const [at, value] of edits) mutated[at] = value;
          writeFileSync(path, edits.length > 3 ? mutated.subarray(0, cut) : mutated);
          code(path);
        },
      ),
      { numRuns: 400 },
    );
  });
});
