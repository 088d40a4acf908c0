import { FieldFault } from "./fields.ts";

/**
 * A Python list of strings as `repr` writes it, which is how MMMU publishes its options: `['It\'s', "isn't"]`. Bare numbers and names count as
 * text. One pass over the text. Throws a FieldFault.
 */
export function pythonList(text: string, field: string): string[] {
  const items: string[] = [];
  const bad = (detail: string) => new FieldFault(field, `expected a list such as ['a', 'b']: ${detail}`);
  const source = text.trim();
  if (!source.startsWith("[") || !source.endsWith("]")) throw bad("it has no brackets");
  let at = 1;
  const end = source.length - 1;
  const skip = () => {
    while (at < end && /\s/.test(source[at]!)) at += 1;
  };
  for (skip(); at < end; skip()) {
    const quote = source[at]!;
    if (quote === "'" || quote === '"') {
      const item = quoted(source, at + 1, end, quote);
      if (item === undefined) throw bad("a quote does not close");
      items.push(item.text);
      at = item.end;
    } else {
      const comma = source.indexOf(",", at);
      const stop = comma < 0 || comma > end ? end : comma;
      const bare = source.slice(at, stop).trim();
      if (bare === "" || /['"[\]]/.test(bare)) throw bad("an item is missing or nested");
      items.push(bare);
      at = stop;
    }
    skip();
    if (at < end && source[at] !== ",") throw bad("a comma is missing");
    at += 1;
  }
  return items;
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "\n": "" };

function quoted(
  source: string,
  from: number,
  end: number,
  quote: string,
): { text: string; end: number } | undefined {
  let text = "";
  for (let at = from; at < end; at++) {
    const letter = source[at]!;
    if (letter === quote) return { text, end: at + 1 };
    if (letter !== "\\") {
      text += letter;
      continue;
    }
    const next = source[++at] ?? "";
    const digits = next === "x" ? 2 : next === "u" ? 4 : next === "U" ? 8 : 0;
    const code = digits === 0 ? Number.NaN : Number.parseInt(source.slice(at + 1, at + 1 + digits), 16);
    if (code >= 0 && code <= 0x10ffff) {
      text += String.fromCodePoint(code);
      at += digits;
    } else
      text +=
        escapes[next] ??
        (next === quote || next === "\\" || next === "'" || next === '"' ? next : `\\${next}`);
  }
  return undefined;
}
