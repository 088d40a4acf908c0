import type { TrainingPlan } from "@mede2/schemas";
import type { MemorySettings } from "../program/recomputation.ts";
import { TrainerError } from "../trainer-error.ts";

/**
 * What a plan says of the memory of its steps: `settings.recompute` (true: whole layers; "cheap"; false: nothing), or `settings.activationMegabytes`, up to which
 * intermediate results are kept, whatever must be computed again for it. Neither: the trainer's own choice.
 *
 * @throws TrainerError `memory-setting`
 */
export function plannedMemory(settings: TrainingPlan["settings"] = {}): { readonly memory?: MemorySettings } {
  const { recompute, activationMegabytes } = settings;
  if (recompute !== undefined && activationMegabytes !== undefined)
    throw new TrainerError(
      "memory-setting",
      "settings has both recompute and activationMegabytes",
      "leave one of the two out",
    );
  if (activationMegabytes !== undefined) {
    if (typeof activationMegabytes === "number" && activationMegabytes > 0)
      return { memory: { bytes: activationMegabytes * 1e6, most: "layers" } };
    throw new TrainerError(
      "memory-setting",
      `settings.activationMegabytes is ${JSON.stringify(activationMegabytes)}`,
      "give it a number above 0",
    );
  }
  if (recompute === undefined) return {};
  if (recompute === true) return { memory: { recompute: "layers" } };
  if (recompute === false) return { memory: { recompute: "nothing" } };
  if (recompute === "cheap") return { memory: { recompute } };
  throw new TrainerError(
    "memory-setting",
    `settings.recompute is ${JSON.stringify(recompute)}`,
    'give it true, false or "cheap"',
  );
}
