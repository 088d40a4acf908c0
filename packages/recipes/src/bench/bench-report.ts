/** What is measured: steps of fine-tuning (all weights, or an adapter), of preference optimisation with pictures, greedy generation for 1 or 32 prompts at once. */
export const benchWorks = ["sft-full", "sft-lora", "dpo-lora", "generate-1", "generate-32"] as const;
export type BenchWork = (typeof benchWorks)[number];

export const benchModels = ["tiny", "tiny-151936", "30m", "135m"] as const;
export type BenchModel = (typeof benchModels)[number];

/** float32: both sides compute in float32. best: each at its best documented setting for this machine. */
export const benchTerms = ["float32", "best"] as const;
export type BenchTerms = (typeof benchTerms)[number];

export type BenchPeer = "trl" | "ms-swift" | "transformers";

/** A comparison that could not be made, and why. */
export type MissingRow = {
  readonly work: BenchWork;
  readonly model: BenchModel;
  readonly terms: BenchTerms;
  readonly peer: BenchPeer;
  readonly reason: string;
};

/** One comparison on one machine. Rates are medians over the rounds, `ratio` is the median of the rounds' ratios. */
export type BenchRow = {
  readonly work: BenchWork;
  readonly model: BenchModel;
  readonly terms: BenchTerms;
  readonly ours: number;
  readonly theirs: number;
  readonly peer: BenchPeer;
  /** ours / theirs: above 1 we are faster. */
  readonly ratio: number;
  /** 95 % interval of the median ratio by order statistics; the whole range when there are fewer than six rounds. */
  readonly ratioInterval: readonly [number, number];
  /** Floating-point operations that the work needs, a second, divided by what the machine's matrix product reached in the same rounds. */
  readonly floorShare: number;
  /** Peak resident memory of our process divided by the peer's. */
  readonly memoryRatio: number;
  readonly memoryBytes: { readonly ours: number; readonly theirs: number };
  /** From the start of the process to the end of its first step: loading, compiling, and the step. */
  readonly firstStepSeconds: { readonly ours: number; readonly theirs: number };
  readonly unit: "supervised tokens/s" | "pairs/s" | "new tokens/s";
  readonly rounds: number;
  /** How closely both sides agree on the same input: relative difference of the first loss (of preferences: of the gradient's norm), or share of equal new tokens. */
  readonly agreement:
    | { readonly kind: "loss"; readonly difference: number }
    | { readonly kind: "tokens"; readonly equal: number };
  /** What a step works on, in words. */
  readonly batch: string;
  /** How each side was set, in words. */
  readonly settings: { readonly ours: string; readonly theirs: string };
};

export type BenchReport = {
  readonly rows: readonly BenchRow[];
  readonly missing: readonly MissingRow[];
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryBytes: number };
  /** Matrix product of the run in GFLOPS: median over all rounds; null where no row could be measured. */
  readonly gemmGflops: number | null;
  readonly threads: number;
  readonly quick: boolean;
  readonly versions: { readonly [name: string]: string };
  readonly models: { readonly [model: string]: { readonly parameters: number; readonly weights: string } };
  readonly seconds: number;
};
