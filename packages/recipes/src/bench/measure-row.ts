import { BenchFault } from "./bench-fault.ts";
import type { BenchRow, BenchTerms } from "./bench-report.ts";
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
  unit: "supervisedTokens" | "pairs" | "newTokens",
  terms: BenchTerms,
  limits: RoundLimits,
  clock: () => number,
): Promise<MeasuredRow> {
  const first = { ours: await ours.ask("step"), theirs: await theirs.ask("step") };
  const firstStepSeconds = { ours: firstStep(ours, first.ours), theirs: firstStep(theirs, first.theirs) };
  const agreement = compareSteps(first.ours, first.theirs, terms);
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

/**
 * Largest relative difference of two computations of the same loss and gradient; smallest share of equal tokens of two greedy generations. Where each side is at its best
 * they may round as they like, but must still be about the same.
 */
const limitsOf: Readonly<Record<BenchTerms, { readonly difference: number; readonly equal: number }>> = {
  float32: { difference: 1e-3, equal: 0.9 },
  best: { difference: 0.1, equal: 0 },
};

/** A bench of two computations that are not the same says nothing. */
export function compareSteps(
  ours: Reply,
  theirs: Reply,
  terms: BenchTerms = "float32",
): BenchRow["agreement"] {
  const most = limitsOf[terms];
  if (Array.isArray(ours.ids) && Array.isArray(theirs.ids)) {
    const [own, peer] = [ours.ids.flat(), theirs.ids.flat()];
    const equal = own.filter((id, n) => id === peer[n]).length / Math.max(own.length, peer.length);
    if (!(equal >= most.equal)) throw differ(`${(100 * equal).toFixed(1)} % of the new tokens are equal`);
    return { kind: "tokens", equal };
  }
  const relative = (own: number, peer: number): number => Math.abs(own - peer) / Math.abs(peer);
  const [loss, norm] = ["loss", "gradientNorm"].map((field) =>
    relative(number(ours, field), number(theirs, field)),
  ) as [number, number];
  const scores = Array.isArray(ours.logProbs) && Array.isArray(theirs.logProbs);
  const scored = scores
    ? (ours.logProbs as number[]).map((own, n) => relative(own, (theirs.logProbs as number[])[n]!))
    : [];
  // the loss of a first preference step is ln 2 whatever is computed: its gradient and log-probabilities tell more
  if (![loss, norm, ...scored].every((each) => each <= most.difference))
    throw differ(
      `loss ${ours.loss} against ${theirs.loss}, gradient norm ${ours.gradientNorm} against ${theirs.gradientNorm}${
        scores ? `, log-probabilities ${ours.logProbs} against ${theirs.logProbs}` : ""
      }`,
    );
  return { kind: "loss", difference: scores ? Math.max(norm, ...scored) : loss };
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
    "bring the peer's program under python/ and this package to the same version",
  );
}
