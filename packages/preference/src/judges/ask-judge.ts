import { type ChatModel, chatMessage, splitThinking } from "@mede2/llm";
import type { Question, Trace } from "@mede2/schemas";
import type { CompiledRubric } from "../compile-rubric.ts";
import { type JudgePromptSettings, judgePrompt } from "./judge-prompt.ts";
import { type JudgeScore, parseJudgeReply } from "./parse-judge-reply.ts";

/** A model that judges. */
export interface Judge {
  name: string;
  /** Models of one family count once for the quorum of a jury: see `familyOf`. */
  family: string;
  model: ChatModel;
}

export interface AskSettings extends JudgePromptSettings {
  /** Longest reply, in tokens. */
  maxTokens?: number;
  signal?: AbortSignal | undefined;
}

/** What one judge says of several traces of one question, in their order. At temperature 0; a reply that is no JSON is asked for once more. */
export async function askJudge(
  judge: Judge,
  question: Question,
  traces: readonly Trace[],
  rubric: CompiledRubric,
  { maxTokens = 1500, signal, ...prompt }: AskSettings = {},
): Promise<Record<string, JudgeScore>[]> {
  const names = rubric.criteria.filter(({ judge }) => judge !== undefined).map(({ name }) => name);
  const sampling = { temperature: 0, topP: 1, maxTokens, seed: 0 };
  const options = signal === undefined ? {} : { signal };
  const requests = traces.map((trace) => ({
    messages: judgePrompt(question, trace, rubric, prompt),
    sampling,
  }));
  const replies = await judge.model.generate(requests, options);
  const scores = replies.map((reply, at) =>
    reply.finish === "error" || reply.finish === "refused"
      ? Object.fromEntries(
          names.map((name) => [name, { unscored: `judge-${reply.error?.code ?? reply.finish}` }]),
        )
      : parseJudgeReply(splitThinking(reply).text, names, traces[at]!),
  );
  const again = scores.flatMap((score, at) =>
    names.length > 0 && names.every((name) => isUnparsed(score[name])) ? [at] : [],
  );
  if (again.length === 0) return scores;
  const second = await judge.model.generate(
    again.map((at) => ({
      messages: [
        ...requests[at]!.messages,
        chatMessage("assistant", replies[at]!.text.slice(0, 4000)),
        chatMessage(
          "user",
          "That was no JSON object of the form asked for. Reply with that object and nothing else.",
        ),
      ],
      sampling,
    })),
    options,
  );
  for (const [index, at] of again.entries())
    if (second[index]!.finish !== "error")
      scores[at] = parseJudgeReply(splitThinking(second[index]!).text, names, traces[at]!);
  return scores;
}

const isUnparsed = (score: JudgeScore | undefined) =>
  score !== undefined && "unscored" in score && score.unscored === "judge-unparsed";
