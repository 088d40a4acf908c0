import type { WardCase } from "./case.ts";
import { wardDiagnoses } from "./diagnoses.ts";
import { wardFact } from "./facts.ts";
import { wardFinding } from "./findings.ts";
import { diagnosesOf } from "./held-out.ts";
import type { Random } from "./images/random.ts";
import { wardStem } from "./prompt.ts";
import { noWords, say } from "./sentences.ts";
import { wardFactor, wardGroup, wardGroups } from "./treatments.ts";

/** One rule applied, in the words of a chain. */
export interface ApplyItem {
  readonly prompt: string;
  readonly completion: string;
}

/**
 * A single rule, asked for under a stem that has nothing to do with it: the last line says what the rule starts from. So the rule is applied to what was said, not to what usually
 * goes with the case. No two rules follow each other here; that is left to Stage I. A held-out combination is never asked for, and a diagnosis never beside a factor of its own.
 */
export function applyRule(random: Random, drawn: WardCase, form: "image" | "text"): ApplyItem {
  const stem = wardStem(drawn, form);
  const at = random.unit();
  if (at < 0.25) {
    const rule = random.pick(diagnosesOf("train"));
    const words = {
      ...noWords,
      bareFinding: wardFinding(rule.finding).name,
      meaning: wardFact(rule.fact).meaning,
      diagnosis: rule.name,
    };
    return {
      prompt: `${words.bareFinding}, ${words.meaning}.\nwhat is it?`,
      completion: say("diagnosis", words, random),
    };
  }
  if (at < 0.6) {
    const rule = random.pick(wardDiagnoses);
    const words = { ...noWords, diagnosis: rule.name, group: wardGroup(rule.group).name };
    // alone: a stem names a state of the patient, and a diagnosis must not stand beside one
    return {
      prompt: `${withoutPatient(stem)}\nit is ${rule.name}.\nwhat is needed?`,
      completion: say("group", words, random),
    };
  }
  const group = random.pick(wardGroups);
  const factor = wardFactor(drawn.factor);
  const words = { ...noWords, group: group.name, factor: factor.name, drug: group.choices[factor.id].drug };
  return { prompt: `${stem}\n${group.name} is needed.\nwhich one?`, completion: say("drug", words, random) };
}

/**
 * The end of a chain for a group that is given, the right one or the other of the options: which drug, what is checked, the answer. So an answer follows from what was
 * said before it, not from what is usually the answer to such a case. One rule is applied, and half of the answers are not those of the question.
 */
export function concludeFrom(random: Random, drawn: WardCase, form: "image" | "text"): ApplyItem {
  const group = wardGroup(random.chance(0.5) ? drawn.group : drawn.otherGroup);
  const factor = wardFactor(drawn.factor);
  const fact = wardFact(drawn.fact);
  const words = {
    ...noWords,
    chart: `${fact.name} ${drawn.value}`,
    group: group.name,
    factor: factor.name,
    drug: group.choices[factor.id].drug,
  };
  return {
    prompt: `${wardStem(drawn, form)}\noptions: ${drawn.options.join("; ")}\nsuppose ${group.name} is needed. conclude.`,
    completion: `${say("drug", words, random)}\n${say("check", words, random)}\n\n${say("answer", words, random)}`,
  };
}

/** Picture and chart of a stem, its first and last line: nothing about the patient's state. */
function withoutPatient(stem: string): string {
  const lines = stem.split("\n");
  return `${lines[0]}\n${lines.at(-1)}`;
}
