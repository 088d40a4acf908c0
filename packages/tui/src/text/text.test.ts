import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toAscii } from "../look/ascii.ts";
import { type Look, lookOf } from "../look/look.ts";
import { paintLines } from "../look/paint.ts";
import { themeNames } from "../look/theme.ts";
import { cellsOf, fit } from "./cells.ts";
import { bytes, duration, number } from "./format.ts";
import { fitLine, lineCells, plainText } from "./line.ts";
import { visible } from "./visible.ts";
import { wrap } from "./wrap.ts";

const hostile = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc
    .array(
      fc.constantFrom(
        "\u001b[2J",
        "\u001b]52;c;YWJj\u0007",
        "\u009b31m",
        "\u001bP1;2q\u001b\\",
        "\u202e",
        "\r",
        "\b",
        "\u0000",
        "\t",
        "é",
        "漢",
        "👩‍⚕️",
        "\ud800",
        "​",
        "a b",
      ),
    )
    .map((parts) => parts.join("")),
);
/** Everything that a terminal acts on, but our own colour sequences. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const acts = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\p{Surrogate}/u;
const look: Look = {
  ...{ columns: 40, rows: 10, theme: "default", depth: "rgb", ascii: false, spoken: false },
  ...{ pictures: "blocks", background: "dark" },
};

describe("text of unknown origin", () => {
  it("reaches the terminal without anything that it would act on", () => {
    fc.assert(
      fc.property(
        hostile,
        fc.integer({ min: 1, max: 60 }),
        fc.constantFrom(...themeNames),
        fc.boolean(),
        (text, columns, theme, ascii) => {
          const painted = paintLines([[text, { text, role: "bad", underline: true }], ...wrap(text, 10)], {
            ...look,
            columns,
            theme,
            ascii,
          });
          for (const line of painted) {
            // biome-ignore lint/suspicious/noControlCharactersInRegex: our own sequences of colours, and nothing else, may stand there
            expect(line.replace(/\u001b\[[0-9;]*m/g, "")).not.toMatch(acts);
          }
        },
      ),
    );
  });

  it("fills exactly the cells that there are", () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 1, max: 50 }), (text, cells) => {
        expect(cellsOf(fit(visible(text), cells))).toBe(cells);
        expect(lineCells(fitLine([text, { text, role: "dim" }], cells))).toBe(cells);
        for (const line of wrap(text, Math.max(2, cells)))
          expect(lineCells(line)).toBeLessThanOrEqual(Math.max(2, cells) + 8);
      }),
    );
  });

  it("keeps every visible character when it is wrapped", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("alpha", "beta", "漢字", "x".repeat(30)), { maxLength: 20 }),
        (words) => {
          const lines = wrap(words.join(" "), 12);
          expect(lines.map(plainText).join("").replaceAll(" ", "")).toBe(words.join(""));
        },
      ),
    );
  });

  it("shows what it was", () => {
    expect(visible("a\u001b[31mb\u0007\tc\u202e")).toBe("a␛[31mb␇ c<202e>");
    expect(toAscii("é – 漢 ␛ β ✓")).toBe("e - ?? [ b +");
  });
});

describe("marked text", () => {
  it("has its styles where the offsets say, over line breaks", () => {
    const lines = wrap("one two three four", 8, [{ start: 4, end: 13, style: { inverse: true } }]);
    expect(
      lines.map((line) =>
        line.map((piece) => (typeof piece === "string" ? piece : `${piece.inverse ? "*" : ""}${piece.text}`)),
      ),
    ).toEqual([["one ", "*two"], ["*three"], ["four"]]);
  });
});

describe("numbers", () => {
  it("are short", () => {
    expect([0, 0.123456, 12.345, 1234.5, 3e-5, 2.5e7].map(number)).toEqual([
      "0",
      "0.123",
      "12.3",
      "1235",
      "3e-5",
      "2.5e7",
    ]);
    expect([9, 75, 3700, 90_000].map(duration)).toEqual(["9s", "1m 15s", "1h 01m", "1d 01h"]);
    expect([10, 2048, 3 * 2 ** 30].map(bytes)).toEqual(["10 B", "2.0 KiB", "3.0 GiB"]);
  });
});

describe("lookOf", () => {
  const size = { columns: 80, rows: 24 };
  it("does what the environment says", () => {
    expect(lookOf({}, { COLORTERM: "truecolor", LANG: "C.UTF-8" }, size)).toMatchObject({
      depth: "rgb",
      ascii: false,
    });
    expect(lookOf({}, { TERM: "screen-256color", LANG: "de_DE.ISO-8859-1" }, size)).toMatchObject({
      depth: "256",
      ascii: true,
    });
    expect(lookOf({ theme: "colour-blind" }, { NO_COLOR: "1", COLORTERM: "truecolor" }, size)).toMatchObject({
      depth: "none",
      theme: "mono",
    });
    expect(lookOf({}, { LC_ALL: "C" }, size).ascii).toBe(true);
    const backgrounds = ["0;15", "12;7", "15;0", "0;default;15", undefined].map(
      (COLORFGBG) => lookOf({}, { COLORFGBG }, size).background,
    );
    expect(backgrounds).toEqual(["light", "light", "dark", "light", "dark"]);
    expect(lookOf({ background: "dark" }, { COLORFGBG: "0;15" }, size).background).toBe("dark");
  });
});
