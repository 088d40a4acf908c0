import { type WardDiagnosis, wardDiagnosis } from "./diagnoses.ts";
import { draw, type WardDraw } from "./draw.ts";
import type { WardFactId } from "./facts.ts";
import { findingLook, wardFinding } from "./findings.ts";
import type { WardFinding, WardImageKind } from "./images/kinds.ts";
import { randomStream } from "./images/random.ts";
import { isWardSplit, type WardSplit } from "./splits.ts";
import { type WardFactorId, type WardGroupId, wardDrug, wardFactor } from "./treatments.ts";
import type { WardValue } from "./ward-value.ts";

/** One case: what is shown, what is known, what is right. The same split, seed and index always give the same case. */
export interface WardCase {
  /** `<split>-<seed>-<index>`; `wardCaseOf` turns it into the case again. */
  readonly id: string;
  readonly split: WardSplit;
  readonly kind: WardImageKind;
  readonly finding: WardFinding;
  readonly modifier: string;
  readonly imageSeed: number;
  /** The picture in words that never name the finding: what stands in its place in the text form. */
  readonly look: string;
  readonly fact: WardFactId;
  /** The decisive value, such as "46" or "220/130". */
  readonly value: string;
  readonly diagnosis: string;
  readonly group: WardGroupId;
  readonly factor: WardFactorId;
  /** A name: one of the options. */
  readonly answer: string;
  readonly options: readonly [string, string, string, string];
  /** The finding that was not tossed: with the same fact it leads to `otherGroup`. */
  readonly otherFinding: WardFinding;
  readonly otherDiagnosis: string;
  readonly otherGroup: WardGroupId;
  readonly otherFactor: WardFactorId;
  readonly age: number;
  readonly sex: "man" | "woman";
  readonly history: string;
  readonly factorPhrase: string;
  /** Four values in the order of the stem, one of them decisive. */
  readonly values: readonly WardValue[];
  /** A picture of another time, in words: a distractor in 40 % of the cases. */
  readonly earlier: { readonly finding: WardFinding; readonly look: string; readonly time: string } | null;
}

/** Which side of the two tosses is real. Given only to show what a toss changes; drawn from the seed otherwise. */
export interface WardTosses {
  readonly diagnosis: 0 | 1;
  readonly factor: 0 | 1;
}

/** Case number `index` of a split under a seed. Throws a RangeError for a negative or fractional seed or index. */
export function wardCase(split: WardSplit, seed: number, index: number, tosses?: WardTosses): WardCase {
  for (const [name, value] of [
    ["seed", seed],
    ["index", index],
  ] as const)
    if (!Number.isSafeInteger(value) || value < 0)
      throw new RangeError(`the ${name} of a ward case must be a whole number from 0: got ${value}`);
  const drawn = draw(split, seed, index);
  const coin = randomStream(seed, `ward/${split}/${index}/tosses`);
  const diagnosisSide = coin.chance(0.5) ? 1 : 0;
  const factorSide = coin.chance(0.5) ? 1 : 0;
  return settle(drawn, split, seed, index, tosses ?? { diagnosis: diagnosisSide, factor: factorSide });
}

function settle(
  drawn: WardDraw,
  split: WardSplit,
  seed: number,
  index: number,
  tosses: WardTosses,
): WardCase {
  const { situation } = drawn;
  const real = situation.diagnoses[tosses.diagnosis];
  const other = situation.diagnoses[tosses.diagnosis === 0 ? 1 : 0];
  const factor = situation.factors[tosses.factor];
  const otherFactor = situation.factors[tosses.factor === 0 ? 1 : 0];
  const picture = randomStream(seed, `ward/${split}/${index}/picture`);
  const entry = wardFinding(real.finding);
  const modifier = picture.pick(entry.modifiers);
  const imageSeed = picture.word();
  const look = findingLook(real.finding, modifier, picture.integer(0, entry.looks.length - 1));
  return {
    id: `${split}-${seed}-${index}`,
    split,
    kind: entry.kind,
    finding: real.finding,
    modifier,
    imageSeed,
    look,
    fact: situation.fact,
    value: drawn.values.find((value) => value.decisive)!.value,
    diagnosis: real.name,
    group: real.group,
    factor,
    answer: wardDrug(real.group, factor),
    options: optionsOf(drawn),
    otherFinding: other.finding,
    otherDiagnosis: other.name,
    otherGroup: other.group,
    otherFactor,
    age: drawn.age,
    sex: drawn.sex,
    history: drawn.history,
    factorPhrase: wardFactor(factor).phrases[drawn.phrase]!,
    values: drawn.values,
    earlier: drawn.earlier,
  };
}

/** Both groups with both factors, in an order that knows nothing of the tosses. */
function optionsOf({ situation, order }: WardDraw): [string, string, string, string] {
  const all = situation.diagnoses.flatMap((diagnosis) =>
    situation.factors.map((factor) => wardDrug(diagnosis.group, factor)),
  );
  return order.map((position) => all[position]!) as [string, string, string, string];
}

/** `count` cases of a split: those of index `from` (default 0) and after. */
export function wardCases(options: {
  split: WardSplit;
  count: number;
  seed: number;
  from?: number;
}): WardCase[] {
  return [...wardCaseStream(options)];
}

/** The same, one at a time; without `count` it does not end. */
export function* wardCaseStream(options: {
  split: WardSplit;
  seed: number;
  count?: number;
  from?: number;
}): Generator<WardCase> {
  const from = options.from ?? 0;
  const end = from + (options.count ?? Number.POSITIVE_INFINITY);
  for (let index = from; index < end; index++) yield wardCase(options.split, options.seed, index);
}

/** The case with this id, or undefined when the id is none of the ward's. */
export function wardCaseOf(id: string): WardCase | undefined {
  const match = /^([a-z0-9-]+)-(\d{1,15})-(\d{1,15})$/.exec(id);
  if (match === null || !isWardSplit(match[1]!)) return undefined;
  return wardCase(match[1], Number(match[2]), Number(match[3]));
}

/** The rule that a case turns on. */
export function diagnosisOf(wardCase: Pick<WardCase, "finding" | "fact">): WardDiagnosis {
  return wardDiagnosis(wardCase.finding, wardCase.fact)!;
}
