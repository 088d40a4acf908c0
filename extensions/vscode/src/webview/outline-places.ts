import type { CaseView, TraceView } from "../protocol/case-view.ts";

/** A place of the page: its title, and how it is found. */
export interface Place {
  readonly title: string;
  readonly selector: string;
  readonly inside: readonly Place[];
}

const mostSteps = 300;
const longest = 70;

/** The places of a case: question, images, and every answer with its steps. */
export function placesOf(view: CaseView): Place[] {
  const flat = (title: string, selector: string): Place => ({ title, selector, inside: [] });
  return [
    ...(view.images.length > 0 ? [flat(view.images.length > 1 ? "Images" : "Image", ".images")] : []),
    ...(view.question === undefined ? [] : [flat("Question", ".question")]),
    ...view.columns.map((trace, index): Place => {
      const column = `.columns > article:nth-child(${index + 1})`;
      const inside = [
        ...stepsOf(trace, column),
        flat(
          trace.answer.status === "found"
            ? `Answer: ${cut(trace.answer.text)}`
            : `Answer: ${trace.answer.status}`,
          `${column} .final`,
        ),
      ];
      return { title: trace.heading, selector: `${column} header`, inside };
    }),
  ];
}

const stepsOf = ({ blocks }: TraceView, column: string): Place[] =>
  blocks
    .filter(({ kind }) => kind === "step")
    .slice(0, mostSteps)
    .map(({ number, pieces }) => ({
      title: `${number} ${cut(pieces.map(({ text }) => text).join(""))}`,
      selector: `${column} [data-step="${number}"]`,
      inside: [],
    }));

const cut = (text: string) => {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= longest ? line : `${line.slice(0, longest - 1)}…`;
};
