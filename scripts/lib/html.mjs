const entities = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
const plain = (text) => text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name) => entities[name]);

/** The attributes of these names in tags of a page, with their values. */
export function attributesOf(html, names) {
  const wanted = new RegExp(`\\s(${names.join("|")})="([^"]*)"`, "g");
  return [...html.matchAll(/<[a-z][^<>]*>/gi)].flatMap(([tag]) =>
    [...tag.matchAll(wanted)].map(([, name, value]) => ({ name, value: plain(value) })),
  );
}

/** The ids of a page. */
export const idsOf = (html) => new Set(attributesOf(html, ["id"]).map(({ value }) => value));
