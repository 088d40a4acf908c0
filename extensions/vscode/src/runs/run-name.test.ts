import { expect, it } from "vitest";
import { namesApart, runName, splitName } from "./run-name.ts";

it("names runs by time and recipe, and takes the name apart again", () => {
  const name = runName("demo stage/1", new Date("2026-01-31T12:34:56.789Z"));
  expect(name).toBe("20260131T123456-demo-stage-1");
  expect(splitName(name).short).toBe("demo-stage-1");
  expect(splitName(name).when).toMatch(/^(Jan 30|Jan 31|Feb 1), \d\d:\d\d$/);
  for (const other of ["alpha", "20260131-x", "20269931T996199-x"])
    expect(splitName(other)).toEqual({ short: other, when: "" });
});

it("tells names apart with as little as does", () => {
  const [a, b, c] = ["20260131T123456-x", "20260131T123556-x", "20260131T123557-x"];
  expect(namesApart(["20260131T123456-x", "20260131T123456-y"])).toEqual(["x", "y"]);
  expect(namesApart([a!, b!])).toEqual([a, b].map((name) => `x, ${splitName(name!).when}`));
  expect(namesApart([b!, c!])).toEqual([b, c]);
  expect(namesApart(["1-stage1", "4-stage2"])).toEqual(["1-stage1", "4-stage2"]);
});
