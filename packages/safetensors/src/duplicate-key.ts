/**
 * First key that occurs twice in one object of a JSON text that `JSON.parse` has accepted, or null.
 * `JSON.parse` keeps the last of two equal keys silently, so a file could show different tensors to different readers.
 */
export function findDuplicateKey(json: string): string | null {
  const scopes: (Set<string> | null)[] = []; // null: an array
  let index = 0;
  let expectsKey = false;
  while (index < json.length) {
    const character = json[index];
    if (character === '"') {
      const end = endOfString(json, index);
      const keys = scopes.at(-1);
      if (expectsKey && keys) {
        const key = JSON.parse(json.slice(index, end)) as string;
        if (keys.has(key)) return key;
        keys.add(key);
        expectsKey = false;
      }
      index = end;
      continue;
    }
    if (character === "{") {
      scopes.push(new Set());
      expectsKey = true;
    } else if (character === "[") {
      scopes.push(null);
      expectsKey = false;
    } else if (character === "}" || character === "]") {
      scopes.pop();
      expectsKey = false;
    } else if (character === ",") expectsKey = scopes.at(-1) !== null;
    index++;
  }
  return null;
}

/** Index just after the closing quote of the string that opens at `start`. */
function endOfString(json: string, start: number): number {
  let index = start + 1;
  while (json[index] !== '"') index += json[index] === "\\" ? 2 : 1;
  return index + 1;
}
