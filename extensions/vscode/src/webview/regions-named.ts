import type { RegionView } from "../protocol/case-view.ts";

/** The regions that a text names, as whole words. */
export function regionsNamed(text: string, regions: readonly RegionView[]): string[] {
  const names = [...new Set(regions.map(({ name }) => name))];
  return names.filter((name) => {
    const at = text.toLowerCase().indexOf(name.toLowerCase());
    if (name === "" || at < 0) return false;
    const isLetter = (character: string | undefined) =>
      character !== undefined && /[\p{L}\p{N}]/u.test(character);
    return !isLetter(text[at - 1]) && !isLetter(text[at + name.length]);
  });
}
