const replacement = "\uFFFD";

/**
 * Text as it may be shown: the same length, with control characters as pictures (␀, ␛ …) and characters that reorder or hide text as �, so
 * that what is read is what is there. Line breaks and tabs stay.
 */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (character) => {
    const code = character.charCodeAt(0);
    if (character === "\n" || character === "\t") return character;
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? "\u2421" : replacement.repeat(character.length);
  });
}

/** At most `length` UTF-16 code units, never half a character, with an ellipsis when something is cut. */
export function short(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = isLeadSurrogate(text.charCodeAt(length - 1)) ? length - 1 : length;
  return `${text.slice(0, end)}…`;
}

const isLeadSurrogate = (code: number) => code >= 0xd800 && code <= 0xdbff;

/** A text on one line, cut. */
export const oneLine = (text: string, length: number): string =>
  short(
    visible(text.slice(0, length * 4))
      .replace(/\s+/g, " ")
      .trim(),
    length,
  );
