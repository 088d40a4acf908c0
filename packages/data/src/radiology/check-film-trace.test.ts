import { describe, expect, it } from "vitest";
import { checkFilmTrace, type FilmTruth } from "./check-film-trace.ts";

const trace = (reasoning: string, conclusion: string, box: string) =>
  `<think>\n${reasoning}\n</think>\n\n${conclusion}\n\n\\boxed{${box}}`;
const failed = (text: string, truth: FilmTruth) =>
  checkFilmTrace(text, truth)
    .checks.filter((check) => !check.passed)
    .map((check) => check.name);
const good = trace(
  "Signs: a dense shadow and a lost right heart border.\nThis is lobar consolidation of the middle lobe.\nCollapse would pull the fissure, but it lies in its place.\nCheck: a clear lung would show the border.",
  "The film shows lobar consolidation: pneumonia.",
  "pneumonia",
);

describe("checkFilmTrace", () => {
  it("passes a whole chain, by name or by label", () => {
    const result = checkFilmTrace(good, { label: "pneumonia", finding: "lobar consolidation" });
    expect(result.checks.every((check) => check.passed)).toBe(true);
    expect(result).toMatchObject({ correct: true, finding: "lobar consolidation", correctWithFinding: true });
    const labelled = good.replace("{pneumonia}", "{A}");
    expect(checkFilmTrace(labelled, { label: "pneumonia", options: ["pneumonia", "normal"] }).correct).toBe(
      true,
    );
    expect(checkFilmTrace(labelled, { label: "pneumonia", options: ["normal", "pneumonia"] }).correct).toBe(
      false,
    );
  });

  it.each([
    ["answers wrongly", good, "normal", []],
    ["contradicts its finding", good.replace("{pneumonia}", "{normal}"), "normal", ["finding-consistent"]],
    [
      "names two findings that exclude each other",
      good.replace("\nCheck:", "\nThe lungs are clear.\nCheck:"),
      "pneumonia",
      ["finding-consistent"],
    ],
    ["weighs nothing", good.replace(/\nCollapse[^\n]*/, ""), "pneumonia", ["alternative-weighed"]],
    ["checks nothing", good.replace(/\nCheck[^\n]*/, ""), "pneumonia", ["check-made"]],
    ["tells an age", good.replace("The film shows", "This child's film shows"), "pneumonia", ["no-age"]],
    ["goes on after the box", `${good} So it is.`, "pneumonia", ["well-formed"]],
    ["has two boxes", good.replace("The film", "\\boxed{pneumonia} The film"), "pneumonia", ["well-formed"]],
  ] as const)("a chain that %s", (_, text, label, expected) => {
    expect(failed(text, { label })).toEqual(expected);
  });

  it("does not count a right answer whose finding leads elsewhere, or that names none", () => {
    const wrongWay = checkFilmTrace(trace("The lungs are clear.", "So it is.", "pneumonia"), {
      label: "pneumonia",
    });
    expect(wrongWay).toMatchObject({ correct: true, finding: "clear lungs", correctWithFinding: false });
    const bare = checkFilmTrace("\\boxed{pneumonia}", { label: "pneumonia" });
    expect(bare).toMatchObject({ correct: true, finding: null, correctWithFinding: false });
  });

  it.each([
    ["There is no consolidation.", null],
    ["Neither consolidation nor effusion is seen; the lungs are clear.", "clear lungs"],
    ["A consolidation would hide the border.", null],
    ["No effusion; focal consolidation in the left lower lobe.", "lobar consolidation"],
    ["Bilateral interstitial markings are increased.", "perihilar streaks"],
    ["Patchy opacities in both bases.", "patchy consolidation"],
    ["Both lung fields are clear.", "clear lungs"],
    ["The heart is of usual size.", null],
  ] as const)("reads %j as %s", (sentence, finding) => {
    expect(checkFilmTrace(trace(sentence, "Done.", "normal"), { label: "normal" }).finding).toBe(finding);
  });

  it("says which finding it should have been, where that is known", () => {
    const truth = { label: "pneumonia", finding: "perihilar streaks" } as const;
    expect(failed(good, truth)).toEqual(["finding-right"]);
    expect(checkFilmTrace(good, { label: "pneumonia" }).checks.map((check) => check.name)).not.toContain(
      "finding-right",
    );
  });

  it("holds causes to their pattern", () => {
    const bacterial = good.replaceAll("pneumonia", "bacterial pneumonia");
    expect(failed(bacterial, { label: "bacterial pneumonia" })).toEqual([]);
    const viral = good.replaceAll("pneumonia", "viral pneumonia");
    expect(failed(viral, { label: "viral pneumonia" })).toEqual(["finding-consistent"]);
  });

  it("never throws, and stays fast on long nonsense", () => {
    for (const text of [
      "",
      "<think>",
      "</think>",
      "\\boxed{",
      "<think>\n\n</think>\n\n\\boxed{}",
      "\u{1fae0}",
    ])
      expect(checkFilmTrace(text, { label: "normal" }).correct).toBe(false);
    const start = performance.now();
    for (const piece of [
      "<think>\n",
      "no no no ",
      "would but ",
      "\\boxed{",
      "consolidation. ",
      "a ".repeat(50),
    ])
      checkFilmTrace(piece.repeat(Math.ceil(200_000 / piece.length)), { label: "normal" });
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
