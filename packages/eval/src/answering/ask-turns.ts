import {
  type ChatMessage,
  type ChatModel,
  type ChatReply,
  type ChatRequest,
  chatMessage,
  type GenerateOptions,
} from "@mede2/llm";

/** A reply with those that came before it in the same conversation. */
export type TurnedReply = ChatReply & { turns?: { text: string; finish: ChatReply["finish"] }[] };

/**
 * Asks, and asks on: each request's follow-ups are sent with all that was said before. The result is the last reply, with the tokens of all turns; a request that
 * failed is not asked on. Earlier replies are the reasoning before the last one.
 */
export async function askTurns(
  model: ChatModel,
  requests: readonly ChatRequest[],
  followUps: readonly (readonly string[])[],
  options: GenerateOptions = {},
): Promise<TurnedReply[]> {
  const most = Math.max(0, ...followUps.map((turns) => turns.length));
  if (most === 0) return model.generate(requests, options);
  const { onReply, ...rest } = options;
  const states = requests.map((request) => ({ request, said: [] as ChatReply[] }));
  for (let turn = 0; turn <= most; turn++) {
    const open = states
      .map((state, index) => ({ state, index }))
      .filter(
        ({ state, index }) => turn <= followUps[index]!.length && state.said.at(-1)?.finish !== "error",
      );
    if (open.length === 0) break;
    const replies = await model.generate(
      open.map(({ state, index }) => {
        const text = turn === 0 ? undefined : followUps[index]![turn - 1]!;
        if (text !== undefined) state.request = extended(state.request, state.said.at(-1)!, text);
        return state.request;
      }),
      {
        ...rest,
        onReply(at, reply) {
          const one = open[at];
          if (one === undefined) return;
          // told at once when it is the conversation's end, so that what arrived is kept
          if (turn === followUps[one.index]!.length || reply.finish === "error")
            onReply?.(one.index, joined([...one.state.said.slice(0, turn), reply]));
        },
      },
    );
    if (replies.length !== open.length) return replies; // the caller says what is wrong
    for (const [at, reply] of replies.entries()) open[at]!.state.said.push(reply);
  }
  return states.map(({ said }) => joined(said));
}

function extended(request: ChatRequest, reply: ChatReply, text: string): ChatRequest {
  const messages: ChatMessage[] = [
    ...request.messages,
    chatMessage("assistant", reply.text),
    chatMessage("user", text),
  ];
  return { ...request, messages };
}

function joined(said: readonly ChatReply[]): TurnedReply {
  const last = said.at(-1)!;
  if (said.length === 1) return last;
  const earlier = said.slice(0, -1);
  const reasoning = [
    ...earlier.map(({ reasoning, text }) => [reasoning, text].filter(Boolean).join("\n\n")),
    ...(last.reasoning === undefined ? [] : [last.reasoning]),
  ].join("\n\n");
  return {
    ...last,
    // think tags of an earlier turn would end the reasoning early
    reasoning: reasoning.replace(/[<◁]\/?(?:think|thinking|reasoning)[>▷]/gi, ""),
    turns: said.map(({ text, finish }) => ({ text, finish })),
    tokens: {
      prompt: said.reduce((sum, { tokens }) => sum + tokens.prompt, 0),
      completion: said.reduce((sum, { tokens }) => sum + tokens.completion, 0),
    },
  };
}
