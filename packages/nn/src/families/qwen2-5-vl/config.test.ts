import { expect, test } from "vitest";
import { goldenJson } from "../../../test/support/goldens.ts";
import { readQwen25VlConfig } from "./config.ts";
import { writeQwen25VlConfig } from "./write-config.ts";

const published = goldenJson<Record<string, unknown>>("qwen2-5-vl/checkpoint/config.json");

/** The same model as transformers v5 saves it. */
const nested = goldenJson<Record<string, unknown>>("qwen2-5-vl/saved-v5/config.json");

test("reads the published layout", () => {
  const config = readQwen25VlConfig(published);
  expect(config.text).toMatchObject({
    hiddenSize: 32,
    layers: 2,
    heads: 4,
    kvHeads: 2,
    headDim: 8,
    vocab: 320,
  });
  expect(config.text).toMatchObject({ mropeSection: [1, 1, 2], tieWordEmbeddings: true, ropeTheta: 1e6 });
  expect(config.text.slidingWindow).toBeUndefined();
  expect(config.vision).toMatchObject({
    depth: 3,
    patchSize: 4,
    windowSize: 16,
    fullAttentionBlocks: [1],
    headDim: 16,
  });
  expect(config.tokens).toMatchObject({
    image: 306,
    video: 307,
    visionStart: 303,
    visionEnd: 304,
    eos: [302],
  });
  expect(config.dtype).toBe("float32");
});

test("both layouts give the same config, and writing is the reader's inverse", () => {
  const config = readQwen25VlConfig(published);
  expect(readQwen25VlConfig(nested)).toEqual(config);
  expect(readQwen25VlConfig(JSON.parse(JSON.stringify(writeQwen25VlConfig(config))))).toEqual(config);
  const more = {
    ...config,
    text: { ...config.text, slidingWindow: { size: 64, layers: [1] }, tieWordEmbeddings: false },
    vision: { ...config.vision, ropeTheta: 5000 },
    tokens: { ...config.tokens, eos: [302, 300] },
    dtype: "bfloat16" as const,
  };
  expect(readQwen25VlConfig(JSON.parse(JSON.stringify(writeQwen25VlConfig(more))))).toEqual(more);
});

test("v5 leaves out class defaults", () => {
  const { num_hidden_layers: _, ...text } = nested.text_config as Record<string, unknown>;
  expect(readQwen25VlConfig({ ...nested, text_config: text }).text.layers).toBe(80);
});

const without = (key: string): unknown => ({ ...published, [key]: undefined });
const vision = (change: object): unknown => ({
  ...published,
  vision_config: { ...(published.vision_config as object), ...change },
});

test.each([
  ["another family", { ...published, model_type: "qwen3_vl" }, /config\.json: model_type is "qwen3_vl"/],
  ["layers left out in the flat layout", without("num_hidden_layers"), /num_hidden_layers is missing/],
  ["no image token", without("image_token_id"), /image_token_id is missing/],
  ["no vision_config", without("vision_config"), /vision_config is missing/],
  ["vision depth left out", vision({ depth: undefined }), /vision_config\.depth is missing/],
  [
    "a string for a number",
    { ...published, vocab_size: "320" },
    /vocab_size must be an integer, found "320"/,
  ],
  [
    "wrong sections",
    { ...published, rope_scaling: { type: "mrope", mrope_section: [2, 2, 2] } },
    /rope_scaling\.mrope_section \[2,2,2\]/,
  ],
  [
    "yarn",
    { ...published, rope_scaling: { type: "yarn", mrope_section: [1, 1, 2] } },
    /rope_scaling\.rope_type is not supported: "yarn"/,
  ],
  ["gelu", { ...published, hidden_act: "gelu" }, /hidden_act is not supported: "gelu"/],
  ["merger of another width", vision({ out_hidden_size: 64 }), /vision_config\.out_hidden_size is 64/],
  ["window under one unit", vision({ window_size: 7 }), /vision_config\.window_size 7 is smaller/],
])("names file and field: %s", (_, json, message) => {
  expect(() => readQwen25VlConfig(json)).toThrow(message);
});
