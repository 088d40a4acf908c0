/** What is measured: a full fine-tuning step, or greedy generation for 1 or 32 prompts at once. */
export type BenchWork = "sft-full" | "generate-1" | "generate-32";

export type BenchModel = "tiny" | "30m";

/** One comparison on one machine. Rates are medians over the rounds, `ratio` is the median of the rounds' ratios. */
export type BenchRow = {
  readonly work: BenchWork;
  readonly model: BenchModel;
  /** float32: both sides compute in float32. */
  readonly terms: "float32";
  readonly ours: number;
  readonly theirs: number;
  readonly peer: "transformers";
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
  readonly unit: "supervised tokens/s" | "new tokens/s";
  readonly rounds: number;
  /** How closely both sides agree on the same input: relative difference of the first loss, or share of equal new tokens. */
  readonly agreement:
    | { readonly kind: "loss"; readonly difference: number }
    | { readonly kind: "tokens"; readonly equal: number };
  /** What a step works on, in words. */
  readonly batch: string;
};

export type BenchReport = {
  readonly rows: readonly BenchRow[];
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryBytes: number };
  /** Matrix product of the run in GFLOPS: median over all rounds. */
  readonly gemmGflops: number;
  readonly threads: number;
  readonly quick: boolean;
  readonly versions: { readonly [name: string]: string };
  readonly models: { readonly [model: string]: { readonly parameters: number; readonly weights: string } };
  readonly seconds: number;
};
