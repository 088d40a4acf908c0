import { describe, expect, it } from "vitest";
import { oneLine, printable, printableJson } from "./printable.ts";

describe("printable", () => {
  it("keeps words, newlines, tabs and other scripts", () => {
    const text = "Fieber\t38,5 °C\n発熱 – حمى 🫁";
    expect(printable(text)).toBe(text);
  });

  it.each([
    ["colour", "\u001b[31mred\u001b[0m", "red"],
    ["clear screen", "a\u001b[2J\u001b[Hb", "ab"],
    ["window title", "\u001b]0;owned\u0007text", "text"],
    ["hyperlink", "\u001b]8;;https://evil.example\u001b\\here\u001b]8;;\u001b\\", "here"],
    ["clipboard", "\u001b]52;c;ZXZpbA==\u0007x", "x"],
    ["C1 CSI", "\u009b2Kx", "x"],
    ["unended string", "\u001b]0;half\nnext line", "\nnext line"],
    ["reset", "\u001bcx", "x"],
    ["carriage return over a line", "safe\rhidden", "safehidden"],
    ["backspace and bell", "ab\b\b\u0007c", "abc"],
    ["right to left override", "a\u202egnp.exe\u202c", "agnp.exe"],
    ["Windows newline", "a\r\nb", "a\nb"],
  ])("takes out: %s", (_, given, left) => {
    expect(printable(given)).toBe(left);
  });

  it("needs linear time for hostile text", () => {
    const started = performance.now();
    printable("\u001b]".repeat(200_000));
    printable(`\u001b[${"0".repeat(200_000)}`);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it("makes one line", () => {
    expect(oneLine(" a\n\tb  c ")).toBe("a b c");
    expect(oneLine("abcdef", 4)).toBe("abc…");
  });

  it("writes JSON that parses to the same value and holds nothing a terminal acts on", () => {
    const value = { text: "\u001b[2J\u009b2K\u202eabc\u2028\u007f", n: 1.5 };
    const line = printableJson(value);
    expect(JSON.parse(line)).toEqual(value);
    expect(line).toMatch(/^[\x20-\x7e]+$/);
  });
});
