import { BenchFault } from "./bench-fault.ts";
import type { BenchRow } from "./bench-report.ts";
import type { LineWorker, Reply } from "./line-worker.ts";
import { median, medianInterval } from "./order-statistics.ts";

/** How long a row is measured. */
export type RoundLimits = { readonly least: number; readonly most: number; readonly seconds: number };

export type RowWorkers = {
  readonly ours: LineWorker;
  readonly theirs: LineWorker;
  readonly gemm: LineWorker;
};

export type MeasuredRow = Pick<
  BenchRow,
  | "ours"
  | "theirs"
  | "ratio"
  | "ratioInterval"
  | "floorShare"
  | "memoryRatio"
  | "memoryBytes"
  | "firstStepSeconds"
  | "rounds"
  | "agreement"
> & { readonly gemmGflops: readonly number[] };

/**
 * Steps of both sides and of the machine's matrix product, interleaved: what else the machine does meets all of them. Who begins changes from round to round.
 * Each batch is first run once on both sides without being counted, so that nothing is compiled later. `flops[n]`: what batch n needs; `unit`: the field of
 * a step's answer that is counted.
 */
export async function measureRow(
  { ours, theirs, gemm }: RowWorkers,
  flops: readonly number[],
  unit: "supervisedTokens" | "newTokens",
  limits: RoundLimits,
  clock: () => number,
): Promise<MeasuredRow> {
  const first = { ours: await ours.ask("step"), theirs: await theirs.ask("step") };
  const firstStepSeconds = { ours: firstStep(ours, first.ours), theirs: firstStep(theirs, first.theirs) };
  const agreement = compareSteps(first.ours, first.theirs);
  await gemm.ask("step");
  for (let n = 1; n < flops.length; n++) for (const side of [ours, theirs]) await side.ask("step");
  const rates = { ours: [] as number[], theirs: [] as number[], gemm: [] as number[], share: [] as number[] };
  const started = clock();
  let round = 0;
  while (round < limits.least || (round < limits.most && clock() - started < limits.seconds * 1000)) {
    const product = await gemm.ask("step");
    const order = round % 2 === 0 ? ([ours, theirs] as const) : ([theirs, ours] as const);
    const answers = [await order[0].ask("step"), await order[1].ask("step")];
    const [own, peer] = (round % 2 === 0 ? answers : answers.reverse()) as [Reply, Reply];
    if (own[unit] !== peer[unit]) throw differ(`${own[unit]} ${unit} against ${peer[unit]}`);
    rates.ours.push(number(own, unit) / number(own, "seconds"));
    rates.theirs.push(number(peer, unit) / number(peer, "seconds"));
    rates.gemm.push(number(product, "flops") / number(product, "seconds"));
    rates.share.push(flops[round % flops.length]! / number(own, "seconds") / rates.gemm.at(-1)!);
    round += 1;
  }
  const ratios = rates.ours.map((rate, n) => rate / rates.theirs[n]!);
  const memoryBytes = { ours: await ours.peakBytes(), theirs: await theirs.peakBytes() };
  return {
    ours: median(rates.ours),
    theirs: median(rates.theirs),
    ratio: median(ratios),
    ratioInterval: medianInterval(ratios),
    floorShare: median(rates.share),
    memoryRatio: memoryBytes.ours / memoryBytes.theirs,
    memoryBytes,
    firstStepSeconds,
    rounds: round,
    agreement,
    gemmGflops: rates.gemm.map((rate) => rate / 1e9),
  };
}

/** Loading, until the worker was ready, and its first step. Workers start one after the other and wait for each other in between. */
function firstStep(worker: LineWorker, step: Reply): number {
  return (worker.readyAt - worker.startedAt) / 1000 + number(step, "seconds");
}

/** Largest relative difference of two float32 computations of the same loss and gradient; smallest share of equal tokens of two greedy generations. */
const [mostDifference, leastEqual] = [1e-3, 0.9];

/** A bench of two computations that are not the same says nothing. */
export function compareSteps(ours: Reply, theirs: Reply): BenchRow["agreement"] {
  if (Array.isArray(ours.ids) && Array.isArray(theirs.ids)) {
    const [own, peer] = [ours.ids.flat(), theirs.ids.flat()];
    const equal = own.filter((id, n) => id === peer[n]).length / Math.max(own.length, peer.length);
    if (!(equal >= leastEqual)) throw differ(`${(100 * equal).toFixed(1)} % of the new tokens are equal`);
    return { kind: "tokens", equal };
  }
  const relative = (field: string): number =>
    Math.abs(number(ours, field) - number(theirs, field)) / Math.abs(number(theirs, field));
  const difference = relative("loss");
  if (!(difference <= mostDifference && relative("gradientNorm") <= mostDifference))
    throw differ(
      `loss ${ours.loss} against ${theirs.loss}, gradient norm ${ours.gradientNorm} against ${theirs.gradientNorm}`,
    );
  return { kind: "loss", difference };
}

function differ(what: string): BenchFault {
  return new BenchFault(
    "sides-differ",
    `the two sides do not compute the same: ${what}`,
    "check the versions of the peer's environment (scripts/parity-env.sh) and run scripts/parity.mjs",
  );
}

function number(reply: Reply, field: string): number {
  const value = reply[field];
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new BenchFault(
    "worker-failed",
    `a worker answered without a number ${field}: ${JSON.stringify(reply).slice(0, 200)}`,
    "bring python/bench_peer.py and this package to the same version",
  );
}
