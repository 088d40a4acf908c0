import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decodeModel } from "../src/codec/decode-model.ts";
import { decodeTensor } from "../src/codec/decode-tensor.ts";
import { opNames } from "../src/op-names.ts";
import { evaluate, tensorValue } from "./evaluate.ts";

interface NodeCase {
  readonly name: string;
  readonly source: string;
  readonly model: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** Published cases of the ONNX backend tests, and cases run by ONNX Runtime (goldens/generate-node-cases.py). */
const cases: NodeCase[] = JSON.parse(
  readFileSync(new URL("goldens/node-cases.json", import.meta.url), "utf8"),
);
const bytes = (text: string) => new Uint8Array(Buffer.from(text, "base64"));

const close = (found: number, exact: number) =>
  Object.is(found, exact) || found === exact || Math.abs(found - exact) <= 1e-5 + 1e-5 * Math.abs(exact);

describe("the reference evaluator against published node cases", () => {
  const covered = new Set<string>();
  for (const each of cases) {
    const { graph } = decodeModel(bytes(each.model));
    for (const node of graph.nodes) covered.add(node.op);
    it(each.name, () => {
      const feeds = each.inputs.map(
        (input, index) => [graph.inputs[index]!.name, tensorValue(decodeTensor(bytes(input)))] as const,
      );
      const values = evaluate(graph, new Map(feeds));
      for (const [index, output] of each.outputs.entries()) {
        const expected = tensorValue(decodeTensor(bytes(output)));
        const found = values.get(graph.outputs[index]!.name)!;
        expect(found.dtype).toBe(expected.dtype);
        expect(found.shape).toEqual(expected.shape);
        for (const [at, exact] of expected.data.entries())
          expect(close(found.data[at]!, exact), `element ${at}: ${found.data[at]} for ${exact}`).toBe(true);
      }
    });
  }

  it("has a case for every op", () => {
    expect([...covered].sort()).toEqual([...opNames].sort());
  });
});
