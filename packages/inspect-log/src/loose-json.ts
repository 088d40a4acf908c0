/**
 * JSON as Python writes it: the bare words NaN, Infinity and -Infinity stand for numbers that JSON does not have. They become those numbers. Anything else that is not JSON throws
 * a SyntaxError. Clean documents cost nothing more than `JSON.parse`.
 */
export function parseLooseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const mark = unusedMark(text);
    const marked = markBareNumbers(text, mark);
    if (marked === text) throw error;
    return JSON.parse(marked, (_, value: unknown) =>
      typeof value === "string" && value.startsWith(mark) ? bareNumbers[value.slice(mark.length)] : value,
    );
  }
}

/** The reverse: numbers that are not finite become the bare words, which Inspect reads and `JSON.parse` does not. */
export function stringifyLooseJson(value: unknown): string {
  let mark: string | undefined;
  const marked = (_: string, item: unknown) => {
    if (typeof item !== "number" || Number.isFinite(item)) return item;
    mark ??= unusedMark(JSON.stringify(value));
    return `${mark}${item}`;
  };
  const text = JSON.stringify(value, marked);
  return mark === undefined ? text : text.replaceAll(new RegExp(`"${mark}(-?\\w+)"`, "g"), "$1");
}

const bareNumbers: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
};

/** Letters that the text does not have. */
function unusedMark(text: string): string {
  let mark = "non-finite:";
  while (text.includes(mark)) mark = `_${mark}`;
  return mark;
}

/** Puts the bare words into quotes, behind the mark; what stands inside strings is left alone. */
function markBareNumbers(text: string, mark: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/gs, (piece) =>
    piece.startsWith('"') ? piece : `"${mark}${piece}"`,
  );
}
