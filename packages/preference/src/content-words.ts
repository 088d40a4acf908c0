const empty = new Set(
  "a an the of in on at to for with without and or but not no nor is are was were be been has have had his her their its this that these those as by from than then so it he she they we patient which who would could may might can will shows show shown seen see there here also more most very".split(
    " ",
  ),
);

/** Words that carry meaning, in lower case: at least three letters and no function words. */
export function contentWords(text: string): string[] {
  return (text.toLowerCase().match(/\p{L}{3,}/gu) ?? []).filter((word) => !empty.has(word));
}

/** The beginning by which forms of a word are taken for one: up to 6 letters, so that plurals and adjectives count. */
export function stemOf(word: string): string {
  return word.slice(0, Math.max(4, Math.min(6, word.length - 2)));
}

/** The beginnings of a text's words, three to six letters long, so that many words can be looked up in it (`isAmong`). */
export function wordBeginnings(lowerText: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const word of lowerText.match(/\p{L}{3,}/gu) ?? [])
    for (let length = 3; length <= Math.min(6, word.length); length++) found.add(word.slice(0, length));
  return found;
}

/** What `sharesStem` says of the text, in one look-up. For words of letters. */
export const isAmong = (word: string, beginnings: ReadonlySet<string>): boolean =>
  beginnings.has(stemOf(word));

/** Whether a text in lower case holds a word with the same beginning. */
export function sharesStem(word: string, lowerText: string): boolean {
  const stem = stemOf(word);
  for (let at = lowerText.indexOf(stem); at >= 0; at = lowerText.indexOf(stem, at + 1))
    if (at === 0 || !/\p{L}/u.test(lowerText[at - 1]!)) return true;
  return false;
}
