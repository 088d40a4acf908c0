import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  canonicalJson,
  isoTime,
  optionIndex,
  optionLabel,
  optionLabels,
  resolveSpan,
  sha256Hex,
  spanOf,
  withoutNonFinite,
} from "./index.ts";

describe("canonicalJson", () => {
  // RFC 8785, section 3.2.3: the order of keys by UTF-16 code units, and section 3.2.2: numbers and escapes
  it("is that of RFC 8785", () => {
    const keys = {
      "\u20ac": "Euro Sign",
      "\r": "Carriage Return",
      "\ufb33": "Hebrew Letter Dalet With Dagesh",
      "1": "One",
      "\ud83d\ude00": "Emoji: Grinning Face",
      "\u0080": "Control",
      "\u00f6": "Latin Small Letter O With Diaeresis",
    };
    expect(
      Object.values(
        JSON.parse(
          `[${canonicalJson(keys)
            .slice(1, -1)
            .replaceAll(/"[^"]*":/g, "")}]`,
        ),
      ),
    ).toEqual([
      "Carriage Return",
      "One",
      "Control",
      "Latin Small Letter O With Diaeresis",
      "Euro Sign",
      "Emoji: Grinning Face",
      "Hebrew Letter Dalet With Dagesh",
    ]);
    expect(
      canonicalJson({
        numbers: [Number("333333333.33333329"), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
        string: "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\u002f",
        literals: [null, true, false],
      }),
    ).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it("survives JSON and does not see the order of keys", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(JSON.parse(canonicalJson(value)))).toBe(canonicalJson(reversed));
      }),
    );
  });

  it("refuses what JSON cannot hold, and leaves out undefined", () => {
    expect(() => canonicalJson({ a: Number.NaN })).toThrow("NaN");
    expect(() => canonicalJson([1n])).toThrow("bigint");
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
  });
});

it("sha256Hex is sha256 (FIPS 180-2, appendix B.1)", () => {
  const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  expect(sha256Hex("abc")).toBe(abc);
  expect(sha256Hex(new Uint8Array([97, 98, 99]))).toBe(abc);
});

describe("withoutNonFinite", () => {
  it("leaves out numbers and lists their paths", () => {
    const event = {
      loss: Number.NaN,
      step: 1,
      rewards: { chosen: 1, margin: -Infinity },
      list: [1, Number.NaN],
      rows: [{ a: 1 }, { a: Infinity }],
    };
    expect(withoutNonFinite(event)).toEqual({
      step: 1,
      rewards: { chosen: 1 },
      rows: [{ a: 1 }, {}],
      nonFinite: ["loss", "rewards.margin", "list", "rows.1.a"],
    });
    expect(event.loss).toBeNaN();
  });

  it("adds to what is listed already, once, and adds nothing to what is finite", () => {
    expect(withoutNonFinite({ a: Number.NaN, nonFinite: ["b", "a"] })).toEqual({ nonFinite: ["b", "a"] });
    expect(withoutNonFinite({ a: 1, b: null, c: "x", d: undefined })).toEqual({ a: 1, b: null, c: "x" });
  });
});

describe("spans", () => {
  const record = { text: "fever, cough, fever 😀 end", question: { options: ["left", "right"] } };

  it("are found where they say", () => {
    const span = spanOf(record, "text", 14, 19);
    expect(span).toEqual({ field: "text", start: 14, end: 19, quote: "fever" });
    expect(resolveSpan(record, span)).toEqual({ found: true, start: 14, end: 19, moved: false });
    expect(resolveSpan(record, spanOf(record, "question.options.1", 0, 5))).toMatchObject({
      found: true,
      moved: false,
    });
    const emoji = spanOf(record, "text", 20, 22);
    expect(emoji.quote).toBe("😀");
  });

  it("are found by their quote when the numbers are wrong: the nearest one", () => {
    const at = (start: number) =>
      resolveSpan(record, { field: "text", start, end: start + 5, quote: "fever" });
    expect(at(2)).toEqual({ found: true, start: 0, end: 5, moved: true });
    expect(at(12)).toEqual({ found: true, start: 14, end: 19, moved: true });
    expect(at(999)).toEqual({ found: true, start: 14, end: 19, moved: true });
    expect(resolveSpan(record, { field: "text", start: 0, end: 3, quote: "fever" })).toEqual({
      found: true,
      start: 0,
      end: 5,
      moved: true,
    });
  });

  it("say why they are not found", () => {
    expect(resolveSpan(record, { field: "text", start: 0, end: 3, quote: "rash" })).toEqual({
      found: false,
      reason: "quote-not-found",
    });
    for (const field of ["nothing", "question", "question.options.2", "text.length", "constructor.name"])
      expect(resolveSpan(record, { field, start: 0, end: 0, quote: "" })).toEqual({
        found: false,
        reason: "no-such-text",
      });
    expect(() => spanOf(record, "text", 3, 99)).toThrow("leaves text");
    expect(() => spanOf(record, "question", 0, 1)).toThrow("not a text field");
  });

  it("always lie where their quote is", () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(40), fc.nat(40), fc.nat(60), (text, a, b, start) => {
        const [from, to] = [Math.min(a, b, text.length), Math.min(Math.max(a, b), text.length)];
        const { quote } = spanOf({ text }, "text", from, to);
        const found = resolveSpan({ text }, { field: "text", start, end: start, quote });
        expect(found.found && text.slice(found.start, found.end)).toBe(quote);
      }),
    );
  });
});

describe("option labels", () => {
  it("go by position", () => {
    expect(optionLabels(3)).toEqual(["A", "B", "C"]);
    expect(optionLabel(25)).toBe("Z");
    expect(() => optionLabel(26)).toThrow(RangeError);
    expect([
      optionIndex("B", 2),
      optionIndex("C", 2),
      optionIndex("b", 2),
      optionIndex("AB", 2),
      optionIndex("", 2),
    ]).toEqual([1, undefined, undefined, undefined, undefined]);
  });
});

it("isoTime takes the time from the clock", () => {
  expect(isoTime(() => 0)).toBe("1970-01-01T00:00:00.000Z");
});
