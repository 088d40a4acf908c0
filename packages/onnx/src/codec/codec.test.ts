import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { everything } from "../../test/everything.ts";
import { seeded } from "../../test/random.ts";
import { GraphError } from "../graph-error.ts";
import type { Model, TensorData } from "../ir/graph.ts";
import { decodeModel } from "./decode-model.ts";
import { decodeTensor } from "./decode-tensor.ts";
import { encodeModel } from "./encode-model.ts";
import { encodeTensor } from "./encode-tensor.ts";
import { WireWriter } from "./wire-writer.ts";

const failing = (code: string) => expect.objectContaining({ name: "GraphError", code });
const write = (fill: (out: WireWriter) => void): Uint8Array => {
  const out = new WireWriter();
  fill(out);
  return out.finish();
};
const bytesOf = (tensor: TensorData) =>
  tensor.storage.kind === "bytes" ? [...tensor.storage.bytes] : undefined;

describe("round trip", () => {
  it("keeps a model that uses every field of the IR", () => {
    const model = everything();
    expect(decodeModel(encodeModel(model))).toEqual(model);
    expect(encodeModel(decodeModel(encodeModel(model)))).toEqual(encodeModel(model));
  });

  it("keeps the published node cases and their tensors", () => {
    const file = new URL("../../test/goldens/node-cases.json", import.meta.url);
    const cases: { model: string; inputs: string[]; outputs: string[] }[] = JSON.parse(
      readFileSync(file, "utf8"),
    );
    expect(cases.length).toBeGreaterThan(100);
    for (const each of cases) {
      const model = decodeModel(Buffer.from(each.model, "base64"));
      expect(decodeModel(encodeModel(model))).toEqual(model);
      for (const text of [...each.inputs, ...each.outputs]) {
        const tensor = decodeTensor(Buffer.from(text, "base64"));
        expect(decodeTensor(encodeTensor(tensor))).toEqual(tensor);
      }
    }
  });

  it("keeps fields that the IR does not model, and their place", () => {
    const unknown = write((out) => {
      out.string(99, "later");
      out.int(98, 7);
    });
    const bytes = write((out) => {
      out.int(1, 10);
      out.message(7, (graph) => {
        graph.string(2, "g");
        graph.raw(unknown);
      });
      out.message(20, (training) => training.string(1, "kept")); // training_info
    });
    const model = decodeModel(bytes);
    expect(model.graph.extra).toEqual(unknown);
    expect(encodeModel(model)).toEqual(bytes);
  });

  it("copies large tensors once, and reads them without a copy", () => {
    const weights = new Uint8Array(8_000_000).fill(7);
    const tensor: TensorData = {
      dtype: "uint8",
      shape: [weights.length],
      storage: { kind: "bytes", bytes: weights },
    };
    const encoded = encodeTensor(tensor);
    const { storage } = decodeTensor(encoded);
    expect(storage.kind === "bytes" && storage.bytes.buffer === encoded.buffer).toBe(true);
    expect(storage.kind === "bytes" && Buffer.compare(storage.bytes, weights)).toBe(0);
  });
});

describe("forms of a tensor", () => {
  const tensor = (code: number, dims: number[], fill: (out: WireWriter) => void) =>
    decodeTensor(
      write((out) => {
        for (const size of dims) out.int(1, size);
        out.int(2, code);
        fill(out);
      }),
    );
  /** Varints one after another: each written as a field, its tag of one byte taken off. */
  const packed = (values: readonly (number | bigint)[]) =>
    Uint8Array.from(values.flatMap((value) => [...write((out) => out.int(1, value)).subarray(1)]));

  it("takes float_data, packed or not", () => {
    const expected = [...new Uint8Array(Float32Array.of(1.5, -2).buffer)];
    const one = tensor(1, [2], (out) => {
      out.float(4, 1.5);
      out.float(4, -2);
    });
    const two = tensor(1, [2], (out) => out.bytes(4, Uint8Array.from(expected)));
    expect(bytesOf(one)).toEqual(expected);
    expect(bytesOf(two)).toEqual(expected);
  });

  it("takes int32_data of narrower types", () => {
    expect(bytesOf(tensor(3, [2], (out) => out.bytes(5, packed([-1, 5]))))).toEqual([255, 5]); // int8
    expect(bytesOf(tensor(9, [2], (out) => out.bytes(5, packed([1, 0]))))).toEqual([1, 0]); // bool
    expect(bytesOf(tensor(10, [1], (out) => out.bytes(5, packed([0x3c00]))))).toEqual([0, 0x3c]); // float16 1
    expect(bytesOf(tensor(21, [3], (out) => out.bytes(5, packed([0x21, 0x03]))))).toEqual([0x21, 3]); // uint4
    expect(bytesOf(tensor(6, [1], (out) => out.int(5, -2)))).toEqual([254, 255, 255, 255]); // int32, not packed
  });

  it("takes int64_data and uint64_data beyond 2^53", () => {
    const large = 2n ** 63n - 1n;
    expect(bytesOf(tensor(7, [2], (out) => out.bytes(7, packed([-1, large]))))).toEqual([
      ...new Uint8Array(BigInt64Array.of(-1n, large).buffer),
    ]);
    expect(bytesOf(tensor(13, [1], (out) => out.bytes(11, packed([2n ** 64n - 1n]))))).toEqual(
      Array(8).fill(255),
    );
    expect(bytesOf(tensor(12, [1], (out) => out.bytes(11, packed([2 ** 32 - 1]))))).toEqual(
      Array(4).fill(255),
    );
  });

  it("refuses elements that do not fit the type or the shape", () => {
    expect(() => tensor(3, [1], (out) => out.int(5, 256))).toThrow(failing("malformed-file"));
    expect(() => tensor(1, [3], (out) => out.float(4, 1))).toThrow(
      /holds 4 bytes; 3 elements of float32 take 12/,
    );
    expect(() => tensor(1, [1], (out) => out.int(5, 1))).toThrow(/int32_data instead of float_data/);
    expect(() => tensor(1, [-1], () => {})).toThrow(/dimension of -1/);
    expect(() => tensor(1, [2 ** 31, 2 ** 31], () => {})).toThrow(/too large/);
    expect(() => tensor(27, [1], () => {})).toThrow(failing("unsupported-file"));
    const twice = (out: WireWriter) => {
      out.float(4, 1);
      out.bytes(9, new Uint8Array(4));
    };
    expect(() => tensor(1, [1], twice)).toThrow(/several forms/);
  });

  it("is refused by the writer where bytes and shape disagree", () => {
    const bytes = new Uint8Array(3);
    expect(() => encodeTensor({ dtype: "float32", shape: [1], storage: { kind: "bytes", bytes } })).toThrow(
      failing("invalid-graph"),
    );
  });
});

describe("hostile input", () => {
  const whole = encodeModel(everything());
  const outcome = (bytes: Uint8Array): Model | string => {
    try {
      return decodeModel(bytes);
    } catch (error) {
      if (error instanceof GraphError) return error.code;
      throw error;
    }
  };

  it("ends in a model or a GraphError, wherever a file is cut", () => {
    let refused = 0;
    for (let end = 0; end < whole.length; end++)
      if (typeof outcome(whole.subarray(0, end)) === "string") refused++;
    expect(refused).toBeGreaterThan(0.9 * whole.length);
  });

  it("ends in a model or a GraphError, whatever bytes are changed", () => {
    const random = seeded(1);
    for (let round = 0; round < 4000; round++) {
      const bytes = whole.slice();
      for (let change = random.int(1, 4); change > 0; change--)
        bytes[random.int(0, bytes.length - 1)] = random.int(0, 255);
      const found = outcome(bytes);
      if (typeof found !== "string") expect(outcome(encodeModel(found))).toEqual(found);
    }
  });

  it("is not led to read beyond a message", () => {
    const lying = Uint8Array.of(0x3a, 0xff, 0xff, 0xff, 0xff, 0x07, 0); // a graph of 2 GiB
    expect(() => decodeModel(lying)).toThrow(/says 2147483647 bytes, but 1 are left/);
    const endless = new Uint8Array(20).fill(0xff);
    expect(() => decodeModel(endless)).toThrow(failing("malformed-file"));
    expect(() => decodeModel(Uint8Array.of(0x0b))).toThrow(/wire type 3/);
    expect(() => decodeModel(Uint8Array.of(0x00, 0x01))).toThrow(/field number 0/);
  });

  it("does not follow nesting without end", () => {
    let graph = write((out) => out.string(2, "innermost"));
    for (let depth = 0; depth < 200; depth++) {
      const inner = graph;
      graph = write((out) =>
        out.message(1, (node) =>
          node.message(5, (attribute) => {
            attribute.string(1, "body");
            attribute.bytes(6, inner);
            attribute.int(20, 5);
          }),
        ),
      );
    }
    const bytes = write((out) => {
      out.int(1, 10);
      out.bytes(7, graph);
    });
    expect(() => decodeModel(bytes)).toThrow(/nested more than 100 deep/);
  });

  it("says where the fault is", () => {
    const bytes = write((out) => {
      out.int(1, 10);
      out.message(7, (graph) => {
        graph.message(1, (node) => node.string(4, "Relu"));
        graph.message(1, (node) => node.bytes(4, Uint8Array.of(0xff)));
      });
    });
    expect(() => decodeModel(bytes)).toThrow(
      /^ModelProto\.graph\.node\[1\], byte 0: field 4 is not valid UTF-8/,
    );
  });

  it("refuses what is ambiguous", () => {
    const model = (graph: (out: WireWriter) => void) =>
      write((out) => {
        out.int(1, 10);
        out.message(7, graph);
      });
    const initializer = (out: WireWriter) =>
      out.message(5, (tensor) => {
        tensor.int(2, 1);
        tensor.int(1, 0);
        tensor.string(8, "w");
      });
    expect(() => decodeModel(model((out) => [initializer(out), initializer(out)]))).toThrow(
      /"w" appears twice/,
    );
    expect(() => decodeModel(new Uint8Array())).toThrow(/has no graph/);
    expect(() => decodeModel(whole, { maxBytes: 10 })).toThrow(failing("too-large"));
  });
});
