import { expect, it } from "vitest";
import { runName, splitName } from "./run-name.ts";

it("names runs by time and recipe, and takes the name apart again", () => {
  const name = runName("demo stage/1", new Date("2026-01-31T12:34:56.789Z"));
  expect(name).toBe("20260131T123456-demo-stage-1");
  expect(splitName(name).short).toBe("demo-stage-1");
  expect(splitName(name).when).toMatch(/^(Jan 30|Jan 31|Feb 1), \d\d:\d\d$/);
  for (const other of ["alpha", "20260131-x", "20269931T996199-x"])
    expect(splitName(other)).toEqual({ short: other, when: "" });
});
