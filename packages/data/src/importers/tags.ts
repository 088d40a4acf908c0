/** Names of modalities as sources write them, in small letters, and the name that all share. */
const modalities: Readonly<Record<string, string>> = {
  ct: "ct",
  "ct(computed tomography)": "ct",
  "computed tomography": "ct",
  mr: "mri",
  mri: "mri",
  "mr (mag-netic resonance imaging)": "mri",
  "magnetic resonance imaging": "mri",
  "x-ray": "x-ray",
  xray: "x-ray",
  "x ray": "x-ray",
  "plain x-rays": "x-ray",
  radiograph: "x-ray",
  us: "ultrasound",
  ultrasound: "ultrasound",
  "microscopy images": "microscopy",
  "pathological images": "microscopy",
  "microscopic images": "microscopy",
  "fundus photography": "fundus",
  "oct (optical coherence tomography": "oct",
  dermoscopy: "dermoscopy",
  endoscopy: "endoscopy",
};

/** The shared name of a modality, or the source's own in small letters. */
export function modalityName(text: string | undefined): { modality?: string } {
  const folded = text?.trim().toLowerCase();
  if (folded === undefined || folded === "") return {};
  return { modality: modalities[folded] ?? folded };
}

/** `{name: value}` without what is not there. */
export function present<T extends Record<string, string | undefined>>(
  tags: T,
): Partial<Record<keyof T, string>> {
  return Object.fromEntries(Object.entries(tags).filter(([, value]) => value !== undefined)) as Partial<
    Record<keyof T, string>
  >;
}

/** "open" or "closed" as sources spell them; undefined for anything else. */
export function answerType(text: string | undefined): string | undefined {
  const folded = text?.trim().toLowerCase();
  return folded === "open" || folded === "closed" ? folded : undefined;
}
