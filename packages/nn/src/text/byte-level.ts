/** The 256 characters that stand for bytes in a byte-level vocabulary (GPT-2's `bytes_to_unicode`). */
export const BYTE_CHARACTERS: readonly string[] = byteCharacters();

function byteCharacters(): string[] {
  const printable = (b: number): boolean =>
    (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || (b >= 174 && b <= 255);
  let next = 256;
  return Array.from({ length: 256 }, (_, b) => String.fromCharCode(printable(b) ? b : next++));
}

const BYTE_OF = new Map(BYTE_CHARACTERS.map((character, byte) => [character, byte]));
const utf8 = new TextEncoder();

/** UTF-8 bytes of a text, written in byte characters. */
export function toByteCharacters(text: string): string {
  let out = "";
  for (const byte of utf8.encode(text)) out += BYTE_CHARACTERS[byte];
  return out;
}

/** Bytes a token stands for. A token with any other character stands for its own UTF-8 bytes, as in `tokenizers`. */
export function tokenBytes(token: string): Uint8Array {
  const bytes = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const byte = BYTE_OF.get(token.charAt(i));
    if (byte === undefined) return utf8.encode(token);
    bytes[i] = byte;
  }
  return bytes;
}
