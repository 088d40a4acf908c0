/** A value of a flat YAML file: a text, a list of texts, or a mapping of texts. */
export type YamlValue = string | readonly string[] | Readonly<Record<string, string>>;

/**
 * A flat YAML mapping in which every scalar is a double-quoted string. ms-swift turns each value into a text anyway, and a quoted text means the same to every reader of YAML,
 * whatever it holds: paths with colons, hashes or quotes, "yes", "1e-4", "null". JSON's escapes are a subset of YAML's; what YAML calls not printable is escaped, too.
 */
export function quotedYaml(entries: Readonly<Record<string, YamlValue>>): string {
  return Object.entries(entries)
    .map(([key, value]) => `${/^[A-Za-z_]\w*$/.test(key) ? key : quoted(key)}: ${shown(value)}\n`)
    .join("");
}

function shown(value: YamlValue): string {
  if (typeof value === "string") return quoted(value);
  if (Array.isArray(value)) return `[${value.map(quoted).join(", ")}]`;
  return `{${Object.entries(value)
    .map(([key, text]) => `${quoted(key)}: ${quoted(text)}`)
    .join(", ")}}`;
}

function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
