import { Tokenizer as Library } from "@huggingface/tokenizers";
import { expect, test } from "vitest";
import { goldenJson } from "../../test/support/goldens.ts";
import { createTokenizer } from "./tokenizer.ts";

const json = goldenJson<Record<string, unknown>>("qwen2-5-vl/checkpoint/tokenizer.json");
const config = goldenJson<Record<string, unknown>>("qwen2-5-vl/checkpoint/tokenizer_config.json");
const tokenizer = createTokenizer(json, config);
type Text = { text: string; ids: number[]; decoded: string; decodedWithoutSpecial: string };
const { texts } = goldenJson<{ texts: Text[] }>("qwen2-5-vl/chat.json");

test.each(texts.map((t) => [JSON.stringify(t.text), t] as const))("as transformers: %s", (_, golden) => {
  expect(tokenizer.encode(golden.text)).toEqual(golden.ids);
  expect(tokenizer.decode(golden.ids)).toBe(golden.decoded);
  expect(tokenizer.decode(golden.ids, { skipSpecial: true })).toBe(golden.decodedWithoutSpecial);
});

test("the fast path equals the library on random text", () => {
  const library = new Library(json, config);
  const alphabet = [..."abc'sSTll 09.,\n\r\t  \u00a0ÄéЖ中🩺<|>ſ²", "<think>", "<|im_end|>", "'ll", "\u200d"];
  let state = 7;
  const next = (n: number): number => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * n);
  };
  for (let i = 0; i < 500; i++) {
    const text = Array.from({ length: 1 + next(30) }, () => alphabet[next(alphabet.length)]).join("");
    expect(tokenizer.encode(text), text).toEqual(library.encode(text, { add_special_tokens: false }).ids);
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text.normalize("NFC"));
  }
});

test("streaming never splits a character and gives the same text", () => {
  const text = "Fièvre 🩺🫁 発熱<|im_end|>";
  const ids = tokenizer.encode(text);
  const stream = tokenizer.stream();
  const pieces = ids.map((id) => stream.push(id));
  expect(pieces.join("")).toBe(text);
  expect(stream.end()).toBe("");
  expect(pieces.every((piece) => !piece.includes("\ufffd"))).toBe(true);
  expect(pieces.filter((piece) => piece === "").length).toBeGreaterThan(3);
  const cut = tokenizer.stream({ skipSpecial: true });
  expect(
    ids
      .slice(0, -2)
      .map((id) => cut.push(id))
      .join("") + cut.end(),
  ).toMatch(/\ufffd$/);
});

test("special tokens, ids outside the vocabulary, names", () => {
  expect(tokenizer.eosId).toBe(302);
  expect(tokenizer.padId).toBe(300);
  expect(tokenizer.size).toBe(310);
  expect(tokenizer.decode([319])).toBe("");
  expect(tokenizer.specialTokensIn("a <|im_end|> b <think>")).toEqual(["<|im_end|>"]);
  expect([tokenizer.idOf("<|image_pad|>"), tokenizer.tokenOf(306)]).toEqual([306, "<|image_pad|>"]);
});

test("what cannot be honoured is an error", () => {
  expect(() => createTokenizer(json, { ...config, eos_token: undefined })).toThrow(/eos_token is missing/);
  expect(() => createTokenizer(json, { ...config, eos_token: "<eos>" })).toThrow(
    /"<eos>" is not in the vocabulary/,
  );
  expect(() => createTokenizer({ ...json, pre_tokenizer: { type: "Whitespace" } }, config)).toThrow(
    /PreTrainedTokenizerFast/,
  );
  expect(() => createTokenizer({ ...json, decoder: { type: "WordPiece" } }, config)).toThrow(
    /not byte-level/,
  );
  const cleans = {
    clean_up_tokenization_spaces: true,
    clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output: true,
  };
  expect(() => createTokenizer(json, { ...config, ...cleans })).toThrow(/clean_up/);
});

test("clean_up_tokenization_spaces, which Llama 3 is published with, changes nothing, as in transformers", () => {
  const asked = createTokenizer(json, { ...config, clean_up_tokenization_spaces: true });
  expect(asked.decode(asked.encode("37.5 , it 's .\n"))).toBe("37.5 , it 's .\n");
});

test("thousands of prompts a second", () => {
  const prompt =
    "Which of the following is the best next step? The picture shows no fracture. 37.5 °C\nA. B\n".repeat(8);
  tokenizer.encode(prompt);
  let fastest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 300; i++) {
    const start = performance.now();
    tokenizer.encode(`${prompt}${i}`);
    fastest = Math.min(fastest, performance.now() - start);
  }
  expect(1000 / fastest).toBeGreaterThan(2000);
});
