import { describe, expect, it } from "vitest";
import { everything } from "../../test/everything.ts";
import { checkGraph, checkModel, graphProblems } from "./check.ts";
import type { Graph, Node } from "./graph.ts";

function node(op: string, inputs: string[], outputs: string[], domain = ""): Node {
  return { op, domain, name: "", inputs, outputs, attributes: new Map() };
}

function graphOf(nodes: readonly Node[], outputs = ["y"]): Graph {
  return {
    name: "g",
    inputs: [{ name: "x" }],
    outputs: outputs.map((name) => ({ name })),
    nodes,
    initializers: new Map([
      ["x", { dtype: "float32", shape: [0], storage: { kind: "bytes", bytes: new Uint8Array() } }],
    ]),
    values: new Map(),
  };
}

describe("graph rules", () => {
  it("accept a graph that keeps them; an initializer may be the default of an input", () => {
    expect(graphProblems(graphOf([node("Clip", ["x", "", "x"], ["y", ""])]))).toEqual([]);
  });

  it("name every rule that is broken", () => {
    const graph = graphOf([
      node("Relu", ["later"], ["a"]),
      node("Exp", ["x"], ["later"]),
      node("Neg", ["a"], ["a"]),
    ]);
    expect(graphProblems(graph).map(({ code }) => code)).toEqual([
      "undefined-value",
      "duplicate-name",
      "missing-output",
    ]);
    expect(() => checkGraph(graph)).toThrow(
      expect.objectContaining({
        code: "undefined-value",
        message:
          'The graph "g" is not valid: Relu "a" uses "later", which a later node defines: sort the graph; ' +
          'Neg "a" defines "a", which is defined already; nothing in "g" defines its output "y".',
      }),
    );
  });

  it("let a branch capture what stands before it, and define nothing again", () => {
    const branch = (inner: Node): Node => ({
      ...node("If", ["x"], ["y"]),
      attributes: new Map([
        [
          "then_branch",
          {
            type: "graph",
            value: { ...graphOf([inner], [inner.outputs[0]!]), inputs: [], initializers: new Map() },
          },
        ],
      ]),
    });
    expect(graphProblems(graphOf([branch(node("Neg", ["x"], ["inner"]))]))).toEqual([]);
    expect(graphProblems(graphOf([branch(node("Neg", ["y"], ["inner"]))]))[0]?.code).toBe("undefined-value");
    expect(graphProblems(graphOf([branch(node("Neg", ["x"], ["x"]))]))[0]?.code).toBe("duplicate-name");
  });

  it("reach functions and operator sets", () => {
    const model = {
      irVersion: 10,
      opsets: new Map([["", 21]]),
      functions: [],
      graph: graphOf([node("Gelu", ["x"], ["y"], "com.microsoft")]),
    };
    expect(() => checkModel(model)).toThrow(expect.objectContaining({ code: "missing-opset" }));
    checkModel({ ...model, opsets: new Map([["com.microsoft", 1]]) });
    expect(() => checkModel(everything())).toThrow(/nothing in "Custom" defines its output "s"/);
  });
});
