import { type WardDiagnosis, wardDiagnoses } from "./diagnoses.ts";

/**
 * Which (finding, fact) combinations a split may draw from. `train` is pretraining, both stages and the sets held out by case; `test` is
 * the set held out by combination; `dev` is held out by combination too, for tuning. A combination names one diagnosis, so a held-out one
 * also holds out its (diagnosis, factor) combinations, all four.
 */
export type WardCombinationSet = "train" | "dev" | "test";

/** 14 of 64 combinations (22 %), from every group, at least two of a fact with different groups, so that each can be asked about. */
const test = new Set([
  "nodules+white-cells",
  "fragments+white-cells",
  "disc-swelling+white-cells",
  "wide-qrs+creatinine",
  "cotton-wool+creatinine",
  "peaked-t+blood-pressure",
  "wide-qrs+blood-pressure",
  "exudates+blood-pressure",
  "haemorrhages+haemoglobin",
  "spherocytes+haemoglobin",
  "consolidation+oxygen",
  "st-elevation+oxygen",
  "irregular-rhythm+bilirubin",
  "consolidation+bilirubin",
]);

/** 3 of 64 combinations: enough to see whether a recipe carries rules to new combinations, without looking at the test set. */
const dev = new Set(["irregular-rhythm+white-cells", "exudates+white-cells", "cotton-wool+white-cells"]);

export function combinationSet(diagnosis: Pick<WardDiagnosis, "finding" | "fact">): WardCombinationSet {
  const key = `${diagnosis.finding}+${diagnosis.fact}`;
  return test.has(key) ? "test" : dev.has(key) ? "dev" : "train";
}

/** The diagnoses of a set, in the order of the table. */
export function diagnosesOf(set: WardCombinationSet): WardDiagnosis[] {
  return wardDiagnoses.filter((diagnosis) => combinationSet(diagnosis) === set);
}
