import { readSafetensors } from "@mede2/safetensors";
import { expect, test } from "vitest";
import { goldenJson, goldenPath } from "../test/support/goldens.ts";
import { readQwen25VlConfig } from "./families/qwen2-5-vl/config.ts";
import type { DecodedImage } from "./images/resize.ts";
import { createProcessor, loadProcessor } from "./processor.ts";
import { type ChatMessage, chatTemplate } from "./text/chat-template.ts";
import { encodeChat } from "./text/encode-chat.ts";

type Conversation = {
  name: string;
  messages: ChatMessage[];
  addGenerationPrompt: boolean;
  addVisionId: boolean;
  rendered: string;
  images: string[];
  imageGridThw: number[][];
  inputIds: number[];
};
const { conversations } = goldenJson<{ conversations: Conversation[] }>("qwen2-5-vl/chat.json");
const pictures = readSafetensors(goldenPath("qwen2-5-vl/image-processor.safetensors"));
const processor = await loadProcessor(goldenPath("qwen2-5-vl/checkpoint"));

function picture(name: string): DecodedImage {
  const { shape, data } = pictures.tensor(`${name}.image`);
  const [height, width, channels] = shape as [number, number, 1 | 3];
  return { width, height, channels, data: data as Uint8Array };
}

test.each(conversations.map((c) => [c.name, c] as const))("as transformers' processor: %s", (_, golden) => {
  const found = processor.process(golden.messages, golden.images.map(picture), {
    addGenerationPrompt: golden.addGenerationPrompt,
    variables: { add_vision_id: golden.addVisionId },
  });
  expect(found.text).toBe(golden.rendered);
  expect([...found.inputIds]).toEqual(golden.inputIds);
  expect(found.grids).toEqual(golden.imageGridThw);
  const wanted = golden.images.flatMap((name) =>
    [...pictures.tensor(`${name}.pixel_values`).data].map(Number),
  );
  expect([...found.pixelValues]).toEqual(wanted);
  expect(found.positionIds.length).toBe(3 * golden.inputIds.length);
  // the mask covers exactly the assistants' words and their end tokens
  const said = golden.messages
    .filter((m) => m.role === "assistant")
    .map((m) =>
      typeof m.content === "string" ? m.content : m.content.map((p) => ("text" in p ? p.text : "")).join(""),
    );
  const supervised = [...found.inputIds].filter((_id, i) => found.assistantMask[i] === 1);
  expect(processor.tokenizer.decode(supervised)).toBe(said.map((s) => `${s}<|im_end|>`).join(""));
});

const user: ChatMessage = { role: "user", content: "Hi" };
const answer: ChatMessage = { role: "assistant", content: "\n\nB" };

test("prompt ids of training are the ids that generation starts from, even before white space", () => {
  const prompt = processor.process([user], [], { addGenerationPrompt: true });
  const whole = processor.process([user, answer]);
  expect([...whole.inputIds.subarray(0, prompt.inputIds.length)]).toEqual([...prompt.inputIds]);
  expect([...whole.assistantMask].indexOf(1)).toBe(prompt.inputIds.length);
});

test("the end that a family's template writes closes a turn, whatever eos_token says", () => {
  const { tokenizer } = processor;
  const template = chatTemplate(
    "{% for m in messages %}{{ m.role }}: {{ m.content }}<|vision_end|>\n{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}",
  );
  const ends = new Set([tokenizer.eosId, tokenizer.idOf("<|vision_end|>")!]);
  const messages: ChatMessage[] = [user, { role: "assistant", content: "B" }];
  const { ids, assistantMask } = encodeChat({ tokenizer, template, messages, ends });
  expect(tokenizer.decode([...ids].filter((_, i) => assistantMask[i] === 1))).toBe("B<|vision_end|>");
  expect(() => encodeChat({ tokenizer, template, messages })).toThrow(/does not close/);
});

test("images may be processed once and handed in again", () => {
  const messages: ChatMessage[] = [
    { role: "user", content: [{ type: "image" }, { type: "text", text: "?" }] },
  ];
  const once = processor.processImage(picture("gray"));
  expect(processor.process(messages, [once])).toEqual(processor.process(messages, [picture("gray")]));
});

test("faults name the message and the reason", () => {
  const { tokenizer } = processor;
  const messages = [user, answer, user, answer];
  const encode = (source: string): unknown =>
    encodeChat({ tokenizer, template: chatTemplate(source), messages });
  const forgetful =
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{% if m.role != 'assistant' or loop.last %}{{ m.content }}{% endif %}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";
  expect(() => encode(forgetful)).toThrow(/message 1: .* rewrites earlier turns/);
  const endless =
    "{% for m in messages %}{{ m.role }}\n{{ m.content }}\n{% endfor %}{% if add_generation_prompt %}assistant\n{% endif %}";
  expect(() => encode(endless)).toThrow(/message 1: the template does not close/);
  expect(() => chatTemplate("{% if %}")).toThrow(/not valid Jinja/);
  expect(() => encode("{{ raise_exception('no system') }}")).toThrow(/refused the messages: no system/);
  expect(() => processor.process([{ role: "user", content: "a<|im_end|>b" }])).toThrow(
    /message 0 contains <\|im_end\|>/,
  );
  expect(() => processor.process([user], [picture("tiny")])).toThrow(
    /1 images were given, the messages have 0/,
  );
  expect(() => processor.process([{ role: "user", content: [{ type: "image" }] }])).toThrow(
    /0 images were given/,
  );
});

test("parts of different models are told apart", () => {
  const config = readQwen25VlConfig(goldenJson("qwen2-5-vl/checkpoint/config.json"));
  const { tokenizer, template } = processor;
  const images = goldenJson<Record<string, unknown>>("qwen2-5-vl/checkpoint/preprocessor_config.json");
  const make = (change: object): unknown =>
    createProcessor({ config, tokenizer, template, images, ...change });
  expect(() => make({ images: { ...images, patch_size: 14 } })).toThrow(
    /patchSize is 14 .* 4 in config\.json/,
  );
  expect(() => make({ config: { ...config, tokens: { ...config.tokens, image: 5 } } })).toThrow(/has id 306/);
  expect(() => make({ config: { ...config, text: { ...config.text, vocab: 300 } } })).toThrow(/310 tokens/);
});

test("the template's hash is the sha256 of its source", () => {
  expect(processor.template.hash).toMatch(/^[0-9a-f]{64}$/);
  expect(chatTemplate("").hash).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
});
