/** A sentence of the reasoning, and what it does there. */
export interface TraceSentence {
  readonly text: string;
  readonly role: "claim" | "alternative" | "check";
}

export interface TraceParts {
  readonly reasoning: readonly TraceSentence[];
  /** What the last `\boxed{…}` holds, in lower case with single spaces; null without one. */
  readonly boxed: string | null;
}

/** Nothing longer than this is looked at: a trace of the ward has some 60 words. */
const LIMIT = 20_000;

/** Splits a text by plain search: the reasoning in sentences (up to `</think>`, or to the box), and the box. Linear. */
export function partsOf(whole: string): TraceParts {
  const text = whole.slice(0, LIMIT).toLowerCase();
  const closed = text.indexOf("</think>");
  const box = text.lastIndexOf("\\boxed{");
  const end = closed >= 0 ? closed : box >= 0 ? box : text.length;
  const opened = text.indexOf("<think>");
  const start = opened >= 0 && opened < end ? opened + "<think>".length : 0;
  const reasoning = text
    .slice(start, end)
    .split(/[.\n;!?]/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== "")
    .map((sentence): TraceSentence => ({ text: sentence, role: roleOf(sentence) }));
  return { reasoning, boxed: boxedAt(text, box) };
}

function roleOf(sentence: string): TraceSentence["role"] {
  if (sentence.startsWith("check")) return "check";
  return sentence.includes("would") || sentence.includes("excluded") || sentence.includes("not seen")
    ? "alternative"
    : "claim";
}

function boxedAt(text: string, box: number): string | null {
  if (box < 0) return null;
  const start = box + "\\boxed{".length;
  const end = text.indexOf("}", start);
  if (end < 0) return null;
  const inside = text.slice(start, end).split(/\s+/).filter(Boolean).join(" ");
  return inside === "" ? null : inside;
}
