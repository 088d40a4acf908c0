import { optionLabels } from "@mede2/schemas";
import { type PeerReply, type PeerVerdict, verdictOf } from "./peer-verdict.ts";

/** Longest piece after "ANSWER" that is looked at; a match ends within it or is none. */
const window = 2_000;

/**
 * Inspect 0.3.285 (`inspect_ai/solver/_multiple_choice.py`, `parse_answers`, one right option): wrappers `$B$`, `**B**` and `(B)` are taken off; the last line `ANSWER: B`,
 * else the last "ANSWER: B" anywhere; what follows must be one label alone. None is wrong, nothing is guessed.
 */
export function inspectVerdict({ text, options, gold }: PeerReply): PeerVerdict {
  const labels = optionLabels(options.length);
  const reply = unwrapped(unwrapped(text, "$"), "**").replace(
    /(^|[:,])(\s*)\(([A-Za-z\d])\)(?=\s*(?:,|\.|\n|$))/g,
    "$1$2$3",
  );
  const said =
    lastMatch(reply, /ANSWER\s*:\s*([A-Za-z\d ,]+)\s*(?:$|\n|\.)/imy, true) ??
    lastMatch(reply, /ANSWER\s*:\s*([A-Za-z\d ,]+)(?:[^\p{L}\p{N}_]|\n|$|\.)/iuy, false);
  const named =
    said
      ?.trim()
      .toUpperCase()
      .split(",")
      .filter((piece) => piece !== "") ?? [];
  return verdictOf(named.length === 1 && labels.includes(named[0]!) ? named[0]! : null, gold);
}

/** As Python's `findall`: matches one after the other, without overlap; the last one counts. `atLineStart`: only at the beginning of a line. */
function lastMatch(text: string, pattern: RegExp, atLineStart: boolean): string | null {
  let found: string | null = null;
  const anchor = /ANSWER/gi;
  for (let place = anchor.exec(text); place !== null; place = anchor.exec(text)) {
    const at = place.index;
    if (atLineStart && at > 0 && text[at - 1] !== "\n") continue;
    const whole = at + window >= text.length;
    // a letter keeps the end of the window from counting as the end of the text
    const piece = `${text.slice(at, at + window)}${whole ? "" : "x"}`;
    pattern.lastIndex = 0;
    const match = pattern.exec(piece);
    if (match === null) continue;
    found = match[1]!;
    anchor.lastIndex = at + match[0].length;
  }
  return found;
}

/** Takes `mark` off both ends of runs of letters, digits, blanks and commas; in linear time, unlike the expression that it stands for. */
function unwrapped(text: string, mark: string): string {
  const parts: string[] = [];
  let from = 0;
  for (let at = text.indexOf(mark); at >= 0; ) {
    let start = at + mark.length;
    while (start < text.length && /\s/.test(text[start]!)) start++;
    let end = start;
    while (end < text.length && /[A-Za-z\d ,]/.test(text[end]!)) end++;
    let close = end;
    while (close < text.length && /\s/.test(text[close]!)) close++;
    if (end > start && /[A-Za-z\d]/.test(text[start]!) && text.startsWith(mark, close)) {
      parts.push(text.slice(from, at), text.slice(start, end).trimEnd());
      from = close + mark.length;
      at = text.indexOf(mark, from);
    } else at = text.indexOf(mark, at + 1);
  }
  return parts.join("") + text.slice(from);
}
