/** Something in a workspace that may be deleted. */
export type Unneeded = {
  readonly kind: "checkpoint" | "image" | "leftover";
  /** Relative to the workspace. */
  readonly path: string;
  readonly bytes: number;
  readonly reason: string;
};
