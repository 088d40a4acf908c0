import type { Range } from "@mede2/answers";

/** A number in a text, with the words that say what it is. */
export type NumberMention = Range & {
  value: number;
  /** The word that it belongs to, in lower case: `cells` of "white cells 38"; "" when none names it. */
  name: string;
  /** The unit or word after it, in lower case; "" without one. */
  unit: string;
  /** Part of a comparison or a range ("above 11", "≥ 354", "4–11"), which states a rule rather than a value of this case. */
  threshold: boolean;
  /** Numbers a list, a step, a type or a stage, or belongs to a name, and is no quantity. */
  ordinal: boolean;
};

// a digit inside a name (T4, CD20, PaO2, V1) is no number of its own
const number = /(?<![\p{L}\d_.,^])[-−+]?\d+(?:[.,]\d+)*/gu;
const comparison =
  /(?:\b(?:above|below|over|under|at least|at most|more than|less than|fewer than|greater than|higher than|lower than|beyond|exceed(?:s|ing)?|up to|normal(?: range)?(?: is| of)?:?|threshold(?: is| of)?|limit(?: is| of)?|range(?: is| of)?)|[<>≤≥])\s?(?:about\s)?$/i;
const naming =
  /\b(?:type|stage|grade|class|step|phase|option|figure|fig\.?|table|criterion|hypothesis|point|rule|lead|degree|line|no\.|number|question|generation)\s?$/i;
/** Words before a number that name nothing. */
const loose = new Set(
  "is of was at to a an the and with by for in about from or aged are were than as only says reads".split(
    " ",
  ),
);

/** All numbers of a text, in order. Linear: every look around is bounded. */
export function numberMentions(text: string): NumberMention[] {
  const found: NumberMention[] = [];
  for (const match of text.matchAll(number)) {
    const start = match.index;
    const end = start + match[0].length;
    const value = parseNumber(match[0]);
    if (value === undefined) continue;
    const lead = text.slice(Math.max(0, start - 40), start);
    const rest = text.slice(end, end + 24);
    found.push({
      start,
      end,
      value,
      name: nameBefore(lead),
      unit: /^\s?([\p{L}%°µμ][\p{L}\d%/^·]*)/u.exec(rest)?.[1]?.toLowerCase() ?? "",
      threshold: comparison.test(lead) || /\d\s?[-–]$/.test(lead) || /^\s?[-–]\s?\d/.test(rest),
      ordinal:
        /^\s?\^/.test(rest) || // 10^9
        /\p{L}[-–]$/u.test(lead) || // IL-6
        naming.test(lead) ||
        /^(?:st|nd|rd|th|-lead|D\b)/.test(rest) ||
        (/(?:^|\n)\s{0,8}\(?$/.test(lead) && /^[.):]/.test(rest)),
    });
  }
  return found;
}

/** The nearest word before, over numbers, signs and brackets: both numbers of "blood pressure 220/130" are a pressure. */
function nameBefore(lead: string): string {
  const word = /(\p{L}[\p{L}\d]*)[\s\d/:=(~≈*_-]{0,16}$/u.exec(lead)?.[1]?.toLowerCase() ?? "";
  return loose.has(word) ? "" : word;
}

/** `1,234.5`, `0,5`, `−3`; undefined for what is no number, such as a date `1.2.2020`. */
function parseNumber(digits: string): number | undefined {
  const plain = digits.replace("−", "-");
  const value = Number(
    /^[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(plain)
      ? plain.replaceAll(",", "")
      : plain.replace(/^([-+]?\d+),(\d+)$/, "$1.$2"),
  );
  return Number.isFinite(value) ? value : undefined;
}
