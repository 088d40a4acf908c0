// Written as texts, because a terminal acts on these characters and a reader of the source should see them.
const esc = "\\u001b";
const c1Strings = "[\\u0090\\u0098\\u009d-\\u009f]";
/** Sequences that a terminal obeys: CSI; OSC and the other strings with what they carry; those of two characters (ECMA-48 §5.4, §5.6; OSC may end with BEL). */
const sequence = new RegExp(
  [
    `(?:${esc}\\[|\\u009b)[0-?]*[ -/]*[@-~]`,
    `(?:${esc}[\\]PX^_]|${c1Strings})[^\\u0007${esc}\\u009c\\n]*(?:\\u0007|${esc}\\\\|\\u009c)?`,
    `${esc}[ -/]*[0-~]?`,
  ].join("|"),
  "g",
);
/** Marks that turn the direction of text around (UAX #9), separators and the byte order mark. */
const marks = "\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff";
/** Other control characters except tab and newline. */
const controls = new RegExp(`[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f${marks}]`, "g");
/** Those of them that JSON.stringify leaves as they are. */
const unescaped = new RegExp(`[\\u007f-\\u009f${marks}]`, "g");

/** Text of unknown origin as it may be written to a terminal: without control characters and escape sequences, with its newlines and tabs. */
export function printable(text: string): string {
  return text.replace(/\r\n/g, "\n").replace(sequence, "").replace(controls, "");
}

/** The same on one line, at most `most` characters. */
export function oneLine(text: string, most = Number.POSITIVE_INFINITY): string {
  const line = printable(text).replace(/\s+/g, " ").trim();
  return line.length > most ? `${line.slice(0, Math.max(0, most - 1))}…` : line;
}

/** JSON on one line with every character escaped that a terminal would act on; it parses to the same value. */
export function printableJson(value: object): string {
  return JSON.stringify(value).replace(
    unescaped,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
