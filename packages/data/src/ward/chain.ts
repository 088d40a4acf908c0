import type { WardCase } from "./case.ts";
import { wardFact } from "./facts.ts";
import { findingName, wardFinding } from "./findings.ts";
import { randomStream } from "./images/random.ts";
import { say, type WardSentence } from "./sentences.ts";
import { wardFactor, wardGroup } from "./treatments.ts";

/** Share of the reference chains without the alternative, and without the check: for the preference to have something to prefer. */
const WITHOUT_ALTERNATIVE = 0.15;
const WITHOUT_CHECK = 0.15;

export interface WardChainOptions {
  seed: number;
  /** Whether the other group is weighed; drawn (85 %) when absent. */
  alternative?: boolean;
  /** Whether the chain checks itself; drawn (85 %) when absent. */
  check?: boolean;
}

/**
 * The reference chain: finding, fact, three rules, alternative, check, answer, in the one format that we write. The wording of each sentence
 * is drawn from the seed.
 */
export function wardChain(wardCase: WardCase, options: WardChainOptions): string {
  const random = randomStream(options.seed, `ward/chain/${wardCase.id}`);
  const alternative = options.alternative ?? !random.chance(WITHOUT_ALTERNATIVE);
  const check = options.check ?? !random.chance(WITHOUT_CHECK);
  const order: WardSentence[] = ["finding", "fact", "diagnosis", "group", "drug"];
  if (alternative) order.push("alternative");
  if (check) order.push("check");
  const fact = wardFact(wardCase.fact);
  const words = {
    finding: findingName(wardCase.finding, wardCase.modifier),
    bareFinding: wardFinding(wardCase.finding).name,
    chart: `${fact.name} ${wardCase.value}`,
    meaning: fact.meaning,
    diagnosis: wardCase.diagnosis,
    group: wardGroup(wardCase.group).name,
    factor: wardFactor(wardCase.factor).name,
    drug: wardCase.answer,
    otherGroup: wardGroup(wardCase.otherGroup).name,
    otherFinding: wardFinding(wardCase.otherFinding).name,
  };
  const sentences = order.map((sentence) => say(sentence, words, random));
  return `<think>\n${sentences.join("\n")}\n</think>\n\n${say("answer", words, random)}`;
}

/** The bare answer, for the direct style. */
export function wardDirectAnswer(wardCase: WardCase): string {
  return `\\boxed{${wardCase.answer}}`;
}
