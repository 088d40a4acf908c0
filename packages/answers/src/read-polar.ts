import type { AnswerContext, Reading } from "./answer-context.ts";

/** Yes, no or maybe as the first word, alone or before a comma, stop or dash: "No, there is none." but not "No evidence of …". */
export function readPolar(text: string, { words, labels }: AnswerContext): Reading | null {
  const match = /^[\s*_"'(]*(yes|no|maybe|是的|是|否|不是)(?=[\s*_"')]*(?:$|[.,;:!—–-]|\n))/i.exec(text);
  if (!match) return null;
  const said = { 是的: "yes", 是: "yes", 否: "no", 不是: "no" }[match[1]!] ?? match[1]!.toLowerCase();
  if (words.length === 0) return { text: said };
  const option = words.indexOf(said);
  return option < 0 ? null : { labels: [labels[option]!] };
}
