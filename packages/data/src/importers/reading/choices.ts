import { optionIndex, optionLabel } from "@mede2/schemas";
import { FieldFault, type Fields, kindOf } from "./fields.ts";

/** Options in the source's order with the label of the right one. */
export interface Choices {
  options: string[];
  gold: { labels: string[] };
}

const MOST_OPTIONS = 26;

/** Checks that there are 2 to 26 options, each with text. `field` names them in messages. */
export function checkedOptions(values: readonly unknown[], field: string): string[] {
  if (values.length < 2 || values.length > MOST_OPTIONS)
    throw new FieldFault(field, `expected 2 to ${MOST_OPTIONS} options, got ${values.length}`);
  return values.map((value, at) => {
    const text = typeof value === "number" ? String(value) : value;
    if (typeof text === "string" && text.trim() !== "") return text.trim();
    throw new FieldFault(`${field}.${at}`, `expected the text of an option, got ${kindOf(value)}`);
  });
}

/** Options of a record: a list of texts, a list of `{letter, content}`, or an object by letter (A, B, C … without a gap). */
export function optionsOf(fields: Fields, name: string): string[] {
  const found = fields.value(name);
  if (Array.isArray(found))
    return checkedOptions(
      found.map((item, at) => {
        if (typeof item !== "object" || item === null || !("content" in item)) return item as unknown;
        const { letter, content } = item as { letter?: unknown; content: unknown };
        if (letter !== undefined && letter !== optionLabel(at))
          throw new FieldFault(`${name}.${at}.letter`, `expected ${optionLabel(at)}, got ${kindOf(letter)}`);
        return content;
      }),
      name,
    );
  const entries = Object.entries(fields.object(name)).filter(([, text]) => text !== null);
  const ordered = entries.sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [at, [letter]] of ordered.entries())
    if (letter !== optionLabel(at))
      throw new FieldFault(`${name}.${letter}`, `expected the option ${optionLabel(at)}`);
  return checkedOptions(
    ordered.map(([, text]) => text),
    name,
  );
}

/** The right option by its letter, which may stand alone in a list. */
export function byLetter(options: string[], letter: unknown, field: string): Choices {
  const one = Array.isArray(letter) && letter.length === 1 ? (letter[0] as unknown) : letter;
  const label = typeof one === "string" ? one.trim().toUpperCase() : "";
  if (optionIndex(label, options.length) === undefined)
    throw new FieldFault(
      field,
      `expected a letter from A to ${optionLabel(options.length - 1)}, got ${kindOf(letter)}`,
    );
  return { options, gold: { labels: [label] } };
}

/** The right option by its place, counted from 0. */
export function byIndex(options: string[], index: number, field: string): Choices {
  if (!Number.isInteger(index) || index < 0 || index >= options.length)
    throw new FieldFault(field, `expected the number of one of ${options.length} options, got ${index}`);
  return { options, gold: { labels: [optionLabel(index)] } };
}

/** The right option by its text: equal up to case and white space, and only one. */
export function byText(options: string[], answer: string, field: string): Choices {
  const folded = (text: string) => text.trim().toLowerCase().replaceAll(/\s+/g, " ");
  const found = options.flatMap((option, at) => (folded(option) === folded(answer) ? [at] : []));
  if (found.length === 1) return byIndex(options, found[0]!, field);
  const many = found.length === 0 ? "none of the options" : `${found.length} of the options`;
  throw new FieldFault(
    field,
    `expected the text of one option, and ${many} read ${kindOf(answer)}`,
    "answer-not-an-option",
  );
}

/** Yes and no as two options, in this order; undefined for any other answer. */
export function yesNo(answer: string): Choices | undefined {
  const folded = answer.trim().toLowerCase();
  if (folded !== "yes" && folded !== "no") return undefined;
  return { options: ["yes", "no"], gold: { labels: [folded === "yes" ? "A" : "B"] } };
}

/** A short answer: yes and no become options, anything else is a text without options. */
export const shortAnswer = (answer: string) =>
  yesNo(answer) ?? { options: [], gold: { text: answer, aliases: [] } };
