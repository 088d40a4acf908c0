import { sha256Hex } from "./canonical-json.ts";

/** The longest name of a file or folder that we make, in bytes of UTF-8: below every system's 255, with room for a temporary name beside it. */
const longest = 200;

/** Names that Windows keeps for devices, alone or before a dot: https://learn.microsoft.com/windows/win32/fileio/naming-a-file */
const device = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(?:\.|$)/i;

/** What no name may hold on Windows, and control characters, which belong into no name anywhere. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const forbidden = /[<>:"/\\|?*\u0000-\u001f\u007f]/u;

/**
 * Why `name` cannot be the name of one file or folder on Linux, macOS and Windows alike, as a clause ("it ends with a dot"), or null when it
 * can. Run folders and results are copied between machines, so the rules of all three hold everywhere.
 */
export function nameFault(name: string): string | null {
  if (name === "") return "it is empty";
  if (name === "." || name === "..") return "it names a folder that is there already";
  const found = forbidden.exec(name)?.[0];
  if (found !== undefined) return `it holds ${JSON.stringify(found)}, which Windows cannot write`;
  if (/[. ]$/.test(name)) return "it ends with a dot or a space, which Windows drops";
  if (device.test(name)) return "Windows keeps this name for a device";
  if (/\p{Surrogate}/u.test(name)) return "it holds half of a character";
  if (Buffer.byteLength(name) > longest) return `it is longer than ${longest} bytes`;
  return null;
}

/**
 * `text` (a task's name, say) as a name of a file or folder that every system can write; a name made of letters, digits, `_`, `.` and `-`
 * stays as it is. Two texts may give the same name: use it where one name is wanted, not as an id.
 */
export function portableName(text: string): string {
  const kept = text.replace(/[^\w.-]+/g, "-").replace(/\.+$/, "");
  const short = kept.length <= 100 ? kept : `${kept.slice(0, 90)}-${sha256Hex(text).slice(0, 8)}`;
  return short === "" || device.test(short) ? `_${short}` : short;
}
