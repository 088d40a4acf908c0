/** Phrases by which a model declines. Each is anchored to the first person or to the impossibility, so that a case history does not match. */
const refusals: readonly RegExp[] = [
  /\bI(?:['’]m| am) (?:sorry|unable|not able|afraid)\b/i,
  /\bI (?:can(?:no|['’])t|cannot|can not|won['’]t|will not|am not able to|must decline)\b.{0,40}\b(?:assist|help|answer|provide|determine|give|diagnos|identify|view|see|analy[sz]e|interpret|comply|offer)/i,
  /\bas an (?:AI|artificial|language model)\b/i,
  /\b(?:it is|it['’]s) (?:not possible|impossible) to (?:determine|answer|say|tell)\b/i,
  /\b(?:unable|not possible) to (?:view|see|access|process|open) (?:the|this|any|your) (?:image|picture|figure|attachment)/i,
  /\bno (?:image|picture|figure) (?:was|is|has been|were) (?:provided|attached|given|included|visible)/i,
  /\bplease (?:consult|see|contact|seek) (?:a|your|the|an?) (?:\w+ )?(?:doctor|physician|healthcare|health care|professional)/i,
  /(?:抱歉|对不起|我无法|我不能|无法回答|无法提供)/,
];

/**
 * Where the text declines to answer, or null. Only its first 4,000 code units and its last 1,000 are read. A phrase that an option
 * itself contains ("I cannot discuss this …" in a question on ethics) is no refusal.
 */
export function findRefusal(
  text: string,
  start: number,
  end: number,
  options: readonly string[],
): { start: number; end: number } | null {
  for (const [from, to] of [
    [start, Math.min(end, start + 4000)],
    [Math.max(start, end - 1000), end],
  ] as const) {
    const part = text.slice(from, to);
    for (const pattern of refusals) {
      if (options.some((option) => pattern.test(option))) continue;
      const match = pattern.exec(part);
      if (match) return { start: from + match.index, end: from + match.index + match[0].length };
    }
  }
  return null;
}
