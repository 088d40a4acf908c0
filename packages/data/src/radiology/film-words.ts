import type { FilmRule, Lobe } from "./film-findings.ts";

/**
 * How appearances are described. A description never uses the name of a finding, so that a chain has to translate.
 * `{…}` is filled from the case. No wording may speak of age: the films that these cases stand for are of children.
 */
export const lobarWords = {
  shadow: [
    "In the {zone} lies a dense, even whiteness.",
    "A solid white area fills the {zone}.",
    "The {zone} is almost as white as the heart.",
    "A large, even shadow covers the {zone}.",
  ],
  border: [
    "The {border} can no longer be made out.",
    "The {border} vanishes where it meets the white area.",
    "One cannot follow the {border}.",
    "The {border} is lost in it.",
  ],
  tubes: [
    "Dark branching tubes run through the white area.",
    "Air-filled channels fork inside it.",
    "Black forking lines cross the white area.",
    "Inside it, dark tubes divide like twigs.",
  ],
  hidden: [
    "No vessel can be followed through it.",
    "The vessels inside it are hidden.",
    "It swallows the vessels.",
  ],
  other: [
    "The {other} lung is evenly dark.",
    "The lung on the {other} looks untouched.",
    "On the {other} the vessels taper as they should.",
  ],
} as const;

export const patchyWords = {
  shadow: [
    "Several soft white blotches lie in {place}.",
    "Fluffy spots of different size are scattered over {place}.",
    "Cloudy white spots are strewn over {place}.",
    "A number of woolly shadows are seen in {place}.",
  ],
  place: [
    "both lower zones",
    "the right lung",
    "the left lung",
    "both lungs",
    "the middle zones of both lungs",
  ],
  edges: [
    "Their edges fade into the lung around them.",
    "They have no sharp edge.",
    "Each melts into the dark lung beside it.",
  ],
  spread: [
    "They follow the airways and stop at no fissure.",
    "Some run together, without keeping to a lobe.",
    "They are strung along the airways, in more than one lobe.",
  ],
} as const;

export const streakWords = {
  lines: [
    "Fine lines fan out from both hila.",
    "Strands run outward from both hila.",
    "A lacy net of lines spreads from the hila into both lungs.",
    "From each hilum thin white threads reach into the lung.",
  ],
  walls: [
    "The bronchial walls are thick, like rings and tramlines.",
    "White cuffs surround the bronchi seen end on.",
    "Small rings with thick walls lie near the hila.",
    "Pairs of parallel lines mark thickened airway walls.",
  ],
  open: [
    "No part of the lung is solid.",
    "The vessels can still be seen between the lines.",
    "Nowhere is a border lost.",
  ],
} as const;

export const clearWords = {
  dark: [
    "Both lungs are evenly dark out to the ribs.",
    "The lungs are equally dark on both sides.",
    "Air fills both lungs evenly.",
  ],
  vessels: [
    "The vessels taper and can be followed to the outer third.",
    "Vessels branch and thin out as they should.",
    "The vessels can be traced on both sides and grow thinner outward.",
  ],
  borders: [
    "Both heart borders and both halves of the diaphragm are drawn sharply.",
    "Every edge of the heart and the diaphragm is crisp.",
    "The outlines of heart and diaphragm are sharp throughout.",
  ],
} as const;

/** What a film tells besides, each with the alternatives that it rules out. */
export const plainWords = {
  angles: [
    "Both costophrenic angles are sharp.",
    "The lateral angles come to a point on both sides.",
    "Neither costophrenic angle is blunted.",
  ],
  fissures: [
    "The fissures lie where they should.",
    "No fissure is pulled out of its place.",
    "The fissures are not displaced.",
  ],
  heart: ["The heart is of usual width.", "The heart is not wide.", "The heart shadow is not enlarged."],
  breath: [
    "The film was taken on a deep breath.",
    "The lungs are well filled with air.",
    "The diaphragm stands low, after a full breath.",
  ],
  trachea: ["The trachea is in the midline.", "The trachea runs straight down the middle."],
  bones: ["The ribs are intact.", "The bones look sound."],
} as const;

export type PlainFact = keyof typeof plainWords;

/** A look-alike: what is described, why it is not disease, and by which rule. */
export interface LookAlike {
  rule: FilmRule;
  words: readonly string[];
  /** The sentence of a chain that sees through it. */
  answer: string;
}

export type LookAlikeName = "breath" | "rotation" | "thymus" | "scapula";

export const lookAlikes: Readonly<Record<LookAlikeName, LookAlike>> = {
  breath: {
    rule: "breath",
    words: [
      "The breath was shallow, and the vessels at the bases lie close together.",
      "The diaphragm stands high, and the markings at the bases are crowded.",
    ],
    answer:
      "The crowded bases could be taken for streaks, but a shallow breath crowds vessels and no border is lost.",
  },
  rotation: {
    rule: "rotation",
    words: [
      "The patient is turned a little, and the whole left side looks whiter.",
      "The collar bones are not symmetrical about the spine, and one side is whiter from top to bottom.",
    ],
    answer:
      "The whiter side could be taken for a shadow, but rotation whitens a whole side and no border is lost.",
  },
  thymus: {
    rule: "thymus",
    words: [
      "A smooth, sail-shaped shadow stands beside the upper mediastinum, with vessels seen through it.",
      "Beside the upper mediastinum is a smooth triangular shadow, and vessels show through it.",
    ],
    answer:
      "The sail-shaped shadow could be taken for a filled lobe, but it is smooth and shows vessels: the thymus.",
  },
  scapula: {
    rule: "scapula",
    words: [
      "A straight edge crosses the outer right zone and runs on beyond the ribs.",
      "In the outer left zone a straight edge is seen, which goes on outside the chest.",
    ],
    answer:
      "The straight edge could be taken for a fissure, but it runs beyond the ribs: the shoulder blade.",
  },
};

/** Puts the case's words into a wording, and capitals where a sentence begins. */
export function fill(wording: string, values: Partial<Lobe> & { other?: string; place?: string }): string {
  return wording.replace(/\{(\w+)\}/g, (_, key: string) => {
    const value = (values as Record<string, string | undefined>)[key];
    if (value === undefined)
      throw new RangeError(`The wording ${JSON.stringify(wording)} needs a value for ${key}.`);
    return value;
  });
}
