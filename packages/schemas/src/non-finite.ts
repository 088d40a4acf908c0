/** An object in which no number is NaN or infinite; `nonFinite` names the keys that were left out, if there were any. */
export type Finite<T extends object> = T & { nonFinite?: string[] };

/**
 * Leaves out the numbers that are not finite, which JSON cannot hold, and lists their keys as dotted paths in `nonFinite`, after
 * those that the object already lists. An array with such a number is left out whole, as its positions have a meaning.
 * An object without any is returned as it is.
 */
export function withoutNonFinite<T extends object>(value: T): Finite<T> {
  const missing: string[] = [];
  const finite = strip(value, "", missing) as Finite<T>;
  if (missing.length === 0) return finite;
  return { ...finite, nonFinite: [...new Set([...(finite.nonFinite ?? []), ...missing])] };
}

function strip(value: object, path: string, missing: string[]): object {
  const pathOf = (key: string | number) => (path === "" ? `${key}` : `${path}.${key}`);
  if (Array.isArray(value))
    return value.map((item, index) => (isObject(item) ? strip(item, pathOf(index), missing) : item));
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (isNonFinite(item) || (Array.isArray(item) && item.some(isNonFinite))) missing.push(pathOf(key));
    else result[key] = isObject(item) ? strip(item, pathOf(key), missing) : item;
  }
  return result;
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
const isNonFinite = (value: unknown) => typeof value === "number" && !Number.isFinite(value);
