/** Control characters and marks that a terminal would act on: C0, DEL, C1, bidirectional controls, separators, zero-width ones, tags, and kitty's placeholder of pictures. */
const active =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach the terminal
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ufe00-\ufe0f]|[\u{e0000}-\u{e007f}\u{10eeee}]|\p{Surrogate}/gu;

/**
 * Text of unknown origin as it may be shown on one line: what a terminal would act on is shown as a sign instead, so that a reader sees that it
 * is there. A tab becomes a space; a lone surrogate the replacement character.
 */
export function visible(text: string): string {
  // most texts are plain
  if (/^[\u0020-\u007e]*$/.test(text)) return text;
  return text.replace(active, signOf);
}

function signOf(character: string): string {
  const code = character.codePointAt(0)!;
  if (character === "\t" || character === "\n" || character === "\r") return " ";
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code >= 0xd800 && code <= 0xdfff) return "\ufffd";
  if (code === 0x7f) return "␡";
  if (code >= 0xfe00 && code <= 0xfe0f) return ""; // how a picture is drawn: nothing is lost
  return `<${code.toString(16)}>`;
}
