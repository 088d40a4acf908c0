import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeModel } from "../src/codec/decode-model.ts";
import { decodeTensor } from "../src/codec/decode-tensor.ts";
import { encodeModel } from "../src/codec/encode-model.ts";
import { encodeTensor } from "../src/codec/encode-tensor.ts";
import { checkModel } from "../src/ir/check.ts";
import type { Graph } from "../src/ir/graph.ts";
import { isOpName, opDomains } from "../src/op-names.ts";
import { evaluate, tensorValue } from "./evaluate.ts";
import type { Value } from "./kernels/value.ts";

const environment =
  process.env.MEDE2_PARITY_ENV ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "mede2/parity");
const python = join(environment, "bin/python");
const ready = spawnSync(python, ["-c", "import onnx"]).status === 0;
const reason = ready
  ? ""
  : ` (skipped: ${environment} has no Python with onnx; scripts/parity-env.sh makes it)`;

function filesUnder(dir: string, ending: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(ending))
    .map((path) => join(dir, path))
    .sort();
}

describe.skipIf(!ready)(`models of the onnx package${reason}`, () => {
  let cases = "";
  let shipped: string[] = [];
  beforeAll(() => {
    cases = mkdtempSync(join(tmpdir(), "mede2-node-cases-"));
    const home = execFileSync(python, ["-c", "import onnx, os; print(os.path.dirname(onnx.__file__))"], {
      encoding: "utf8",
    });
    shipped = filesUnder(join(home.trim(), "backend/test/data"), ".onnx");
    const generator = new URL("goldens/generate-node-cases.py", import.meta.url).pathname;
    execFileSync(python, ["-W", "ignore", generator, "--all", cases], { stdio: "ignore" });
  }, 300_000);
  afterAll(() => rmSync(cases, { recursive: true, force: true }), 300_000);

  it("are there", () => {
    expect(shipped.length).toBeGreaterThanOrEqual(149);
    expect(filesUnder(cases, ".onnx").length).toBeGreaterThan(400);
  });

  it("are read, valid, and equal after a round trip", { timeout: 120_000 }, () => {
    for (const path of [...shipped, ...filesUnder(cases, ".onnx")]) {
      const model = decodeModel(readFileSync(path));
      checkModel(model);
      expect(decodeModel(encodeModel(model)), path).toEqual(model);
    }
  });

  it("have tensors that are read and equal after a round trip", { timeout: 120_000 }, () => {
    for (const path of filesUnder(cases, ".pb")) {
      const tensor = decodeTensor(readFileSync(path));
      const again = encodeTensor(tensor);
      expect(Buffer.compare(encodeTensor(decodeTensor(again)), again), path).toBe(0);
    }
  });

  it("give what the reference evaluator says, for the ops of the builder", { timeout: 120_000 }, () => {
    const wrongs: string[] = [];
    let compared = 0;
    for (const path of filesUnder(cases, "model.onnx")) {
      const { graph, opsets } = decodeModel(readFileSync(path));
      if (
        (opsets.get("") ?? 0) < 13 ||
        !graph.nodes.every((node) => isOpName(node.op) && (opDomains[node.op] ?? "") === node.domain)
      )
        continue;
      if (![...graph.inputs, ...graph.outputs].every(({ type }) => type?.kind === "tensor")) continue;
      const data = join(path, "../test_data_set_0");
      const read = (kind: string, index: number) =>
        tensorValue(decodeTensor(readFileSync(join(data, `${kind}_${index}.pb`))));
      const found = attempt(graph, read);
      if (found === undefined) continue; // a type or an attribute that the builder does not have
      for (const [index, { name }] of graph.outputs.entries()) {
        const [ours, exact] = [found.get(name)!, read("output", index)];
        if (ours.shape.join() !== exact.shape.join())
          wrongs.push(`${path}, output ${index}: shape [${ours.shape}] for [${exact.shape}]`);
        const wrong = Array.from(exact.data).findIndex((value, at) => !close(ours.data[at]!, value));
        if (wrong >= 0) wrongs.push(`${path}, output ${index}: ${ours.data[wrong]} for ${exact.data[wrong]}`);
      }
      compared++;
    }
    expect(wrongs).toEqual([]);
    expect(compared).toBeGreaterThan(350);
  });
});

function attempt(graph: Graph, read: (kind: string, index: number) => Value): Map<string, Value> | undefined {
  try {
    return evaluate(graph, new Map(graph.inputs.map(({ name }, index) => [name, read("input", index)])));
  } catch (error) {
    if (error instanceof RangeError && error.message.startsWith("the evaluator")) return undefined;
    throw error;
  }
}

function close(found: number, exact: number): boolean {
  return (
    Object.is(found, exact) || found === exact || Math.abs(found - exact) <= 1e-4 + 1e-4 * Math.abs(exact)
  );
}
