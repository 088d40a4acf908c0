import { type WardDiagnosis, wardDiagnoses } from "./diagnoses.ts";
import { type WardFact, wardFacts } from "./facts.ts";
import { type WardFindingEntry, wardFindings } from "./findings.ts";
import { type WardFactor, type WardGroup, wardFactors, wardGroups } from "./treatments.ts";

/** Something of the ward's vocabulary, found in a text. `at` and `end` count words of the sentence. */
export type WardMention = { readonly at: number; readonly end: number } & (
  | { readonly is: "finding"; readonly finding: WardFindingEntry; readonly modifier: string | null }
  | { readonly is: "value"; readonly fact: WardFact; readonly value: string | null }
  | { readonly is: "meaning"; readonly fact: WardFact }
  | { readonly is: "diagnosis"; readonly diagnosis: WardDiagnosis }
  | { readonly is: "group"; readonly group: WardGroup }
  | { readonly is: "factor"; readonly factor: WardFactor }
  | { readonly is: "drug"; readonly drug: string }
);

type Entry =
  | { is: "finding"; finding: WardFindingEntry }
  | { is: "value"; fact: WardFact }
  | { is: "meaning"; fact: WardFact }
  | { is: "diagnosis"; diagnosis: WardDiagnosis }
  | { is: "group"; group: WardGroup }
  | { is: "factor"; factor: WardFactor }
  | { is: "drug"; drug: string };

const lexicon = new Map<string, Entry>([
  ...wardFacts.map((fact): [string, Entry] => [fact.meaning, { is: "meaning", fact }]),
  ...wardFacts.map((fact): [string, Entry] => [fact.name, { is: "value", fact }]),
  ...wardFindings.map((finding): [string, Entry] => [finding.name, { is: "finding", finding }]),
  ...wardFactors.map((factor): [string, Entry] => [factor.name, { is: "factor", factor }]),
  ...wardGroups.map((group): [string, Entry] => [group.name, { is: "group", group }]),
  ...wardGroups.flatMap((group) =>
    Object.values(group.choices).map(({ drug }): [string, Entry] => [drug, { is: "drug", drug }]),
  ),
  ...wardDiagnoses.map((diagnosis): [string, Entry] => [diagnosis.name, { is: "diagnosis", diagnosis }]),
]);
const LONGEST = Math.max(...[...lexicon.keys()].map((phrase) => phrase.split(" ").length));

/** The words of a sentence, lower case: letters, digits, `/` and `-`. */
export function wordsOf(sentence: string): string[] {
  return sentence.toLowerCase().match(/[a-z0-9][a-z0-9/-]*/g) ?? [];
}

/** Every mention in a sentence, the longest phrase first at each word, so that "iron deficiency anaemia" is not "iron". */
export function mentionsOf(sentence: string): WardMention[] {
  const words = wordsOf(sentence);
  const found: WardMention[] = [];
  for (let at = 0; at < words.length; ) {
    const hit = longestAt(words, at);
    if (hit === undefined) {
      at++;
      continue;
    }
    found.push({ at, end: hit.end, ...withContext(hit.entry, words, at, hit.end) } as WardMention);
    at = hit.end;
  }
  return found;
}

function longestAt(words: readonly string[], at: number): { entry: Entry; end: number } | undefined {
  for (let length = Math.min(LONGEST, words.length - at); length > 0; length--) {
    const entry = lexicon.get(words.slice(at, at + length).join(" "));
    if (entry !== undefined) return { entry, end: at + length };
  }
  return undefined;
}

/** The modifier is the word before a finding; the value is the number after a chart name, perhaps behind "of", "is", "at" or "was". */
function withContext(entry: Entry, words: readonly string[], at: number, end: number): object {
  if (entry.is === "finding") {
    const before = words[at - 1] ?? "";
    return { ...entry, modifier: allModifiers.has(before) ? before : null };
  }
  if (entry.is !== "value") return entry;
  const next = fillers.has(words[end] ?? "") ? words[end + 1] : words[end];
  return { ...entry, value: next !== undefined && /^\d[\d/]*$/.test(next) ? next : null };
}

const allModifiers = new Set(wardFindings.flatMap((entry) => entry.modifiers));
const fillers = new Set(["of", "is", "at", "was"]);
