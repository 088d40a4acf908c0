import { wardCases, wardChain, wardPassages, wardQuestion } from "@mede2/data";
import { promptStyles } from "@mede2/llm";
import { type QWEN_SPECIAL_TOKENS, type Qwen25VlConfig, type TrainedTokenizer, trainBpe } from "@mede2/nn";
import { radiologyTexts } from "./film-texts.ts";

/** Most tokens of the vocabulary; the corpus has words for fewer. */
const vocabulary = 1536;

/** Texts that the tokenizer learns from: what the recipes train on, and plain ASCII. */
function* corpus(): Generator<string> {
  for (const topics of [undefined, ["paragraph", "told", "restate", "apply"]] as const)
    for (const { prompt, completion } of wardPassages({
      count: topics === undefined ? 6000 : 2000,
      seed: 1,
      ...(topics === undefined ? {} : { topics }),
    }))
      yield `${prompt}\n${completion}`;
  for (const each of wardCases({ split: "pretrain", count: 1500, seed: 1 })) {
    const { stem, options } = wardQuestion(each, { form: "text" });
    for (const style of [promptStyles.reason, promptStyles.direct])
      yield `${stem}\noptions: ${options.join("; ")}\n${style.instruction}`;
    yield wardChain(each, { seed: 1 });
  }
  yield* radiologyTexts();
  yield "<|im_start|>system\nuser\nassistant\nyes no question answer options picture image";
}

export type TinyTokenizer = TrainedTokenizer & {
  readonly size: number;
  readonly tokens: Qwen25VlConfig["tokens"];
};

/** A byte-level BPE of the ward's words: every byte is a token, so nothing is unknown. */
export function tinyTokenizer(): TinyTokenizer {
  const trained = trainBpe(corpus(), {
    vocabSize: vocabulary,
    extraTokens: ["<think>", "</think>", "\\boxed{"],
  });
  const ids = specialIds(trained.tokenizerJson);
  const id = (token: (typeof QWEN_SPECIAL_TOKENS)[number]): number => {
    const found = ids.get(token);
    if (found === undefined) throw new Error(`the tokenizer has no ${token}`);
    return found;
  };
  return {
    ...trained,
    size: Math.max(...ids.values()) + 1,
    tokens: {
      image: id("<|image_pad|>"),
      video: id("<|video_pad|>"),
      visionStart: id("<|vision_start|>"),
      visionEnd: id("<|vision_end|>"),
      bos: id("<|endoftext|>"),
      eos: [id("<|im_end|>")],
      pad: id("<|endoftext|>"),
    },
  };
}

function specialIds(json: TrainedTokenizer["tokenizerJson"]): Map<string, number> {
  const added = json.added_tokens as unknown as readonly { readonly id: number; readonly content: string }[];
  return new Map(added.map(({ id, content }) => [content, id]));
}
