import { diagnosisOf, type WardCase } from "./case.ts";
import { wardDiagnosis } from "./diagnoses.ts";
import { mentionsOf, type WardMention } from "./mentions.ts";
import { partsOf } from "./trace-parts.ts";
import { wardDrug } from "./treatments.ts";

/** A link of the chain: right, wrong, or not there. */
export type WardLink = "right" | "wrong" | "absent";

/** What a text says, link by link. Right means true of the case; `follows` speaks of the text alone. */
export interface WardTraceCheck {
  /** The finding in the picture, as first named. */
  readonly finding: WardLink;
  readonly modifier: WardLink;
  /** The value that the reading rests on: the decisive one, as the chart has it. */
  readonly value: WardLink;
  /** What the cited value means. */
  readonly meaning: WardLink;
  readonly diagnosis: WardLink;
  readonly group: WardLink;
  readonly factor: WardLink;
  /** The drug that the reasoning concludes. */
  readonly drug: WardLink;
  /** The boxed name. */
  readonly answer: WardLink;
  /** Another group of the options weighed, with a finding that leads there and is not claimed. */
  readonly alternative: WardLink;
  /** A sentence "check: …" that cites the chart as it is and the drug concluded. */
  readonly check: WardLink;
  /** The diagnosis is the rule's for the finding and the fact that the text names. False when one of the three is absent. */
  readonly diagnosisFollows: boolean;
  readonly groupFollows: boolean;
  /** The drug is the rule's for the group and the state that the text names (the stem's state, if it names none). */
  readonly drugFollows: boolean;
  readonly answerFollows: boolean;
  /** Two findings, diagnoses, groups or conclusions are asserted side by side, or the modifier changes. */
  readonly contradiction: boolean;
  /** Names in order: what each link rests on. */
  readonly named: {
    readonly finding: string | null;
    readonly value: string | null;
    readonly meaning: string | null;
    readonly diagnosis: string | null;
    readonly group: string | null;
    readonly factor: string | null;
    readonly drug: string | null;
    readonly answer: string | null;
  };
  readonly findingRight: boolean;
  /** The diagnosis is one of the finding that the text named (true or not). */
  readonly carried: boolean;
  /** At least one value is cited, and each cited value stands in the stem. */
  readonly valuesInStem: boolean;
  /** Every link from finding to answer is right and follows, nothing cited is invented, nothing contradicts. */
  readonly trueConsistentChain: boolean;
}

type Of<K extends WardMention["is"]> = Extract<WardMention, { is: K }>;

/** Reads any text against a case. Never throws; linear in the text's length. */
export function checkWardTrace(wardCase: WardCase, text: string): WardTraceCheck {
  const { reasoning, boxed } = partsOf(text);
  const claims = reasoning
    .filter((sentence) => sentence.role === "claim")
    .map(({ text }) => mentionsOf(text));
  const all = claims.flat();
  const finding = first(all, "finding");
  const reading = claims.find((mentions) => first(mentions, "value") !== undefined) ?? [];
  const value = first(reading, "value");
  const meaning = first(reading, "meaning") ?? first(all, "meaning");
  const diagnosis = first(all, "diagnosis");
  const group = first(all, "group");
  const factor = first(all, "factor");
  const drugs = every(all, "drug");
  const drug = drugs[drugs.length - 1];
  const rule = diagnosisOf(wardCase);

  const cited = reasoning.flatMap(({ text }) => every(mentionsOf(text), "value"));
  const inStem = (mention: Of<"value">): boolean =>
    wardCase.values.some(({ fact, value }) => fact === mention.fact.id && value === mention.value);
  const namedFact = meaning?.fact ?? value?.fact;
  const state = factor?.factor.id ?? wardCase.factor;

  const diagnosisFollows =
    finding !== undefined &&
    namedFact !== undefined &&
    diagnosis !== undefined &&
    wardDiagnosis(finding.finding.id, namedFact.id) === diagnosis.diagnosis;
  const groupFollows =
    diagnosis !== undefined && group !== undefined && diagnosis.diagnosis.group === group.group.id;
  const drugFollows =
    group !== undefined && drug !== undefined && wardDrug(group.group.id, state) === drug.drug;
  const answerFollows = boxed !== null && drug !== undefined && boxed === drug.drug;
  const contradiction = contradicts(all) || (boxed !== null && drug !== undefined && boxed !== drug.drug);

  const links = {
    finding: link(finding, finding?.finding.id === wardCase.finding),
    modifier: link(finding?.modifier ?? undefined, finding?.modifier === wardCase.modifier),
    value: link(value, value?.fact.id === wardCase.fact && value.value === wardCase.value),
    meaning: link(
      meaning,
      meaning?.fact.id === wardCase.fact && (value === undefined || value.fact === meaning?.fact),
    ),
    diagnosis: link(diagnosis, diagnosis?.diagnosis === rule),
    group: link(group, group?.group.id === wardCase.group),
    factor: link(factor, factor?.factor.id === wardCase.factor),
    drug: link(drug, drug?.drug === wardCase.answer),
    answer: link(boxed ?? undefined, boxed === wardCase.answer),
    alternative: alternativeOf(wardCase, reasoning, finding, group),
    check: checkOf(reasoning, inStem, drug?.drug ?? boxed),
  };
  const valuesInStem = cited.length > 0 && cited.every(inStem);
  return {
    ...links,
    diagnosisFollows,
    groupFollows,
    drugFollows,
    answerFollows,
    contradiction,
    named: {
      finding: finding?.finding.id ?? null,
      value: value === undefined ? null : `${value.fact.name} ${value.value ?? ""}`.trimEnd(),
      meaning: meaning?.fact.meaning ?? null,
      diagnosis: diagnosis?.diagnosis.name ?? null,
      group: group?.group.name ?? null,
      factor: factor?.factor.name ?? null,
      drug: drug?.drug ?? null,
      answer: boxed,
    },
    findingRight: links.finding === "right",
    carried:
      finding !== undefined && diagnosis !== undefined && diagnosis.diagnosis.finding === finding.finding.id,
    valuesInStem,
    trueConsistentChain:
      links.finding === "right" &&
      links.modifier !== "wrong" &&
      links.value === "right" &&
      links.meaning === "right" &&
      links.diagnosis === "right" &&
      links.group === "right" &&
      links.factor !== "wrong" &&
      links.drug === "right" &&
      links.answer === "right" &&
      links.alternative !== "wrong" &&
      links.check !== "wrong" &&
      valuesInStem &&
      !contradiction,
  };
}

function first<K extends WardMention["is"]>(mentions: readonly WardMention[], is: K): Of<K> | undefined {
  return mentions.find((mention): mention is Of<K> => mention.is === is);
}

function every<K extends WardMention["is"]>(mentions: readonly WardMention[], is: K): Of<K>[] {
  return mentions.filter((mention): mention is Of<K> => mention.is === is);
}

function link(named: unknown, right: boolean): WardLink {
  return named === undefined ? "absent" : right ? "right" : "wrong";
}

function contradicts(claims: readonly WardMention[]): boolean {
  const distinct = (list: readonly unknown[]): number => new Set(list).size;
  const findings = every(claims, "finding");
  return (
    distinct(findings.map(({ finding }) => finding.id)) > 1 ||
    distinct(findings.flatMap(({ modifier }) => modifier ?? [])) > 1 ||
    distinct(every(claims, "diagnosis").map(({ diagnosis }) => diagnosis.name)) > 1 ||
    distinct(every(claims, "group").map(({ group }) => group.id)) > 1 ||
    distinct(every(claims, "factor").map(({ factor }) => factor.id)) > 1 ||
    distinct(every(claims, "drug").map(({ drug }) => drug)) > 1
  );
}

type Sentences = ReturnType<typeof partsOf>["reasoning"];

function alternativeOf(
  wardCase: WardCase,
  reasoning: Sentences,
  claimed: Of<"finding"> | undefined,
  concluded: Of<"group"> | undefined,
): WardLink {
  const sentence = reasoning.find(({ role }) => role === "alternative");
  if (sentence === undefined) return "absent";
  const mentions = mentionsOf(sentence.text);
  const finding = first(mentions, "finding")?.finding.id;
  const group = first(mentions, "group")?.group;
  const offered = wardCase.options.some((option) =>
    Object.values(group?.choices ?? {}).some(({ drug }) => drug === option),
  );
  const leads = finding !== undefined && wardDiagnosis(finding, wardCase.fact)?.group === group?.id;
  return offered && leads && finding !== claimed?.finding.id && group !== concluded?.group
    ? "right"
    : "wrong";
}

function checkOf(
  reasoning: Sentences,
  inStem: (mention: Of<"value">) => boolean,
  concluded: string | null,
): WardLink {
  const sentence = reasoning.find(({ role }) => role === "check");
  if (sentence === undefined) return "absent";
  const mentions = mentionsOf(sentence.text);
  const values = every(mentions, "value");
  const drugs = every(mentions, "drug");
  const right =
    values.length > 0 &&
    values.every(inStem) &&
    drugs.every(({ drug }) => drug === concluded) &&
    drugs.length > 0;
  return right ? "right" : "wrong";
}
