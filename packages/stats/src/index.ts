export { auroc } from "./auroc.ts";
export { bootstrapInterval } from "./bootstrap-interval.ts";
export { brier, type CalibrationBin, ece } from "./calibration.ts";
export { cohenKappa, type KappaOptions } from "./cohen-kappa.ts";
export { binomialCdf, normalCdf, normalQuantile, studentQuantile } from "./distributions.ts";
export { eceInterval } from "./ece-interval.ts";
export type { Interval } from "./interval.ts";
export { type AlphaOptions, krippendorffAlpha } from "./krippendorff-alpha.ts";
export { holm, mcnemarExact } from "./mcnemar.ts";
export { clusteredInterval, type MeanInterval, meanInterval } from "./mean-interval.ts";
export { type NonInferiority, nonInferiority } from "./non-inferiority.ts";
export {
  type BootstrapOptions,
  type PairedDifference,
  type PairedScores,
  pairedClusterBootstrap,
  pairedSignFlip,
} from "./paired-bootstrap.ts";
export { minimumDetectableDifference, type PowerOptions, requiredPairs } from "./power.ts";
export { clopperPearson, wilson } from "./proportion.ts";
export { createRandom, type Random } from "./random.ts";
export { type RepeatedSamples, repeatedSamples } from "./repeated-samples.ts";
export { type CoveragePoint, riskCoverage } from "./risk-coverage.ts";
export { StatsError, type StatsErrorCode } from "./stats-error.ts";
