/** The anchor of a heading, as GitHub makes it; the site makes the same, so that links hold on both. */
export const anchorOf = (heading) =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replace(/ /g, "-");
