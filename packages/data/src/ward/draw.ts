import { wardDiagnosis } from "./diagnoses.ts";
import { wardFact, wardFacts } from "./facts.ts";
import { findingLook, wardFinding, wardFindings } from "./findings.ts";
import { combinationSet, type WardCombinationSet } from "./held-out.ts";
import type { WardFinding } from "./images/kinds.ts";
import { type Random, randomStream } from "./images/random.ts";
import { type WardSituation, wardSituations } from "./law.ts";
import { splitLaw, type WardSplit } from "./splits.ts";
import type { WardValue } from "./ward-value.ts";

/** Everything of a case that is drawn before the two tosses, so it cannot betray them. */
export interface WardDraw {
  readonly situation: WardSituation;
  readonly age: number;
  readonly sex: "man" | "woman";
  readonly history: string;
  /** Which of the phrases of the factor, whichever it will be. */
  readonly phrase: number;
  readonly values: readonly WardValue[];
  readonly earlier: { readonly finding: WardFinding; readonly look: string; readonly time: string } | null;
  /** A permutation of 0–3: the order of the options. */
  readonly order: readonly number[];
}

/** Share of the cases with a picture of another time in words. */
const EARLIER = 0.4;
const NORMAL_VALUES = 3;
/** Adults of 56 to 74: from 55 on one antihypertensive rule holds (NICE NG136), to 74 intensive chemotherapy is an option (ELN). */
const AGES = [56, 74] as const;

const histories = [
  "unwell for",
  "tired for",
  "weak for",
  "not eating for",
  "in bed for",
  "losing strength for",
  "sleeping badly for",
].flatMap((complaint) =>
  ["two days", "three days", "five days", "one week", "ten days", "two weeks"].map(
    (time) => `${complaint} ${time}`,
  ),
);
const times = ["last year", "two years ago", "three years ago", "five years ago", "six months ago"];

/** Draws until the stem falls into one of the split's buckets: that keeps the splits apart and does not look at the tosses. */
export function draw(split: WardSplit, seed: number, index: number): WardDraw {
  const { set, buckets } = splitLaw(split);
  for (let attempt = 0; ; attempt++) {
    const random = randomStream(seed, `ward/${split}/${index}/${attempt}`);
    const drawn = drawOnce(random, set);
    if (buckets.includes(bucketOf(drawn))) return drawn;
  }
}

function drawOnce(random: Random, set: WardCombinationSet): WardDraw {
  const situation = pickSituation(set, random.unit());
  return {
    situation,
    age: random.integer(...AGES),
    sex: random.chance(0.5) ? "woman" : "man",
    history: random.pick(histories),
    phrase: random.integer(0, 1),
    values: drawValues(random, situation),
    earlier: random.chance(EARLIER) ? drawEarlier(random, situation) : null,
    order: shuffled(random, [0, 1, 2, 3]),
  };
}

/** The decisive value and three normal ones; normal is no value that would contradict either of the two diagnoses. */
function drawValues(random: Random, situation: WardSituation): WardValue[] {
  const decisive = wardFact(situation.fact);
  const others = wardFacts.filter(
    (fact) =>
      fact !== decisive && !situation.diagnoses.some((diagnosis) => diagnosis.neverNormal.includes(fact.id)),
  );
  const normal = shuffled(random, others)
    .slice(0, NORMAL_VALUES)
    .map((fact): WardValue => ({ fact: fact.id, value: random.pick(fact.normal), decisive: false }));
  return shuffled(random, [
    { fact: decisive.id, value: random.pick(decisive.abnormal), decisive: true },
    ...normal,
  ]);
}

/**
 * The picture of another time: one of the two diagnoses' findings, or any finding that no held-out rule joins to this fact (so that a
 * held-out combination is never seen in training, not even as a distractor).
 */
function drawEarlier(random: Random, situation: WardSituation): WardDraw["earlier"] {
  const two = situation.diagnoses.map((diagnosis) => diagnosis.finding);
  const finding = random.chance(0.5)
    ? random.pick(two)
    : random.pick(
        wardFindings
          .map((entry) => entry.id)
          .filter((id) => {
            const rule = wardDiagnosis(id, situation.fact);
            return rule === undefined || combinationSet(rule) === "train";
          }),
      );
  const entry = wardFinding(finding);
  const modifier = random.pick(entry.modifiers);
  return {
    finding,
    look: findingLook(finding, modifier, random.integer(0, entry.looks.length - 1)),
    time: random.pick(times),
  };
}

const situationCache = new Map<WardCombinationSet, { list: WardSituation[]; upTo: number[] }>();

function pickSituation(set: WardCombinationSet, at: number): WardSituation {
  let cached = situationCache.get(set);
  if (cached === undefined) {
    const list = wardSituations(set);
    let sum = 0;
    cached = {
      list,
      upTo: list.map((situation) => {
        sum += situation.weight;
        return sum;
      }),
    };
    situationCache.set(set, cached);
  }
  const index = cached.upTo.findIndex((upTo) => at < upTo);
  return cached.list[index < 0 ? cached.list.length - 1 : index]!;
}

/** FNV-1a of what the stem shows apart from the factor, modulo 16. */
function bucketOf(drawn: WardDraw): number {
  const text = JSON.stringify([drawn.age, drawn.sex, drawn.history, drawn.values, drawn.earlier]);
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return ((hash ^ (hash >>> 16)) >>> 0) % 16;
}

/** Fisher–Yates, on a copy. */
export function shuffled<T>(random: Random, list: readonly T[]): T[] {
  const copy = [...list];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = random.integer(0, i);
    [copy[i], copy[j]] = [copy[j]!, copy[i]!];
  }
  return copy;
}
