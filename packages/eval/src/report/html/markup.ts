/** HTML that was escaped where it had to be. Only `html` makes it. */
export interface Markup {
  readonly markup: string;
}

export type Piece = string | number | Markup | readonly Piece[] | null;

/**
 * A template whose pieces are text unless they are markup themselves: text is escaped, for element content and for quoted attributes alike. null is nothing.
 */
export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  let markup = strings[0]!;
  for (const [at, piece] of pieces.entries()) markup += rendered(piece) + strings[at + 1]!;
  return { markup };
}

function rendered(piece: Piece): string {
  if (piece === null) return "";
  if (typeof piece === "string") return escaped(piece);
  if (typeof piece === "number") return escaped(String(piece));
  return "markup" in piece ? piece.markup : piece.map(rendered).join("");
}

/**
 * Text that a page shows as it is: markup becomes letters; characters that would act (control codes, those that turn the direction of writing, halves of a surrogate pair) are shown by their
 * number. Line feeds and tabs stay.
 */
export function escaped(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(acting, (unit) => `[U+${unit.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}]`)
    .replace(/[&<>"'`]/g, (unit) => entities[unit]!);
}

const acting = /(?![\n\t])[\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb]/gu;
const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
};
