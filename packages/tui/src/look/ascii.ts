/** What our own signs become where only ASCII is there; each takes one cell, as before. */
const signs: Readonly<Record<string, string>> = {
  ...{
    "─": "-",
    "│": "|",
    "┌": "+",
    "┐": "+",
    "└": "+",
    "┘": "+",
    "├": "+",
    "┤": "+",
    "┬": "+",
    "┴": "+",
    "┼": "+",
  },
  ...{
    "█": "#",
    "▓": "#",
    "▒": ":",
    "░": ".",
    "▀": "#",
    "▄": "_",
    "●": "*",
    "○": "o",
    "◆": "*",
    "■": "#",
    "□": ".",
  },
  ...{
    "▲": "^",
    "▼": "v",
    "▶": ">",
    "◀": "<",
    "→": ">",
    "←": "<",
    "↑": "^",
    "↓": "v",
    "↵": "<",
    "›": ">",
    "‹": "<",
  },
  ...{
    "✓": "+",
    "✗": "x",
    "×": "x",
    "·": ".",
    "•": "*",
    "…": "~",
    "–": "-",
    "—": "-",
    "−": "-",
    "≥": ">",
    "≤": "<",
    "≈": "~",
  },
  ...{
    "“": '"',
    "”": '"',
    "„": '"',
    "‘": "'",
    "’": "'",
    β: "b",
    π: "p",
    λ: "l",
    µ: "u",
    "²": "2",
    "³": "3",
    "\u00a0": " ",
  },
};

/** The text in ASCII, in as many cells: accents go, and what has no likeness becomes a question mark. */
export function toAscii(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is ASCII
  return text.replace(/[^\u0000-\u007f]/gu, (character) => {
    const sign = signs[character];
    if (sign !== undefined) return sign;
    const code = character.codePointAt(0)!;
    if (code >= 0x2400 && code <= 0x241f) return String.fromCharCode(0x40 + code - 0x2400); // a control character that was made visible
    const plain = character.normalize("NFKD").replace(/[\u0300-\u036f]/g, "");
    return /^[ -~]$/.test(plain) ? plain : /^\p{Mark}$/u.test(character) ? "" : isWide(code) ? "??" : "?";
  });
}

/** East Asian wide characters and pictures take two cells. */
const isWide = (code: number): boolean =>
  (code >= 0x1100 && code <= 0x115f) ||
  (code >= 0x2e80 && code <= 0xa4cf) ||
  (code >= 0xac00 && code <= 0xd7a3) ||
  (code >= 0xf900 && code <= 0xfaff) ||
  (code >= 0xfe30 && code <= 0xfe6f) ||
  (code >= 0xff00 && code <= 0xff60) ||
  (code >= 0x1f300 && code <= 0x1faff) ||
  (code >= 0x20000 && code <= 0x3fffd);
