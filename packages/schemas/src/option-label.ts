/** The label of the option at `index`: 0 is A. Throws a RangeError outside 0–25. */
export function optionLabel(index: number): string {
  if (!Number.isInteger(index) || index < 0 || index > 25)
    throw new RangeError(`option ${index} has no label: labels are A to Z, for positions 0 to 25`);
  return String.fromCharCode(65 + index);
}

/** The labels of `count` options: A, B, C … */
export function optionLabels(count: number): string[] {
  return Array.from({ length: count }, (_, index) => optionLabel(index));
}

/** The position of a label in a list of `count` options, or `undefined` when it is none of theirs. */
export function optionIndex(label: string, count: number): number | undefined {
  const index = label.length === 1 ? label.charCodeAt(0) - 65 : -1;
  return index >= 0 && index < count ? index : undefined;
}
