import { wardCitations } from "./citations.ts";
import { wardDiagnoses } from "./diagnoses.ts";
import { wardFact, wardFacts } from "./facts.ts";
import { wardFinding } from "./findings.ts";
import { combinationSet } from "./held-out.ts";
import { wardFactors, wardGroup, wardGroups } from "./treatments.ts";

/**
 * The tables of docs/ward.md, written from the data of the rules so that the two cannot drift; a test compares them, and with
 * MEDE2_UPDATE_DOCS=1 it writes them.
 */
export function wardRuleTables(): string {
  const number = new Map(Object.keys(wardCitations).map((id, index) => [id, index + 1]));
  const cite = (...ids: readonly string[]): string =>
    [...new Set(ids)].map((id) => `[${number.get(id)}]`).join(" ");
  return [
    "### Facts: which value means what",
    "",
    table(
      ["chart", "unit", "abnormal", "values used", "normal values used", "means", "source"],
      wardFacts.map((fact) => [
        fact.name,
        fact.unit,
        fact.threshold,
        range(fact.abnormal),
        range(fact.normal),
        fact.meaning,
        cite(fact.source),
      ]),
    ),
    "",
    "### Finding and fact to diagnosis, diagnosis to group",
    "",
    "*Set*: `train` is seen in both stages; `test` and `dev` are held out by combination. The first source is for the diagnosis, the last for the group.",
    "",
    table(
      ["finding", "fact", "diagnosis", "group", "never shown as normal", "set", "sources"],
      wardDiagnoses.map((rule) => [
        wardFinding(rule.finding).name,
        wardFact(rule.fact).meaning,
        rule.name,
        wardGroup(rule.group).name,
        rule.neverNormal.map((id) => wardFact(id).name).join(", ") || "–",
        combinationSet(rule),
        cite(rule.source, rule.treatmentSource),
      ]),
    ),
    "",
    "### Group and state of the patient to the answer",
    "",
    table(
      ["group", "state", "answer", "why", "source"],
      wardGroups.flatMap((group) =>
        wardFactors.map((factor) => {
          const { drug, why, source } = group.choices[factor.id];
          return [group.name, factor.name, drug, why, cite(source)];
        }),
      ),
    ),
    "",
    "### Sources",
    "",
    ...Object.values(wardCitations).map((text, index) => `${index + 1}. ${text}`),
  ].join("\n");
}

function range(values: readonly string[]): string {
  return `${values[0]} to ${values[values.length - 1]}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
