import { dropped, type Filter, kept } from "./filter.ts";

/** "CC BY 4.0" and "cc-by-4.0" are one licence. */
const folded = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, "-");

/** Whether a licence is in a list of names. A `*` at the end of a name stands for a version number and nothing else, so that `CC-BY-*` is not CC BY-NC. */
export function licenceFits(licence: string, names: readonly string[]): boolean {
  const name = folded(licence);
  return names.map(folded).some((wanted) => {
    if (!wanted.endsWith("*")) return name === wanted;
    const start = wanted.slice(0, -1);
    return name.startsWith(start) && /^[\d.]*$/.test(name.slice(start.length));
  });
}

/** Drops a question whose licence is not in the list: `licence`. */
export function licences(allow: readonly string[]): Filter {
  return {
    name: "licence",
    about: `the licence is one of ${allow.join(", ")}`,
    judge: ({ licence }) =>
      licenceFits(licence, allow) ? kept : dropped("licence", `the licence is ${licence}`),
  };
}
