const criterionColours = 6;
/** The colour of a criterion: by its place in the rating, so that it is the same in both columns. */
export const colourOf = (criteria: readonly string[], name: string): number =>
  Math.max(0, criteria.indexOf(name)) % criterionColours;
