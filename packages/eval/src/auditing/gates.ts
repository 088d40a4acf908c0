import type { ImageCondition } from "@mede2/schemas";
import { nonInferiority } from "@mede2/stats";
import {
  type BootstrapSettings,
  compare,
  type Difference,
  reliance,
  relianceDifference,
} from "../comparing/compare.ts";
import { type Scored, scoresOf } from "../comparing/evaluation-scores.ts";
import type { ClusterSetting } from "../grading/score-of.ts";
import { sensitivityDifference } from "./image-audit.ts";

/** `open`: the data do not say; a gate is passed only by what is shown. */
export type GateStatus = "passed" | "failed" | "open" | "not-applicable";

export interface GateCheck {
  name: string;
  status: GateStatus;
  difference: number;
  low: number;
  high: number;
  /** One sentence on what the numbers mean. */
  says: string;
}

export interface GateResult {
  gate: "image-use" | "no-regression";
  from: string;
  to: string;
  margin: number;
  passed: boolean;
  checks: GateCheck[];
}

export interface GateSettings extends BootstrapSettings {
  /** Largest loss that is still none, a fraction; to be declared before the data are seen. Default 0.02. */
  margin?: number;
  /** What stands in for the real image; default "swapped". */
  against?: ImageCondition;
  cluster?: ClusterSetting;
  from?: string;
  to?: string;
}

/**
 * Whether a stage that trains on images uses them. All four must hold:
 * - `image-used`: the new model is better with the real image than with another one;
 * - `reliance-kept` and `sensitivity-kept`: neither is lower than before by more than the margin;
 * - `gain-from-image`: where accuracy has gone up, it has gone up more with the real image than with another one. A gain that is no larger than
 *   with the wrong image came from the text.
 */
export function imageUseGate(before: Scored, after: Scored, settings: GateSettings = {}): GateResult {
  const { margin = 0.02, against = "swapped", cluster = "auto" } = settings;
  const [a, b] = [scoresOf(before, cluster), scoresOf(after, cluster)];
  const names = { from: settings.from ?? a.name, to: settings.to ?? b.name };
  const same = { ...settings, ...names, against, cluster };
  const own = reliance(b, same);
  const more = relianceDifference(a, b, same);
  const moved = sensitivityDifference(a, b, same);
  const gain = compare(a, b, { ...same, images: "real" });
  const blind = compare(a, b, { ...same, images: against });
  const checks: GateCheck[] = [
    check("image-used", own, own.low > 0 ? "passed" : own.high < 0 ? "failed" : "open", {
      passed: `${names.to} is better with the real image than with a ${against} one`,
      failed: `${names.to} is better with a ${against} image than with the real one`,
      open: `${names.to} is not shown to be better with the real image than with a ${against} one`,
    }),
    kept("reliance-kept", more, margin, "what the real image is worth"),
    kept("sensitivity-kept", moved, margin, "the share of answers that change with the image"),
    check("gain-from-image", more, gainStatus(gain, blind, more), {
      "not-applicable":
        "accuracy with the real image is not shown to have gone up, so there is no gain to explain",
      passed: `the gain is larger with the real image than with a ${against} one`,
      failed: `accuracy has gone up with a ${against} image too, and not shown to have gone up more with the real one: the gain comes from the text`,
      open: `the gain is not shown to be larger with the real image than with a ${against} one: ask more questions`,
    }),
  ];
  return { gate: "image-use", ...names, margin, passed: checks.every(holds), checks };
}

/** Whether a stage is no worse on a set with images, with a margin: for Stage I, which trains on text alone. */
export function regressionGate(
  before: Scored,
  after: Scored,
  settings: GateSettings & { images?: ImageCondition } = {},
): GateResult {
  const { margin = 0.02, images = "real" } = settings;
  const difference = compare(before, after, { ...settings, images });
  const checks = [kept("accuracy-kept", difference, margin, `accuracy with ${images} images`)];
  return {
    gate: "no-regression",
    from: difference.from,
    to: difference.to,
    margin,
    passed: checks.every(holds),
    checks,
  };
}

/** A gain must be larger with the real image. Where one is shown with the wrong image, and no more with the real one, it came from the text. */
function gainStatus(gain: Difference, blind: Difference, more: Difference): GateStatus {
  if (gain.low <= 0) return "not-applicable";
  if (more.low > 0) return "passed";
  return blind.low > 0 ? "failed" : "open";
}

const holds = ({ status }: GateCheck) => status === "passed" || status === "not-applicable";

function kept(name: string, difference: Difference, margin: number, what: string): GateCheck {
  const points = `${(margin * 100).toFixed(1)} points`;
  return check(
    name,
    difference,
    ({ shown: "passed", refuted: "failed", open: "open" } as const)[nonInferiority(difference, margin)],
    {
      passed: `${what} is not lower by more than ${points}`,
      failed: `${what} is lower by more than ${points}`,
      open: `${what} is not shown to be within ${points}: ask more questions`,
    },
  );
}

function check(
  name: string,
  { difference, low, high }: Pick<Difference, "difference" | "low" | "high">,
  status: GateStatus,
  says: Partial<Record<GateStatus, string>>,
): GateCheck {
  return { name, status, difference, low, high, says: says[status]! };
}
