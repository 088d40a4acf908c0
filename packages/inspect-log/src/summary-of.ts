import type { InspectMessage, InspectSample, InspectScore, InspectSummary } from "./log-schema.ts";

const most = 1024;

/** A sample's line in the list: no images, and of all else what is short (`EvalSample.summary`). */
export function summaryOf(sample: InspectSample): InspectSummary & Record<string, unknown> {
  const { id, epoch, input, target, scores, metadata = {}, error } = sample;
  return {
    id,
    epoch,
    input: typeof input === "string" ? cut(input) : input.map(withoutImages),
    ...(sample.choices ? { choices: sample.choices } : {}),
    target,
    metadata: short(metadata),
    ...(scores
      ? { scores: Object.fromEntries(Object.entries(scores).map(([name, one]) => [name, brief(one)])) }
      : {}),
    model_usage: sample.model_usage ?? {},
    role_usage: {},
    completed: !error,
    message_count: sample.messages?.length ?? 0,
    ...(error ? { error: cut(error.message) } : {}),
  };
}

function withoutImages(message: InspectMessage): InspectMessage {
  if (typeof message.content === "string") return { ...message, content: cut(message.content) };
  return {
    ...message,
    content: message.content.map((part) =>
      part.type === "text"
        ? { ...part, text: cut(part.text ?? "") }
        : { type: "text", text: `(${part.type})` },
    ),
  };
}

function brief({ value, answer, explanation, metadata }: InspectScore) {
  return {
    value,
    ...(answer ? { answer: cut(answer) } : {}),
    ...(explanation ? { explanation: cut(explanation) } : {}),
    ...(metadata ? { metadata: short(metadata) } : {}),
    history: [],
  };
}

function short(metadata: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(metadata).flatMap(([key, value]) => {
      if (typeof value === "string") return [[key, cut(value)]];
      return (JSON.stringify(value) ?? "").length <= most ? [[key, value]] : [];
    }),
  );
}

const cut = (text: string) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
