const sequences: Readonly<Record<string, string>> = {
  ...{
    "\u001b[A": "up",
    "\u001b[B": "down",
    "\u001b[C": "right",
    "\u001b[D": "left",
    "\u001b[H": "home",
    "\u001b[F": "end",
  },
  ...{
    "\u001b[5~": "pageup",
    "\u001b[6~": "pagedown",
    "\u001b[Z": "shift+tab",
    "\u001b": "escape",
    "\r": "enter",
    "\n": "enter",
  },
  ...{
    "\t": "tab",
    "\u007f": "backspace",
    "\b": "backspace",
    " ": "space",
    "\u0003": "ctrl+c",
    "\u0006": "ctrl+f",
    "\u0002": "ctrl+b",
    "\u0015": "ctrl+u",
    "\u001a": "ctrl+z",
    "\u000c": "ctrl+l",
  },
};

/** The keys of a piece of raw input, by their names, and what each types: the few sequences that the key table needs. */
export function rawKeys(data: string): [name: string, text: string][] {
  if (Object.hasOwn(sequences, data)) return [[sequences[data]!, data === " " ? " " : ""]];
  return [...data].map((character): [string, string] => [sequences[character] ?? character, character]);
}
