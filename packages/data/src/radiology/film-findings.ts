/** What a chest film can show here, and what each finding means. Every rule has its source in docs/films.md, under its key. */

export const filmFindings = [
  "lobar consolidation",
  "patchy consolidation",
  "perihilar streaks",
  "clear lungs",
] as const;
export type FilmFinding = (typeof filmFindings)[number];

/** The answers that a film is asked for: two of them, or three with the cause. */
export type FilmAnswer = "normal" | "pneumonia" | "bacterial pneumonia" | "viral pneumonia";

/** `pneumonia`: normal or pneumonia. `cause`: normal, bacterial or viral pneumonia. As in the importer of films. */
export type FilmPart = "pneumonia" | "cause";

export const filmOptions: Readonly<Record<FilmPart, readonly FilmAnswer[]>> = {
  pneumonia: ["normal", "pneumonia"],
  cause: ["normal", "bacterial pneumonia", "viral pneumonia"],
};

/** What a finding is answered with. Patchy shadows speak for no cause, so that part does not ask about them. */
export const filmAnswers: Readonly<Record<FilmFinding, Readonly<Record<FilmPart, FilmAnswer | null>>>> = {
  "lobar consolidation": { pneumonia: "pneumonia", cause: "bacterial pneumonia" },
  "patchy consolidation": { pneumonia: "pneumonia", cause: null },
  "perihilar streaks": { pneumonia: "pneumonia", cause: "viral pneumonia" },
  "clear lungs": { pneumonia: "normal", cause: "normal" },
};

/** A place of lobar consolidation: where it is seen, and the edge that it takes away (the silhouette sign). */
export interface Lobe {
  name: string;
  side: "right" | "left";
  zone: string;
  border: string;
}

export const lobes: readonly Lobe[] = [
  {
    name: "right upper lobe",
    side: "right",
    zone: "right upper zone",
    border: "right edge of the upper mediastinum",
  },
  { name: "middle lobe", side: "right", zone: "right lower zone", border: "right heart border" },
  {
    name: "right lower lobe",
    side: "right",
    zone: "right lower zone",
    border: "right half of the diaphragm",
  },
  { name: "left upper lobe", side: "left", zone: "left upper zone", border: "outline of the aortic knuckle" },
  { name: "lingula", side: "left", zone: "left lower zone", border: "left heart border" },
  { name: "left lower lobe", side: "left", zone: "left lower zone", border: "left half of the diaphragm" },
];

/**
 * The rules that chains use, as sentences to read and to pretrain on. The keys are those of docs/films.md, where each
 * has its citation.
 */
export const filmRules = {
  consolidation:
    "A dense shadow that hides the vessels in it is consolidation: the air of that part of the lung has been replaced.",
  bronchogram:
    "Dark branching tubes inside a white area are an air bronchogram: open airways in filled lung.",
  silhouette:
    "A shadow that takes away the edge of the heart, aorta or diaphragm lies against it; the lost edge names the lobe.",
  "silhouette-right-upper":
    "A lost right edge of the upper mediastinum places the shadow in the right upper lobe.",
  "silhouette-middle": "A lost right heart border places the shadow in the middle lobe.",
  "silhouette-right-lower": "A lost right half of the diaphragm places the shadow in the right lower lobe.",
  "silhouette-left-upper": "A lost outline of the aortic knuckle places the shadow in the left upper lobe.",
  "silhouette-lingula": "A lost left heart border places the shadow in the lingula.",
  "silhouette-left-lower": "A lost left half of the diaphragm places the shadow in the left lower lobe.",
  patchy: "Several soft shadows along the airways that respect no lobe are patchy consolidation.",
  streaks: "Lines that fan out from both hila with thick bronchial walls are perihilar streaks.",
  clear:
    "Lungs that are evenly dark, with vessels seen to the outer third and every border sharp, are clear lungs.",
  pneumonia: "In a film taken for a suspected infection, consolidation or perihilar streaks mean pneumonia.",
  normal: "Clear lungs mean a normal film.",
  bacterial:
    "A shadow that fills one lobe fits bacteria better than a virus; the pattern alone is weak evidence.",
  viral:
    "Lines spread through both lungs fit a virus better than bacteria; the pattern alone is weak evidence.",
  collapse: "Collapse of a lobe pulls a fissure out of its place; consolidation need not.",
  effusion: "Fluid beside the lung blunts the costophrenic angle.",
  "heart-failure": "Lines of heart failure usually come with a wide heart.",
  breath: "A shallow breath crowds the vessels at the bases and hides no border.",
  rotation: "Rotation of the patient makes one whole side whiter and hides no border.",
  thymus:
    "A smooth sail-shaped shadow beside the upper mediastinum with vessels seen through it is the normal thymus.",
  scapula: "A straight edge that runs on beyond the ribs is the shoulder blade, not the lung.",
} as const;

export type FilmRule = keyof typeof filmRules;
