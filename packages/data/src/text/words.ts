/** Han and kana are written without spaces: each of their signs counts as a word. */
const word =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])[\p{L}\p{N}\p{M}])+/gu;
const plain = /[a-z0-9]+/g;

/** The words of a text for comparison: lower case, compatibility forms folded (NFKC), punctuation taken out. Linear in its length. */
export function wordsOf(text: string): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
  if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase().match(plain) ?? [];
  return text.normalize("NFKC").toLowerCase().normalize("NFKC").match(word) ?? [];
}

/** The words with single spaces between: two texts that differ in case, punctuation or white space alone become equal. */
export function normalisedWords(text: string): string {
  return wordsOf(text).join(" ");
}
