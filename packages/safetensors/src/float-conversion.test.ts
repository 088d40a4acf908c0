import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { fromFloat32, toFloat32 } from "./float-conversion.ts";

const golden = JSON.parse(
  readFileSync(new URL("../test/goldens/reference.json", import.meta.url), "utf8"),
) as Record<"float32" | "float16" | "widened", number[]>;
const bitsOf = (values: Float32Array) => [...new Uint32Array(values.buffer)];

it("F16 rounds and widens as numpy does", () => {
  const values = new Float32Array(Uint32Array.from(golden.float32).buffer);
  const half = fromFloat32(values, "F16");
  expect([...half]).toEqual(golden.float16);
  expect(bitsOf(toFloat32({ dtype: "F16", data: half }))).toEqual(golden.widened);
});

it.each(["F16", "BF16"] as const)("every one of the 65,536 patterns of %s survives a round trip", (dtype) => {
  const all = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
  const back = fromFloat32(toFloat32({ dtype, data: all }), dtype);
  const isNan = (bits: number) => (dtype === "F16" ? (bits & 0x7fff) > 0x7c00 : (bits & 0x7fff) > 0x7f80);
  for (let bits = 0; bits < 65536; bits++)
    if (isNan(bits) ? !isNan(back[bits]!) : back[bits] !== bits)
      expect([bits, back[bits]]).toEqual([bits, bits]);
});

it("BF16 rounds to nearest, ties to even", () => {
  const values = new Float32Array(Uint32Array.of(0x3f808000, 0x3f818000, 0x3f808001, 0x7f7fffff).buffer);
  expect([...fromFloat32(values, "BF16")]).toEqual([0x3f80, 0x3f82, 0x3f81, 0x7f80]);
});

it("integers and float64 become float32; int64 is refused", () => {
  expect(toFloat32({ dtype: "I8", data: Int8Array.of(-3) })).toEqual(Float32Array.of(-3));
  expect(toFloat32({ dtype: "F64", data: Float64Array.of(0.1) })).toEqual(Float32Array.of(0.1));
  expect(() => toFloat32({ dtype: "I64", data: BigInt64Array.of(1n), name: "ids" })).toThrowError(
    /"ids" of dtype I64/,
  );
});
