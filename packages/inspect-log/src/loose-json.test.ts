import { describe, expect, it } from "vitest";
import { parseLooseJson, stringifyLooseJson } from "./loose-json.ts";

describe("JSON with numbers that JSON does not have", () => {
  it("reads them where a value stands, and nowhere else", () => {
    const text = String.raw`{"a":NaN,"b":[-Infinity,Infinity,1],"NaN":"NaN, \"NaN\" and \\","c":"\u004eaN"}`;
    expect(parseLooseJson(text)).toEqual({
      a: Number.NaN,
      b: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 1],
      NaN: 'NaN, "NaN" and \\',
      c: "NaN",
    });
  });

  it("writes what it reads", () => {
    const value = {
      a: Number.NaN,
      b: [Number.NEGATIVE_INFINITY, 'non-finite:NaN "NaN"'],
      c: null,
      d: 1e-300,
    };
    const text = stringifyLooseJson(value);
    expect(text).toBe(String.raw`{"a":NaN,"b":[-Infinity,"non-finite:NaN \"NaN\""],"c":null,"d":1e-300}`);
    expect(parseLooseJson(text)).toEqual(value);
  });

  it.each(["{", "NaN NaN", "nan", "{'a':NaN}", '{"a":NaN,}'])("refuses %s", (text) => {
    expect(() => parseLooseJson(text)).toThrow(SyntaxError);
  });
});
