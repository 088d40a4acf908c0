import { NnFault } from "../fault.ts";
import type { JsonObject } from "../json-fields.ts";
import { learnMerges } from "./bpe-merges.ts";
import { BYTE_CHARACTERS, toByteCharacters } from "./byte-level.ts";
import { QWEN_PRE_TOKENIZER, qwenSplit } from "./qwen-split.ts";

/** In this order, at the end of the vocabulary. */
export const QWEN_SPECIAL_TOKENS = [
  "<|endoftext|>",
  "<|im_start|>",
  "<|im_end|>",
  "<|vision_start|>",
  "<|vision_end|>",
  "<|vision_pad|>",
  "<|image_pad|>",
  "<|video_pad|>",
] as const;

export type TrainBpeOptions = {
  /** Tokens in all, special ones included; fewer when the corpus has no more pairs. */
  readonly vocabSize: number;
  /** Whole tokens that decoding keeps, for example `<think>` and `</think>`. */
  readonly extraTokens?: readonly string[];
  /** A pair seen less often is not merged. */
  readonly minFrequency?: number;
  readonly maxLength?: number;
};

export type TrainedTokenizer = { readonly tokenizerJson: JsonObject; readonly tokenizerConfig: JsonObject };

/**
 * Trains a byte-level BPE (Sennrich et al., arXiv 1508.07909) with Qwen's pre-tokenisation. All 256 bytes are tokens, so
 * no text is unknown. The result depends on the corpus alone, not on its order; ties go to the pair of lowest ids, as in
 * Hugging Face `tokenizers`, whose merges it equals. Special and extra tokens in the corpus are not learnt from.
 *
 * @returns tokenizer.json and tokenizer_config.json, which `tokenizers`, `transformers` and `createTokenizer` open alike
 * @throws NnFault `vocabulary-too-small`
 */
export function trainBpe(corpus: Iterable<string>, options: TrainBpeOptions): TrainedTokenizer {
  const { vocabSize, extraTokens = [], minFrequency = 2, maxLength = 32768 } = options;
  const added = [...QWEN_SPECIAL_TOKENS, ...extraTokens];
  const merges = vocabSize - 256 - added.length;
  if (merges < 0) {
    throw new NnFault(
      "vocabulary-too-small",
      `vocabSize ${vocabSize} has no room for 256 bytes and ${added.length} added tokens`,
    );
  }
  const alphabet = [...BYTE_CHARACTERS].sort();
  const learnt = learnMerges(countPieces(corpus, added), alphabet, merges, minFrequency);
  const tokens = [...learnt.tokens, ...added];
  const addedTokens = added.map((content, i) => ({
    id: learnt.tokens.length + i,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: i < QWEN_SPECIAL_TOKENS.length,
  }));
  const tokenizerJson = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: addedTokens,
    normalizer: { type: "NFC" },
    pre_tokenizer: QWEN_PRE_TOKENIZER,
    post_processor: { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false },
    decoder: { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: "",
      end_of_word_suffix: "",
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(learnt.tokens.map((token, id) => [token, id])),
      merges: learnt.merges,
    },
  };
  if (new Set(tokens).size !== tokens.length) {
    throw new NnFault(
      "vocabulary-collision",
      "an extra token is also a merge or is named twice; leave it out",
    );
  }
  return { tokenizerJson, tokenizerConfig: tokenizerConfig(addedTokens, maxLength) };
}

function tokenizerConfig(
  added: readonly { id: number; content: string; special: boolean; [key: string]: unknown }[],
  maxLength: number,
): JsonObject {
  const special = added.filter((t) => t.special).map((t) => t.content);
  return {
    add_bos_token: false,
    add_prefix_space: false,
    added_tokens_decoder: Object.fromEntries(added.map(({ id, ...token }) => [String(id), token])),
    additional_special_tokens: special.filter((t) => t !== "<|endoftext|>"),
    bos_token: null,
    clean_up_tokenization_spaces: false,
    eos_token: "<|im_end|>",
    errors: "replace",
    model_max_length: maxLength,
    pad_token: "<|endoftext|>",
    processor_class: "Qwen2_5_VLProcessor",
    split_special_tokens: false,
    tokenizer_class: "Qwen2Tokenizer",
    unk_token: null,
  };
}

/** How often each piece occurs, in byte characters. */
function countPieces(corpus: Iterable<string>, added: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  const separator = new RegExp(added.map((t) => t.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"), "g");
  for (const text of corpus) {
    for (const part of text.split(separator)) {
      for (const piece of qwenSplit(part.normalize("NFC"))) counts.set(piece, (counts.get(piece) ?? 0) + 1);
    }
  }
  return new Map([...counts].map(([piece, count]) => [toByteCharacters(piece), count]));
}
