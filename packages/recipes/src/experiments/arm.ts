import type { ArmContext } from "./experiment-settings.ts";

/** One way of training: which checkpoint it ends with, how that is asked, and which stage it stands beside. */
export type Arm = {
  readonly name: string;
  readonly about: string;
  readonly style: "reason" | "direct";
  readonly against: "stage1" | "stage2";
  /** Trains, or takes over, and returns the checkpoint. */
  readonly train: (context: ArmContext) => Promise<string>;
};
