import { type WardDiagnosis, wardDiagnoses } from "./diagnoses.ts";
import { shuffled } from "./draw.ts";
import { wardFact, wardFacts } from "./facts.ts";
import { wardFinding, wardFindings } from "./findings.ts";
import { diagnosesOf } from "./held-out.ts";
import type { WardFinding } from "./images/kinds.ts";
import type { Random } from "./images/random.ts";
import { WARD_IMAGE_PLACE } from "./prompt.ts";
import { type WardFactor, type WardGroup, wardFactors, wardGroup, wardGroups } from "./treatments.ts";

/** Rules as sentences: between two and four of them, each about one rule. A diagnosis is never named beside a factor. */
export function rulePassage(random: Random): string {
  return Array.from({ length: random.integer(2, 4) }, () => ruleSentence(random)).join("\n");
}

/**
 * Rules as a paragraph about one thing, as in a textbook: a diagnosis and its treatment, or a group and what it means for patients. Sentences that belong
 * together stand together, so that going on from one to the next is learnt as well. A diagnosis is never named beside a factor.
 */
export function ruleParagraph(random: Random): string {
  const at = random.unit();
  if (at < 0.6) {
    const diagnosis = random.pick(wardDiagnoses);
    return [diagnosisSentence(random, diagnosis), groupSentence(random, diagnosis)].join("\n");
  }
  if (at < 0.9) {
    const group = random.pick(wardGroups);
    const factors = shuffled(random, wardFactors).slice(0, random.integer(2, 3));
    return factors.map((factor) => drugSentence(random, group, factor)).join("\n");
  }
  return factSentence(random);
}

/**
 * The rules of one diagnosis on request, beside a picture of something else: with a picture in view, too, what is told next follows from what was said, not from the
 * picture. No chart and no state of the patient stand there.
 */
export function ruleTold(random: Random): { prompt: string; completion: string; besides: WardFinding } {
  const diagnosis = random.pick(wardDiagnoses);
  const { id } = random.pick(wardFindings.filter((finding) => finding.id !== diagnosis.finding));
  return {
    prompt: `picture: ${WARD_IMAGE_PLACE}\nnot here: ${diagnosis.name}. tell about it.`,
    completion: `${diagnosisSentence(random, diagnosis)}\n${groupSentence(random, diagnosis)}`,
    besides: id,
  };
}

function ruleSentence(random: Random): string {
  const at = random.unit();
  if (at < 0.4) return diagnosisSentence(random, random.pick(wardDiagnoses));
  if (at < 0.65) return groupSentence(random, random.pick(wardDiagnoses));
  if (at < 0.88) return drugSentence(random, random.pick(wardGroups), random.pick(wardFactors));
  return factSentence(random);
}

/** Two of the wordings are those of chains; the others say the same from other sides. */
function diagnosisSentence(random: Random, { finding, fact, name }: WardDiagnosis): string {
  const seen = wardFinding(finding).name;
  const { meaning } = wardFact(fact);
  return random.pick([
    `${seen} with ${meaning} is ${name}.`,
    `${seen} and ${meaning} make ${name}.`,
    `${name} is ${seen} with ${meaning}.`,
    `when a patient has ${seen} and also ${meaning}, think of ${name}.`,
    `${meaning} with ${seen} is ${name}.`,
  ]);
}

function groupSentence(random: Random, diagnosis: WardDiagnosis): string {
  const group = wardGroup(diagnosis.group).name;
  return random.pick([
    `${diagnosis.name} needs ${group}.`,
    `${diagnosis.name} calls for ${group}.`,
    `the treatment of ${diagnosis.name} is ${group}.`,
    `${group} is for ${diagnosis.name}.`,
  ]);
}

function drugSentence(random: Random, group: WardGroup, factor: WardFactor): string {
  const { drug } = group.choices[factor.id];
  return random.pick([
    `${group.name} when ${factor.name} is ${drug}.`,
    `${factor.name}, so ${group.name} is ${drug}.`,
    `${drug} is ${group.name} for a patient who is ${factor.name}.`,
    `a patient who is ${factor.name} and needs ${group.name} gets ${drug}.`,
  ]);
}

function factSentence(random: Random): string {
  const fact = random.pick(wardFacts);
  const value = random.pick(fact.abnormal);
  return random.pick([
    `${fact.name} ${value} means ${fact.meaning}.`,
    `${fact.name} ${value} is ${fact.meaning}.`,
    `${fact.name} ${random.pick(fact.normal)} is normal.`,
  ]);
}

/** One rule as a question with four options. Rules of finding and fact are asked for combinations of training only. */
export function ruleChoice(random: Random): { prompt: string; completion: string } {
  const at = random.unit();
  if (at < 0.4) {
    const rule = random.pick(diagnosesOf("train"));
    const others = wardDiagnoses.filter((diagnosis) => diagnosis !== rule).map(({ name }) => name);
    return choice(
      random,
      `what is ${wardFinding(rule.finding).name} with ${wardFact(rule.fact).meaning}?`,
      rule.name,
      others,
    );
  }
  if (at < 0.65) {
    const rule = random.pick(wardDiagnoses);
    const right = wardGroup(rule.group);
    const others = wardGroups.filter((group) => group !== right).map(({ name }) => name);
    return choice(random, `what does ${rule.name} need?`, right.name, others);
  }
  const group = random.pick(wardGroups);
  const factor = random.pick(wardFactors);
  const { drug } = group.choices[factor.id];
  const same = Object.values(group.choices).map((option) => option.drug);
  const others = same.filter((option) => option !== drug);
  return choice(random, `which ${group.name} when ${factor.name}?`, drug, others);
}

function choice(random: Random, asked: string, right: string, others: readonly string[]) {
  const options = shuffled(random, [right, ...shuffled(random, others).slice(0, 3)]);
  return { prompt: `${asked}\noptions: ${options.join("; ")}`, completion: `\\boxed{${right}}` };
}
