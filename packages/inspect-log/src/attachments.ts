import { createHash } from "node:crypto";

const scheme = "attachment://";
/** Longer strings, and every data URI, are put aside once and referred to. */
const longest = 100;

/**
 * A copy of a value in which every string that is a reference stands for its content. Strings are shared, not copied: a content that is named a thousand times takes its memory
 * once. Unknown references stay as they are.
 */
export function withAttachments<T>(value: T, attachments: ReadonlyMap<string, string>): T {
  if (attachments.size === 0) return value;
  return mapStrings(value, (text) =>
    text.startsWith(scheme) ? (attachments.get(text.slice(scheme.length)) ?? text) : text,
  ) as T;
}

/** Puts data URIs aside: the content once, by a name of 32 hex digits, as Inspect expects it. */
export function attach(content: string, attachments: Record<string, string>): string {
  if (content.length <= longest) return content;
  const name = createHash("sha256").update(content).digest("hex").slice(0, 32);
  attachments[name] = content;
  return `${scheme}${name}`;
}

/** Without recursion, as a log may nest deeper than the stack. */
function mapStrings(root: unknown, change: (text: string) => string): unknown {
  const holder: unknown[] = [root];
  const open: { into: Record<string, unknown> | unknown[]; key: string | number }[] = [
    { into: holder, key: 0 },
  ];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { into, key } = next as { into: Record<string | number, unknown>; key: string | number };
    const value = into[key];
    if (typeof value === "string") into[key] = change(value);
    else if (Array.isArray(value)) {
      const copy = [...value];
      into[key] = copy;
      for (const at of copy.keys()) open.push({ into: copy, key: at });
    } else if (typeof value === "object" && value !== null) {
      const copy: Record<string, unknown> = Object.fromEntries(Object.entries(value));
      Object.defineProperty(into, key, { value: copy, writable: true, enumerable: true, configurable: true });
      for (const name of Object.keys(copy)) open.push({ into: copy, key: name });
    }
  }
  return holder[0];
}
