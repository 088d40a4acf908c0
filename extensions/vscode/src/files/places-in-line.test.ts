import { expect, it } from "vitest";
import { placesInLine } from "./places-in-line.ts";

const found = (text: string) =>
  placesInLine(text).map(({ path, line, start, length }) => [path, line, text.slice(start, start + length)]);

it("finds run folders, and files of records with the line", () => {
  expect(found("run runs/20260131-demo-stage1: finished.")).toEqual([
    ["runs/20260131-demo-stage1", undefined, "runs/20260131-demo-stage1"],
  ]);
  expect(found("6 pairs in /w/demo/data/stage2.pairs.jsonl:3, see it")).toEqual([
    ["/w/demo/data/stage2.pairs.jsonl", 3, "/w/demo/data/stage2.pairs.jsonl:3"],
  ]);
  expect(found("log.eval and runs/a/traces/x.trace.jsonl")).toEqual([
    ["log.eval", undefined, "log.eval"],
    ["runs/a/traces/x.trace.jsonl", undefined, "runs/a/traces/x.trace.jsonl"],
  ]);
});

it("finds nothing in other words, and is quick on long lines", () => {
  expect(found("evaluate, evals, my.jsonl and reruns/x")).toEqual([]);
  expect(found(`${"a/".repeat(1990)}x`)).toEqual([]);
  expect(placesInLine("a".repeat(1_000_000))).toEqual([]);
});
