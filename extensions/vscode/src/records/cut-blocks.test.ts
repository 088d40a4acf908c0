import fc from "fast-check";
import { expect, it } from "vitest";
import { cutBlocks, mostCharacters } from "./cut-blocks.ts";
import { oneLine, short, visible } from "./visible-text.ts";

const text = "<think>\nThe lung is clear. So no pneumonia.\n</think>\n\n\\boxed{B}";
const span = (quote: string, start = text.indexOf(quote)) => ({
  field: "text",
  start,
  end: start + quote.length,
  quote,
});
const shown = (blocks: { pieces: { text: string }[] }[]) =>
  blocks.flatMap(({ pieces }) => pieces.map((piece) => piece.text)).join("");

it("cuts at steps and marks, and shows every character once", () => {
  const { blocks } = cutBlocks(
    text,
    [span("The lung is clear."), span("So no pneumonia.")],
    [
      { name: "image-involvement", span: span("lung is clear") },
      { name: "no-hallucination", span: span("clear. So") },
      { name: "answer", span: span("B") },
      { name: "gone", span: span("no such words", 3) },
    ],
  );
  expect(shown(blocks)).toBe(text);
  expect(blocks.map(({ kind, number }) => [kind, number])).toEqual([
    ["text", undefined],
    ["step", 1],
    ["text", undefined],
    ["step", 2],
    ["text", undefined],
  ]);
  expect(blocks[1]!.pieces).toEqual([
    { text: "The ", marks: [] },
    { text: "lung is ", marks: ["image-involvement"] },
    { text: "clear", marks: ["image-involvement", "no-hallucination"] },
    { text: ".", marks: ["no-hallucination"] },
  ]);
  expect(blocks.at(-1)!.pieces.find(({ marks }) => marks.includes("answer"))).toEqual({
    text: "B",
    marks: ["answer"],
  });
});

it("shows every character once, whatever the spans say", () => {
  const place = fc.integer({ min: 0, max: 80 });
  const anySpan = fc.record({
    field: fc.constantFrom("text", "other"),
    start: place,
    end: place,
    quote: fc.string({ maxLength: 5 }),
  });
  fc.assert(
    fc.property(
      fc.string({ maxLength: 80, unit: "binary" }),
      fc.array(anySpan),
      fc.array(anySpan),
      (any, steps, marks) => {
        const made = cutBlocks(
          any,
          steps.map((step) => ({ ...step, quote: any.slice(step.start, step.end) })),
          marks.map((mark) => ({ name: "m", span: mark })),
        );
        expect(shown(made.blocks)).toBe(visible(any));
      },
    ),
  );
});

it("leaves out what is too long and says how much", () => {
  const { blocks, omitted } = cutBlocks("x".repeat(mostCharacters + 5), [], []);
  expect([shown(blocks).length, omitted]).toEqual([mostCharacters, 5]);
});

it("makes control characters visible and keeps the length", () => {
  const nasty = "a\u0000\u001b[31m\u202eevil\u200b\u007f\u0085\n\tb";
  expect(visible(nasty)).toBe("a␀␛[31m�evil�␡�\n\tb");
  expect(visible(nasty)).toHaveLength(nasty.length);
  expect(short("ab😀c", 3)).toBe("ab…");
  expect(oneLine("  a\n\n b  ", 10)).toBe("a b");
});
