/** The pre-tokenisation pattern published with Qwen2 and Qwen2.5 (Oniguruma syntax, as in tokenizer.json). */
export const QWEN_PATTERN =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

/**
 * The same in JavaScript. Node 20 has no `(?i:…)`, so the cases are spelt out (`ſ` folds to `s`), and `\s` is the
 * Unicode property White_Space, which counts U+0085 and not U+FEFF, unlike JavaScript's `\s`.
 */
const QWEN_REGEXP =
  /'(?:[sSſtTmMdD]|[rR][eE]|[vV][eE]|[lL][lL])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\p{White_Space}\p{L}\p{N}]+[\r\n]*|\p{White_Space}*[\r\n]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

/** Pieces that BPE never merges across; they join to the text again. */
export function qwenSplit(text: string): string[] {
  return text.match(QWEN_REGEXP) ?? [];
}

/** `pre_tokenizer` of a Qwen tokenizer.json. */
export const QWEN_PRE_TOKENIZER = {
  type: "Sequence",
  pretokenizers: [
    { type: "Split", pattern: { Regex: QWEN_PATTERN }, behavior: "Isolated", invert: false },
    { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false },
  ],
} as const;

/** Whether a `pre_tokenizer` entry splits as `qwenSplit` does (`trim_offsets` concerns offsets only). */
export function isQwenPreTokenizer(json: unknown): boolean {
  const drop = (key: string, value: unknown): unknown => (key === "trim_offsets" ? undefined : value);
  return JSON.stringify(json, drop) === JSON.stringify(QWEN_PRE_TOKENIZER, drop);
}
