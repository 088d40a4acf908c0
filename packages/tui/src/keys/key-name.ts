/** What a terminal library says of a key press; ink's `Key` fits. */
export interface PressedKey {
  upArrow: boolean;
  downArrow: boolean;
  leftArrow: boolean;
  rightArrow: boolean;
  pageUp: boolean;
  pageDown: boolean;
  home: boolean;
  end: boolean;
  return: boolean;
  escape: boolean;
  ctrl: boolean;
  shift: boolean;
  tab: boolean;
  backspace: boolean;
  delete: boolean;
  meta: boolean;
}

const named = [
  ["upArrow", "up"],
  ["downArrow", "down"],
  ["leftArrow", "left"],
  ["rightArrow", "right"],
  ["pageUp", "pageup"],
  ["pageDown", "pagedown"],
  ["home", "home"],
  ["end", "end"],
  ["return", "enter"],
  ["escape", "escape"],
  ["backspace", "backspace"],
  ["delete", "backspace"], // what most terminals send for the backspace key
] as const;

/** The name of a key as it stands in the key table: "a", "A", "ctrl+c", "shift+tab", "space", "pageup". */
export function keyName(input: string, key: PressedKey): string {
  if (key.tab) return key.shift ? "shift+tab" : "tab";
  for (const [property, name] of named) if (key[property]) return name;
  if (key.ctrl) return `ctrl+${input}`;
  return input === " " ? "space" : input;
}
