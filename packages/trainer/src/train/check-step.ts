import type { RunWriter } from "@mede2/runs";
import type { StepResult } from "../program/stepper.ts";
import { TrainerError } from "../trainer-error.ts";

/** Stops a run whose numbers cannot be trusted: a loss that is no number, or a first preference step that does not start at the reference. */
export function checkStep(
  writer: RunWriter,
  result: StepResult,
  step: number,
  atStart: number | undefined,
): void {
  if (!Number.isFinite(result.loss) || !Number.isFinite(result.gradientNorm))
    throw new TrainerError(
      "loss-not-finite",
      `step ${step}: loss ${result.loss}, gradient norm ${result.gradientNorm}`,
      "lower the learning rate, or look at the data of this step; resume goes on from the last checkpoint",
    );
  if (step !== 1 || atStart === undefined) return;
  const preference = result.loss - result.likelihood;
  if (Math.abs(preference - atStart) < 1e-3) return;
  const cause = "the reference is not the model that the run starts from";
  writer.append({
    type: "invariant-broken",
    name: "preference-loss-at-start",
    expected: atStart,
    actual: preference,
    cause,
  });
  throw new TrainerError(
    "invariant-broken",
    `the preference loss of the first step is ${preference.toFixed(4)} and should be ${atStart.toFixed(4)}: ${cause}`,
    "set reference to the folder that model (with adapter) names",
  );
}
