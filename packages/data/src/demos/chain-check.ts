import { isCorrect, sentences, traceParts } from "@mede2/answers";
import type { Question, Trace } from "@mede2/schemas";
import type { Orchestration } from "./orchestration.ts";

/** Why a chain is turned down: a short name that is counted, and a phrase on this chain. */
export type Rejection = { rejected: string; detail: string };

/** One rule that a chain must pass. `name` stands in the demonstration's checks. */
export interface ChainCheck {
  name: string;
  /** The rule in one sentence, for the card. */
  about: string;
  /** null when the chain passes. */
  run(question: Question, trace: Trace): Rejection | null;
}

const rejected = (reason: string, detail: string): Rejection => ({ rejected: reason, detail });

/** The final answer is the gold answer: `wrong-answer`, or `no-answer` where none can be read. */
export const rightAnswer: ChainCheck = {
  name: "answer",
  about: "the final answer is right",
  run({ gold }, { answer }) {
    if (answer.status !== "found") return rejected("no-answer", `the answer is ${answer.status}`);
    return isCorrect(answer, gold)
      ? null
      : rejected("wrong-answer", `it answers ${answer.labels?.join(", ") ?? answer.text}`);
  },
};

/** `<think>…</think>` and then one box: `format`. The reply ended by itself: `cut-off`. */
export const writtenForm: ChainCheck = {
  name: "format",
  about: "reasoning between <think> and </think>, then one box, and the reply ended by itself",
  run(_, { text, finish, reasoning }) {
    if (finish !== "stop") return rejected("cut-off", `finish is ${finish}`);
    const opened = text.split("<think>").length - 1;
    const closed = text.split("</think>").length - 1;
    if (!text.trimStart().startsWith("<think>") || opened !== 1 || closed !== 1)
      return rejected("format", `<think> stands there ${opened} times and </think> ${closed} times`);
    if (reasoning === null || reasoning.quote.trim() === "")
      return rejected("format", "the reasoning is empty");
    const [thought, rest] = text.split("</think>") as [string, string];
    const boxes = rest.split("\\boxed{").length - 1;
    if (boxes !== 1) return rejected("format", `${boxes} boxes after the reasoning`);
    return thought.includes("\\boxed{") ? rejected("format", "a box inside the reasoning") : null;
  },
};

/** The sections of the template, in their order: `missing-SECTION`, `sections-out-of-order`, `too-short`, `too-long`. The section "self-check" is missed as `no-self-check`. */
export function sectionsPresent({
  name,
  version,
  sections,
  ordered,
  words: [least, most],
}: Orchestration): ChainCheck {
  const required = sections.filter((section) => section.required);
  const patterns = required.map((section) => ({ name: section.name, cue: cuePattern(section.cues) }));
  return {
    name: "orchestration",
    about: `${least} to ${most} words with ${required.map((section) => section.name).join(", ")}${ordered ? ", in this order" : ""} (template ${name}, version ${version})`,
    run(_, { text }) {
      const { reasoning } = traceParts(text);
      const thought = reasoning === null ? "" : text.slice(reasoning.start, reasoning.end);
      const count = thought.match(/\S+/g)?.length ?? 0;
      if (count < least) return rejected("too-short", `${count} words`);
      if (count > most) return rejected("too-long", `${count} words`);
      const said = sentences(thought).map(({ start, end }) => thought.slice(start, end));
      let from = 0;
      for (const { name: section, cue } of patterns) {
        const at = said.findIndex((sentence, index) => index >= (ordered ? from : 0) && cue.test(sentence));
        if (at >= 0) from = at;
        else if (ordered && said.some((sentence) => cue.test(sentence)))
          return rejected("sections-out-of-order", `${section} stands before what it should follow`);
        else
          return rejected(
            section === "self-check" ? "no-self-check" : `missing-${section}`,
            `nothing says ${section}`,
          );
      }
      return null;
    },
  };
}

/** Any of the phrases as whole words. The phrases are escaped, so that the pattern is linear. */
function cuePattern(cues: readonly string[]): RegExp {
  const escaped = cues.map((cue) => cue.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/g, "\\s+"));
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${escaped.join("|")})(?![\\p{L}\\p{N}])`, "iu");
}
