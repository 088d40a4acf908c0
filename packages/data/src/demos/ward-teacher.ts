import { type ChatModel, type ChatReply, functionModel, textOf } from "@mede2/llm";
import type { Question } from "@mede2/schemas";
import { DataError } from "../records/data-error.ts";
import { wardCaseOf } from "../ward/case.ts";
import { wardChain } from "../ward/chain.ts";
import { checkWardTrace } from "../ward/check.ts";
import { wardDrug, wardFactors, wardGroups } from "../ward/treatments.ts";
import { MASK } from "./mask-answer.ts";
import { maskedReasoning } from "./reconstruction.ts";

/**
 * The ward's own generator as a teacher, so that everything runs offline: a chain for a case in its words, another for each seed, of which some lack the alternative or the check; and the answer
 * that a masked chain leads to by the ward's rules. It knows the cases of the questions that are handed in, by their stems.
 */
export function wardTeacher(questions: Iterable<Question>): ChatModel {
  const cases = new Map<string, string>();
  for (const { stem, facts, source, id } of questions) {
    if (source !== "ward" || typeof facts?.case !== "string")
      throw new DataError(
        "demos-other-answers",
        `${id} is no case of the ward, and the ward's generator teaches no others`,
        "name a model as --teacher",
      );
    cases.set(stem, facts.case);
  }
  return functionModel("ward-chain", ({ messages, sampling }) => {
    const asked = messages.map(textOf).join("\n");
    const [stem] = /picture: [^\n]*\n[\s\S]*?\nchart: [^\n]*/.exec(asked) ?? [];
    const drawn = stem === undefined ? undefined : wardCaseOf(cases.get(stem) ?? "");
    if (drawn === undefined) return failed("the prompt holds no case that the ward's generator was given");
    const masked = maskedReasoning(messages);
    if (masked === undefined || asked.includes("Write the reasoning anew"))
      return reply(wardChain(drawn, { seed: sampling.seed ?? 0 }));
    const { named } = checkWardTrace(drawn, `<think>\n${masked.replaceAll(MASK, "it")}\n</think>`);
    const group = wardGroups.find(({ name }) => name === named.group);
    const factor = wardFactors.find(({ id, name }) =>
      named.factor === null ? id === drawn.factor : name === named.factor,
    );
    return reply(
      group === undefined || factor === undefined ? "none" : `\\boxed{${wardDrug(group.id, factor.id)}}`,
    );
  });
}

const words = (text: string): number => text.match(/\S+/g)?.length ?? 0;

/** Tokens are words: no tokenizer reads these replies. */
const reply = (text: string): ChatReply => ({
  text,
  finish: "stop",
  tokens: { prompt: 0, completion: words(text) },
});

const failed = (message: string): ChatReply => ({
  text: "",
  finish: "error",
  tokens: { prompt: 0, completion: 0 },
  error: { code: "no-case", message },
});
