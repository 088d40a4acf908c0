import { Tokenizer as Library } from "@huggingface/tokenizers";
import { expect, test } from "vitest";
import { goldenJson } from "../../test/support/goldens.ts";
import { trainBpe } from "./bpe-train.ts";
import { createTokenizer } from "./tokenizer.ts";

// The corpus of test/goldens/generate/tokenizer.py.
const LINES =
  `A man of 64 has had a cough and fever for three days. The chest film shows a dense area in the right lower lobe.
The most likely cause is a bacterial pneumonia, and the treatment is an antibiotic.
A woman of 31 has palpitations. The strip shows an irregular rhythm without P waves: this is atrial fibrillation.
The haemoglobin is 8.1 g/dL and the mean volume of the cells is low, so the answer is iron deficiency.
Which of the following is the best next step? The picture shows no fracture. The answer is B.
First the finding, then the fact from the history, then the rule: the finding and the fact lead to the diagnosis.`
    .split("\n")
    .map((line, i, all) => (i < all.length - 1 ? `${line}\n` : line));

type Json = {
  model: { vocab: Record<string, number>; merges: [string, string][] };
  added_tokens: { id: number; content: string }[];
};
const train = (lines: string[], vocabSize: number): Json =>
  trainBpe(lines, { vocabSize }).tokenizerJson as Json;

test("merges and ids equal those of Hugging Face tokenizers' trainer", () => {
  const golden = goldenJson<Json>("qwen2-5-vl/checkpoint/tokenizer.json");
  const ours = train(LINES, 300 + 8);
  expect(ours.model.merges).toEqual(golden.model.merges);
  expect(ours.model.vocab).toEqual(golden.model.vocab);
});

test("the order of the corpus does not matter", () => {
  expect(train([...LINES].reverse(), 400)).toEqual(train(LINES, 400));
});

const trained = trainBpe(LINES, { vocabSize: 600, extraTokens: ["<think>", "</think>"] });
const tokenizer = createTokenizer(trained.tokenizerJson, trained.tokenizerConfig);

test("every byte is a token, special tokens come last, nothing is larger than asked", () => {
  for (let byte = 0; byte < 256; byte++)
    expect(tokenizer.encode(String.fromCodePoint(byte)).length).toBeGreaterThan(0);
  expect(tokenizer.size).toBeLessThanOrEqual(600);
  expect(tokenizer.idOf("</think>")).toBe(tokenizer.size - 1);
  expect(tokenizer.specialIds.size).toBe(8);
  expect([tokenizer.tokenOf(tokenizer.eosId), tokenizer.tokenOf(tokenizer.padId)]).toEqual([
    "<|im_end|>",
    "<|endoftext|>",
  ]);
});

test("text of any script comes back, and the library encodes the same", () => {
  const library = new Library(trained.tokenizerJson, trained.tokenizerConfig);
  let state = 11;
  const next = (n: number): number => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * n);
  };
  for (let i = 0; i < 300; i++) {
    const text = Array.from({ length: 1 + next(40) }, () => {
      if (next(3) > 0) return LINES[next(LINES.length)]!.slice(next(40), 40 + next(20));
      const point = next(0x10ffff);
      return point >= 0xd800 && point < 0xe000 ? " " : String.fromCodePoint(point);
    }).join("");
    const ids = tokenizer.encode(text);
    expect(tokenizer.decode(ids)).toBe(text.normalize("NFC"));
    // JavaScript's \s in the library counts U+FEFF and not U+0085; all else must agree
    if (!/[\u0085\ufeff]/.test(text))
      expect(ids).toEqual(library.encode(text, { add_special_tokens: false }).ids);
  }
});

test("special tokens in the corpus are not learnt from", () => {
  const marked = LINES.map((line) => `<|im_start|>${line}<|im_end|>`);
  expect(train(marked, 400).model.merges).toEqual(train(LINES, 400).model.merges);
});

test("too small a vocabulary is an error", () => {
  expect(() => train(LINES, 200)).toThrow(/no room for 256 bytes and 8/);
});
