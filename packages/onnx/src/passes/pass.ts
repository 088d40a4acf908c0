import { GraphError } from "../graph-error.ts";
import { graphProblems } from "../ir/check.ts";
import type { Model, ValueInfo } from "../ir/graph.ts";

/** Something that must hold of a model; says what is wrong where it does not. */
export interface Condition {
  readonly name: string;
  readonly broken: (model: Model) => string | undefined;
}

/** A transformation of models that keeps what they compute. */
export interface Pass {
  readonly name: string;
  readonly before: readonly Condition[];
  readonly after: readonly Condition[];
  readonly run: (model: Model) => Model;
}

/** Names are defined once and before they are used, and all outputs are there. */
export const wellFormed: Condition = {
  name: "well formed",
  broken: (model) => graphProblems(model.graph)[0]?.message,
};

/** As `wellFormed`, in whatever order the nodes are. */
export const wellFormedUnordered: Condition = {
  name: "well formed in some order",
  broken: (model) => graphProblems(model.graph).find(({ code }) => code !== "undefined-value")?.message,
};

/**
 * Runs passes one after another and checks the conditions of each; after every pass, the inputs and outputs of the graph
 * must be what they were.
 *
 * @throws GraphError `pass-failed`, naming the pass, the condition and the node.
 */
export function runPasses(model: Model, passes: readonly Pass[]): Model {
  return passes.reduce((current, pass) => {
    demand(pass, "before", current);
    const next = attempt(pass, current);
    demand(pass, "after", next);
    const changed = interfaceChange(current, next);
    if (changed !== undefined) throw failure(pass, `it changed the ${changed} of the graph`);
    return next;
  }, model);
}

function attempt(pass: Pass, model: Model): Model {
  try {
    return pass.run(model);
  } catch (error) {
    if (error instanceof GraphError) throw failure(pass, error.message);
    throw error;
  }
}

function demand(pass: Pass, when: "before" | "after", model: Model): void {
  for (const condition of pass[when]) {
    const broken = condition.broken(model);
    if (broken === undefined) continue;
    throw failure(
      pass,
      `${when === "before" ? "it needs" : "it left"} a graph that is ${when === "before" ? "" : "not "}${condition.name}: ${broken}`,
    );
  }
}

function failure(pass: Pass, what: string): GraphError {
  return new GraphError("pass-failed", `The pass "${pass.name}" failed: ${what}.`);
}

function interfaceChange(before: Model, after: Model): string | undefined {
  const list = (values: readonly ValueInfo[]) => JSON.stringify(values.map(({ name, type }) => [name, type]));
  if (list(before.graph.inputs) !== list(after.graph.inputs)) return "inputs";
  return list(before.graph.outputs) === list(after.graph.outputs) ? undefined : "outputs";
}
