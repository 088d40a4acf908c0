/** How long the steps of a demo take on two cores, relative to each other; measured once for each form. */
export type StepSeconds = Readonly<Record<string, number>>;

const evaluations = (each: number): StepSeconds =>
  Object.fromEntries(
    ["combination", "case"].flatMap((set) =>
      ["base", "stage1", "stage2"].map((stage) => [
        `evaluating ${stage}, by ${set}`,
        stage === "base" ? each / 2 : each,
      ]),
    ),
  );

export const stepSeconds: Readonly<Record<"quick" | "full", StepSeconds>> = {
  quick: {
    ...{ data: 2, "stage 1": 45, sampling: 20, pairs: 2, "stage 2": 25 },
    ...{ "base, direct prompt": 2, "base, reason prompt": 4 },
    ...evaluations(10),
  },
  full: {
    ...{ data: 8, "stage 1": 45, sampling: 90, pairs: 5, "stage 2": 90 },
    ...{ "base, direct prompt": 3, "base, reason prompt": 8 },
    ...evaluations(45),
  },
};

/** Seconds of the table that count as seen before anything is: early guesses stay near it. */
const trust = 15;

/**
 * Seconds left, from what each step is known to take and from how fast this machine was at what it really did. Steps that were done
 * before this start tell nothing about its speed.
 */
export function timeLeft(
  steps: StepSeconds,
): (step: string, done: number, total: number, seconds: number) => number {
  const order = Object.keys(steps);
  let [seen, took] = [trust, trust];
  let last: { step: string; share: number; seconds: number } | undefined;
  return (step, done, total, seconds) => {
    const share = total > 0 ? Math.min(1, done / total) : 0;
    if (last?.step === step && share > last.share) {
      seen += (share - last.share) * (steps[step] ?? 0);
      took += seconds - last.seconds;
    }
    if (last?.step !== step || share > last.share) last = { step, share, seconds };
    const at = order.indexOf(step);
    const rest = order.slice(at + 1).reduce((sum, name) => sum + steps[name]!, 0);
    return (took / seen) * ((1 - share) * (steps[step] ?? 0) + rest);
  };
}
