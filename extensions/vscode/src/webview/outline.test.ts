import { expect, it } from "vitest";
import type { CaseView, TraceView } from "../protocol/case-view.ts";
import { placesOf } from "./outline-places.ts";
import { regionsNamed } from "./regions-named.ts";

const trace = (heading: string, steps: readonly string[]): TraceView => ({
  ...{ id: heading, heading, by: "", images: "real", details: [], omitted: 0 },
  blocks: steps.map((text, index) => ({
    kind: "step",
    number: index + 1,
    pieces: [
      { text: text.slice(0, 3), marks: [] },
      { text: text.slice(3), marks: ["x"] },
    ],
  })),
  answer: { status: "found", text: "B", rule: "boxed", marked: true },
});

it("lists question, image and the steps of every answer, each with a way to it", () => {
  const view: CaseView = {
    ...{ kind: "trace", id: "t", line: 1, facts: [] },
    question: { id: "q", stem: "s", options: [], gold: "", tags: [] },
    images: [{ sha256: "a", label: "image 1", width: 1, height: 1, regions: [] }],
    columns: [trace("Base", ["the picture\nshows nothing"]), trace("Stage I", ["one", "t".repeat(200)])],
  };
  const places = placesOf(view);
  expect(places.map(({ title }) => title)).toEqual(["Image", "Question", "Base", "Stage I"]);
  expect(places[2]!.inside.map(({ title }) => title)).toEqual(["1 the picture shows nothing", "Answer: B"]);
  expect(places[3]!.inside[1]).toMatchObject({
    title: `2 ${"t".repeat(69)}…`,
    selector: '.columns > article:nth-child(2) [data-step="2"]',
  });
});

it("finds the regions that a step names, as whole words", () => {
  const regions = ["Heart", "Lung", "left lung"].map((name) => ({ name, x: 0, y: 0, width: 1, height: 1 }));
  expect(regionsNamed("the heart is large, the left lung is clear.", regions)).toEqual([
    "Heart",
    "Lung",
    "left lung",
  ]);
  expect(regionsNamed("hearty lungs", regions)).toEqual([]);
});
