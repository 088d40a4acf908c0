import {
  type AdafactorSettings,
  type AdamWSettings,
  adafactorBeta2,
  adafactorShapes,
  adamWScalars,
} from "@mede2/nn";

/** How an update is computed; `adafactor` in the place of AdamW, `eightBit` moments outside the graph (`eight-bit-update.ts`). */
export type OptimiserSettings = AdamWSettings & {
  readonly adafactor?: AdafactorSettings;
  readonly eightBit?: boolean;
};

/** Narrows to the settings of Adafactor. */
export function isAdafactor(
  settings: OptimiserSettings,
): settings is OptimiserSettings & { readonly adafactor: AdafactorSettings } {
  return settings.adafactor !== undefined;
}

/** Shapes of what an optimiser keeps of a parameter. */
export function momentShapes(
  settings: OptimiserSettings,
  shape: readonly number[],
): readonly [first: readonly number[], second: readonly number[]] {
  return isAdafactor(settings) ? adafactorShapes(shape) : [shape, shape];
}

/** The scalars of step `step` (from 1) that an update takes. */
export function stepScalars(
  settings: OptimiserSettings,
  step: number,
  learningRate: number,
): Readonly<Record<string, number>> {
  return isAdafactor(settings)
    ? { learningRate, beta2: adafactorBeta2(step, settings.adafactor) }
    : adamWScalars(step, learningRate, settings.betas);
}
