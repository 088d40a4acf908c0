import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { segmentTrace } from "./segment-trace.ts";
import { traceParts } from "./trace-parts.ts";

const quotes = (text: string) => segmentTrace(text).steps.map(({ quote }) => quote);

describe("segmentTrace", () => {
  it("splits the reasoning into sentences and lines, with spans into the text", () => {
    const text =
      "<think>\nThe film shows a dense lobe. Dr. Ho saw 1.5 cm fluid (right)! So what?\n1. Weigh viral vs. bacterial.\n- No stop here\n</think>\n\n\\boxed{B}";
    expect(quotes(text)).toEqual([
      "The film shows a dense lobe.",
      "Dr. Ho saw 1.5 cm fluid (right)!",
      "So what?",
      "1. Weigh viral vs. bacterial.",
      "- No stop here",
    ]);
    const { reasoning, steps } = segmentTrace(text);
    expect(reasoning!.quote.startsWith("The film")).toBe(true);
    for (const { start, end, quote } of steps) expect(text.slice(start, end)).toBe(quote);
  });
  it("splits Chinese", () =>
    expect(quotes("<think>有实变。无积液！</think>")).toEqual(["有实变。", "无积液！"]));
  it("takes unclosed and unopened reasoning", () => {
    expect(quotes("<think>One. Two")).toEqual(["One.", "Two"]);
    expect(quotes("One. Two</think> B")).toEqual(["One.", "Two"]);
  });
  it("has nothing without reasoning", () =>
    expect(segmentTrace("Just B.")).toEqual({ reasoning: null, steps: [] }));
  it("covers the reasoning in order, without overlap, whatever it is", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom("A", ".", " ", "\n", "?", "e.g", "1", "<think>", "</think>", "。", ")", "\ud800"),
        ),
        (parts) => {
          const text = parts.join("");
          const { reasoning, steps } = segmentTrace(text);
          let last = reasoning?.start ?? 0;
          for (const { start, end, quote } of steps) {
            expect(start).toBeGreaterThanOrEqual(last);
            expect(text.slice(last, start).trim()).toBe("");
            expect(quote.trim()).toBe(quote);
            last = end;
          }
          expect(text.slice(last, reasoning?.end ?? 0).trim()).toBe("");
        },
      ),
      { numRuns: 1000 },
    );
  });
  it("takes a megabyte quickly", () => {
    const before = performance.now();
    for (const piece of ["a", ". ", " ", "<think>", "e.g. ", "!"])
      segmentTrace(`<think>${piece.repeat(1e6 / piece.length)}`);
    expect(performance.now() - before).toBeLessThan(10_000);
  });
});

describe("traceParts", () => {
  const conclusion = (text: string) => {
    const { conclusion: at, closed } = traceParts(text);
    return `${closed} ${text.slice(at.start, at.end)}`;
  };
  it.each([
    ["<think>a</think>b", "true b"],
    ["◁think▷a◁/think▷b", "true b"],
    ["<THINKING>a</THINKING>b", "true b"],
    ["<think>a</think>b<think>c</think>d", "true d"],
    ["<think>a</think>b<think>c", "false "],
    ["b", "true b"],
    ["x</think>b", "true b"],
  ])("%s → %s", (text, expected) => expect(conclusion(text)).toBe(expected));
});
