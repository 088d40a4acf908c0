import { type WardAppearance, type WardFinding, type WardImageKind, wardImageKinds } from "./images/kinds.ts";

/** A finding of the ward: its canonical name, and how it looks in words that never use that name. */
export interface WardFindingEntry {
  readonly id: WardFinding;
  readonly kind: WardImageKind;
  /** The canonical name, without its modifier: what a chain must write. */
  readonly name: string;
  /** Two modifiers; the words of the look for each stand in for `%` in `looks`. */
  readonly modifiers: readonly [string, string];
  readonly modifierWords: readonly [string, string];
  /** Several descriptions; `%` is where the modifier's words go. */
  readonly looks: readonly string[];
}

type Words = Pick<WardFindingEntry, "name" | "modifierWords" | "looks">;

/**
 * The words. Chest film: Goodman, Felson's Principles of Chest Roentgenology (5th ed. 2020). Strip: Wagner et al., AHA/ACCF/HRS
 * recommendations part VI (2009). Smear: Palmer et al., ICSH recommendations (2015). Fundus: Kanski's Clinical Ophthalmology (9th ed. 2020).
 */
const words: { readonly [F in WardFinding]: Words } = {
  consolidation: {
    name: "consolidation",
    modifierWords: ["right", "left"],
    looks: [
      "white patch with open bronchi in the % lung",
      "cloudy % lung field with an air bronchogram",
      "% lobe shadow hiding the vessels but not the bronchi",
      "dense fluffy shadow in the % lung with branching air lines",
    ],
  },
  effusion: {
    name: "effusion",
    modifierWords: ["right", "left"],
    looks: [
      "blunted % costophrenic angle with a meniscus",
      "white % base with a curved upper edge",
      "% diaphragm hidden by a shadow that climbs the chest wall",
      "smooth grey layer filling the % base",
    ],
  },
  cardiomegaly: {
    name: "cardiomegaly",
    modifierWords: ["a little over", "far over"],
    looks: [
      "heart shadow % half the chest width",
      "cardiothoracic ratio % one half",
      "broad heart, % half as wide as the chest",
      "heart border reaching % half way across",
    ],
  },
  nodules: {
    name: "nodules",
    modifierWords: ["two or three", "countless"],
    looks: [
      "% round spots in both lungs",
      "% small discs scattered over the lung fields",
      "lungs with % coin shaped shadows",
      "% sharp round shadows in the lungs",
    ],
  },
  "st-elevation": {
    name: "st elevation",
    modifierWords: ["slightly", "high"],
    looks: [
      "segment after each spike lifted % above the baseline",
      "trace between spike and wave raised %",
      "tombstone shape raised % above the line",
      "plateau after each spike, % over the baseline",
    ],
  },
  "peaked-t": {
    name: "peaked t waves",
    modifierWords: ["rather", "very"],
    looks: [
      "narrow tent shaped waves, % tall, after each spike",
      "last wave of each beat pointed and % tall",
      "% tall symmetrical waves with a narrow base",
      "waves like church spires, % tall",
    ],
  },
  "irregular-rhythm": {
    name: "irregular rhythm",
    modifierWords: ["long", "short"],
    looks: [
      "uneven % gaps between spikes and no p waves",
      "spikes at random % intervals over a wavy baseline",
      "no two gaps alike, all %, and no p waves",
      "chaotic baseline with % unequal gaps",
    ],
  },
  "wide-qrs": {
    name: "wide qrs",
    modifierWords: ["somewhat", "hugely"],
    looks: [
      "% broad slurred spikes",
      "spikes % broader than three small squares",
      "each spike notched and % broad",
      "ventricular spikes % drawn out",
    ],
  },
  fragments: {
    name: "fragments",
    modifierWords: ["scattered", "plentiful"],
    looks: [
      "% helmet shaped red cell pieces",
      "% torn red cells with horns",
      "% triangular broken red cells",
      "% schistocytes among whole cells",
    ],
  },
  spherocytes: {
    name: "spherocytes",
    modifierWords: ["scattered", "plentiful"],
    looks: [
      "% small dark round red cells without a pale centre",
      "% dense ball shaped red cells",
      "% red cells that lost their pale middle",
      "% tight dark red cells, smaller than the rest",
    ],
  },
  blasts: {
    name: "blasts",
    modifierWords: ["scattered", "plentiful"],
    looks: [
      "% huge immature white cells with nucleoli",
      "% big primitive cells with scanty cytoplasm",
      "% large dark cells with open chromatin",
      "% immature white cells filled by their nucleus",
    ],
  },
  targets: {
    name: "target cells",
    modifierWords: ["scattered", "plentiful"],
    looks: [
      "% red cells like a bullseye",
      "% red cells with a dark middle spot and a pale ring",
      "% codocytes",
      "% flat red cells with a ring inside a ring",
    ],
  },
  haemorrhages: {
    name: "haemorrhages",
    modifierWords: ["above", "below"],
    looks: [
      "dark red blots % the macula",
      "flame shaped dark streaks % the macula",
      "dark leaks of blood % the fovea",
      "dark dots and blots % the fovea",
    ],
  },
  "cotton-wool": {
    name: "cotton wool spots",
    modifierWords: ["above", "below"],
    looks: [
      "soft fluffy white patches % the macula",
      "pale patches with feathery edges % the macula",
      "blurred white clouds in the nerve layer % the fovea",
      "soft edged pale areas % the fovea",
    ],
  },
  "disc-swelling": {
    name: "disc swelling",
    modifierWords: ["slightly", "grossly"],
    looks: [
      "optic nerve head % raised with blurred margins",
      "% blurred edge of the optic nerve head",
      "optic cup lost and the nerve head % raised",
      "nerve head % bulging, its vessels buried",
    ],
  },
  exudates: {
    name: "exudates",
    modifierWords: ["above", "below"],
    looks: [
      "sharp waxy bright specks % the macula",
      "bright hard edged deposits % the macula",
      "glistening fatty dots % the fovea",
      "a star of waxy dots % the fovea",
    ],
  },
};

/** All findings, in the order of the picture table. */
export const wardFindings: readonly WardFindingEntry[] = Object.entries(wardImageKinds).flatMap(
  ([kind, findings]) =>
    Object.entries(findings).map(([id, modifiers]) => ({
      id: id as WardFinding,
      kind: kind as WardImageKind,
      modifiers: modifiers as unknown as readonly [string, string],
      ...words[id as WardFinding],
    })),
);

const byId = new Map(wardFindings.map((entry) => [entry.id, entry]));

export function wardFinding(id: WardFinding): WardFindingEntry {
  return byId.get(id)!;
}

/** The canonical name with its modifier: "right consolidation". */
export function findingName(id: WardFinding, modifier: string): string {
  return `${modifier} ${wardFinding(id).name}`;
}

/** Description number `index` of the finding, for the form in words. */
export function findingLook(id: WardFinding, modifier: string, index: number): string {
  const entry = wardFinding(id);
  const at = entry.modifiers.indexOf(modifier);
  if (at < 0)
    throw new RangeError(`${id} has no modifier "${modifier}": it has ${entry.modifiers.join(" and ")}`);
  return entry.looks[index % entry.looks.length]!.replace("%", entry.modifierWords[at]!);
}

/** The label of an appearance for a classification head: 2 · (position of the finding) + (position of the modifier), 0–31. */
export function appearanceLabel(appearance: WardAppearance): number {
  const entry = wardFinding(appearance.finding as WardFinding);
  return 2 * wardFindings.indexOf(entry) + entry.modifiers.indexOf(appearance.modifier);
}
