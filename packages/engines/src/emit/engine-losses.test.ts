import { expect, it } from "vitest";
import { engineLoss, lossFindings } from "./engine-losses.ts";

it("ipo goes to TRL, whose formula is ours, and to no engine that crashes or was not compared", () => {
  const loss = { name: "ipo", beta: 0.1 } as const;
  expect(engineLoss(loss)).toEqual({ terms: [{ name: "ipo", weight: 1 }] });
  expect(lossFindings(loss, "trl")).toEqual([]);
  for (const engine of ["ms-swift", "llama-factory"] as const)
    expect(lossFindings(loss, engine)).toMatchObject([{ level: "error", code: "loss" }]);
});
