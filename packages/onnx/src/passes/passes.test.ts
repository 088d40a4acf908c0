import { describe, expect, it } from "vitest";
import { evaluate } from "../../test/evaluate.ts";
import { seeded } from "../../test/random.ts";
import { gradients } from "../autodiff/gradients.ts";
import { GraphBuilder } from "../builder.ts";
import type { Graph, Model, Node } from "../ir/graph.ts";
import * as ops from "../ops/index.ts";
import {
  checkShapes,
  nameOutputs,
  ownNormStatistics,
  type Pass,
  removeDeadNodes,
  removeIdentities,
  runPasses,
  shareConstants,
  sortNodes,
  wellFormed,
} from "./index.ts";

const failed = (text: RegExp) =>
  expect.objectContaining({ code: "pass-failed", message: expect.stringMatching(text) });

function node(op: string, inputs: string[], outputs: string[]): Node {
  return { op, domain: "", name: "", inputs, outputs, attributes: new Map() };
}

function modelOf(nodes: readonly Node[], more: Partial<Graph> = {}): Model {
  const graph: Graph = {
    name: "test",
    inputs: [{ name: "x" }],
    outputs: [{ name: "y" }],
    nodes,
    initializers: new Map(),
    values: new Map(),
    ...more,
  };
  return { irVersion: 10, opsets: new Map([["", 21]]), graph, functions: [] };
}

const shapes = (model: Model) =>
  model.graph.nodes.map(({ op, inputs, outputs }) => `${outputs} = ${op}(${inputs})`);

/** A training step in small, with identities and a value that nothing uses. */
function step(): Model {
  const g = new GraphBuilder("step");
  const x = g.input("x", "float64", [3, 4]);
  const w = g.input("w", "float64", [4, 2]);
  ops.exp(g, x); // dead
  const hidden = ops.tanh(g, ops.identity(g, ops.matMul(g, ops.identity(g, x), w)));
  const loss = ops.sumAll(g, ops.mul(g, ops.stopGradient(g, hidden), hidden));
  const [dw] = gradients(g, loss, [w]);
  g.output(loss, "loss");
  g.output(dw!, "dw");
  return g.build();
}

describe("statistics of norms in nodes of their own", () => {
  it("keep a backward pass what it was", () => {
    const g = new GraphBuilder("norm");
    const x = g.input("x", "float32", [3, 4]);
    const scale = g.input("scale", "float32", [4]);
    const [dx] = gradients(g, ops.sumAll(g, ops.tanh(g, ops.rmsNorm(g, x, scale, 0.01))), [x]);
    g.output(dx!, "dx");
    const model = g.build();
    const made = runPasses(model, [ownNormStatistics]);
    expect(made.graph.nodes.filter(({ outputs }) => outputs.length > 1)).toEqual([]);
    const random = seeded(1);
    const feeds = new Map([
      ["x", random.values([3, 4])],
      ["scale", random.values([4])],
    ]);
    const [before, after] = [model, made].map(({ graph }) => evaluate(graph, feeds).get("dx")!);
    before!.data.forEach((value, i) => {
      expect(after!.data[i]).toBeCloseTo(value, 6);
    });
  });
});

describe("outputs named by what makes them", () => {
  it("leaves no copy behind, and what needs one keeps it", () => {
    const made = runPasses(
      modelOf(
        [
          node("Neg", ["x"], ["a"]),
          node("Identity", ["a"], ["y"]),
          node("Identity", ["a"], ["z"]),
          node("Identity", ["x"], ["w"]),
          node("Abs", ["a"], ["b"]),
        ],
        { outputs: ["y", "z", "w", "b"].map((name) => ({ name })) },
      ),
      [nameOutputs],
    );
    expect(shapes(made)).toEqual(["y = Neg(x)", "z = Identity(y)", "w = Identity(x)", "b = Abs(y)"]);
  });
});

describe("the passes", () => {
  it("keep what a graph computes, bit for bit, and make it smaller", () => {
    const model = step();
    const shuffled = { ...model, graph: { ...model.graph, nodes: model.graph.nodes.toReversed() } };
    const passes = [sortNodes, shareConstants, removeIdentities, removeDeadNodes, checkShapes];
    const result = runPasses(shuffled, passes);
    const random = seeded(3);
    const feeds = new Map([
      ["x", random.values([3, 4])],
      ["w", random.values([4, 2])],
    ]);
    const [before, after] = [evaluate(model.graph, feeds), evaluate(result.graph, feeds)];
    for (const name of ["loss", "dw"]) expect(after.get(name)).toEqual(before.get(name));
    const identities = result.graph.nodes.filter(({ op }) => op === "Identity");
    expect(identities.map(({ outputs }) => outputs[0]).sort()).toEqual(["dw", "loss"]);
    expect(result.graph.nodes.some(({ op }) => op === "Exp")).toBe(false);
    expect(runPasses(result, passes)).toEqual(result); // nothing is left to do
  });

  it("names the pass, the condition and the node that fail", () => {
    const broken = modelOf([node("Relu", ["h"], ["y"]), node("Exp", ["x"], ["h"])]);
    expect(() => runPasses(broken, [removeDeadNodes])).toThrow(
      failed(
        /"remove dead nodes" failed: it needs a graph that is well formed: Relu "y" uses "h", which a later node/,
      ),
    );
    const vandal: Pass = {
      name: "vandal",
      before: [],
      after: [wellFormed],
      run: (model) => ({ ...model, graph: { ...model.graph, nodes: [] } }),
    };
    const good = modelOf([node("Relu", ["x"], ["y"])]);
    expect(() => runPasses(good, [vandal])).toThrow(
      failed(/"vandal" failed: it left a graph that is not well formed/),
    );
    const renamer: Pass = {
      ...vandal,
      name: "renamer",
      run: (model) => ({ ...model, graph: { ...model.graph, outputs: [{ name: "x" }] } }),
    };
    expect(() => runPasses(good, [renamer])).toThrow(failed(/changed the outputs/));
  });
});

describe("sortNodes", () => {
  it("keeps the order of nodes that are in order", () => {
    const model = modelOf([
      node("Neg", ["x"], ["b"]),
      node("Exp", ["x"], ["a"]),
      node("Add", ["a", "b"], ["y"]),
    ]);
    expect(runPasses(model, [sortNodes])).toEqual(model);
  });

  it("refuses a cycle, and a name that nothing defines", () => {
    const cycle = modelOf([
      node("Add", ["x", "b"], ["a"]),
      node("Neg", ["a"], ["b"]),
      node("Neg", ["b"], ["y"]),
    ]);
    expect(() => runPasses(cycle, [sortNodes])).toThrow(
      failed(/Neg "b" needs Add "a", which needs it in turn/),
    );
    const self = modelOf([node("Add", ["x", "y"], ["y"])]);
    expect(() => runPasses(self, [sortNodes])).toThrow(failed(/needs it in turn/));
    const unknown = modelOf([node("Neg", ["nowhere"], ["y"])]);
    expect(() => runPasses(unknown, [sortNodes])).toThrow(
      failed(/Neg "y" uses "nowhere", which nothing defines/),
    );
  });

  it("puts a node behind what its branches capture", () => {
    const branch: Graph = {
      ...modelOf([node("Neg", ["late"], ["inner"])], { inputs: [], outputs: [{ name: "inner" }] }).graph,
      name: "branch",
    };
    const conditional: Node = {
      ...node("If", ["x"], ["y"]),
      attributes: new Map([["then_branch", { type: "graph", value: branch }]]),
    };
    const sorted = runPasses(modelOf([conditional, node("Exp", ["x"], ["late"])]), [sortNodes]);
    expect(sorted.graph.nodes.map(({ op }) => op)).toEqual(["Exp", "If"]);
  });
});

describe("removeIdentities", () => {
  it("follows chains, into branches too, and keeps the names of outputs", () => {
    const branch: Graph = {
      ...modelOf([node("Neg", ["c"], ["inner"])], { inputs: [], outputs: [{ name: "inner" }] }).graph,
      name: "branch",
    };
    const conditional: Node = {
      ...node("If", ["x"], ["d"]),
      attributes: new Map([["then_branch", { type: "graph", value: branch }]]),
    };
    const model = modelOf([
      node("Identity", ["x"], ["a"]),
      node("Identity", ["a"], ["b"]),
      node("Identity", ["b"], ["c"]),
      conditional,
      node("Add", ["c", "d"], ["e"]),
      node("Identity", ["e"], ["y"]),
    ]);
    const result = runPasses(model, [removeIdentities]);
    expect(shapes(result)).toEqual(["d = If(x)", "e = Add(x,d)", "y = Identity(e)"]);
    const inner = result.graph.nodes[0]!.attributes.get("then_branch");
    expect(inner?.type === "graph" && inner.value.nodes[0]!.inputs).toEqual(["x"]);
  });
});

describe("shareConstants", () => {
  const constant = (dtype: "float32" | "int32", shape: number[], fill: number) =>
    ({
      dtype,
      shape,
      storage: { kind: "bytes", bytes: new Uint8Array(4 * shape.reduce((a, b) => a * b, 1)).fill(fill) },
    }) as const;

  it("shares equal constants only, and leaves weights and outputs alone", () => {
    const initializers = new Map([
      ["one", constant("float32", [], 1)],
      ["same", constant("float32", [], 1)],
      ["shaped", constant("float32", [1], 1)],
      ["typed", constant("int32", [], 1)],
      ["other", constant("float32", [], 2)],
      ["weight", constant("float32", [2000], 3)],
      ["twin", constant("float32", [2000], 3)],
      ["shown", constant("float32", [], 1)],
    ]);
    const all = [...initializers.keys()].filter((name) => name !== "shown");
    const model = modelOf([node("Custom", ["x", ...all], ["y"])], {
      initializers,
      outputs: [{ name: "y" }, { name: "shown" }],
    });
    const { graph } = runPasses(model, [shareConstants]);
    expect(graph.nodes[0]!.inputs).toEqual(["x", "one", "one", "shaped", "typed", "other", "weight", "twin"]);
    expect([...graph.initializers.keys()]).toEqual(all.filter((name) => name !== "same").concat("shown"));
  });
});

describe("checkShapes", () => {
  const float = (shape: readonly (number | string)[]) =>
    ({ kind: "tensor", dtype: "float32", shape }) as const;
  const typed = (
    output: readonly (number | string)[],
    nodes = [node("Add", ["x", "x"], ["h"]), node("Relu", ["h"], ["y"])],
  ) =>
    modelOf(nodes, {
      inputs: [{ name: "x", type: float(["n", 3]) }],
      outputs: [{ name: "y", type: float(output) }],
    });

  it("writes the types that it infers into the graph", () => {
    const { graph } = runPasses(typed(["n", 3]), [checkShapes]);
    expect([...graph.values]).toEqual([["h", { name: "h", type: float(["n", 3]) }]]);
  });

  it("refuses a declaration that contradicts a node", () => {
    expect(() => runPasses(typed(["n", 4]), [checkShapes])).toThrow(
      failed(/Relu "y" makes "y" of float32\[n, 3\], which is declared as float32\[n, 4\]/),
    );
    const broken = typed(["n", 3], [node("MatMul", ["x", "x"], ["h"]), node("Relu", ["h"], ["y"])]);
    expect(() => runPasses(broken, [checkShapes])).toThrow(
      failed(/MatMul "h": inner dimensions 3 and n differ/),
    );
  });

  it("refuses operator sets whose rules it does not know", () => {
    const old = { ...typed(["n", 3]), opsets: new Map([["", 12]]) };
    expect(() => runPasses(old, [checkShapes])).toThrow(failed(/it is of version 12/));
  });
});
