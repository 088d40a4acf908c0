import { describe, expect, it } from "vitest";
import { GraphBuilder } from "../builder.ts";
import * as ops from "../ops/index.ts";
import { decodeModel } from "./decode-model.ts";
import { encodeModel } from "./encode-model.ts";
import { externalInitializer } from "./external-data.ts";

const failing = expect.objectContaining({ code: "invalid-external-data" });

describe("external data", () => {
  it("points into a file through the codec, with no byte of the weight in the model", () => {
    const g = new GraphBuilder("external");
    const place = { location: "weights/model.safetensors", offset: 4000, length: 4_000_000 };
    const w = g.initializer("w", externalInitializer("w", "float32", [1000, 1000], place));
    g.output(ops.matMul(g, g.input("x", "float32", [1, 1000]), w), "y");
    const bytes = encodeModel(g.build());
    expect(bytes.length).toBeLessThan(400);
    expect(decodeModel(bytes).graph.initializers.get("w")?.storage).toEqual({ kind: "external", ...place });
  });

  it("refuses places that leave the folder of the model", () => {
    const at = (location: string) => () =>
      externalInitializer("w", "float32", [1], { location, offset: 0, length: 4 });
    for (const location of [
      "/etc/passwd",
      "../model.bin",
      "a/../../b",
      "C:\\w",
      "a\\..\\b",
      "\\\\host\\w",
      "",
      "a\0",
    ])
      expect(at(location), location).toThrow(failing);
    expect(at("a..b/c.bin")).not.toThrow();
  });

  it("refuses a length that is not that of the tensor", () => {
    const of = (dtype: "float16" | "int4" | "string", length: number) => () =>
      externalInitializer("w", dtype, [3], { location: "w", offset: 0, length });
    expect(of("float16", 6)).not.toThrow();
    expect(of("int4", 2)).not.toThrow();
    expect(of("float16", 12)).toThrow(failing);
    expect(of("string", 3)).toThrow(failing);
  });
});
