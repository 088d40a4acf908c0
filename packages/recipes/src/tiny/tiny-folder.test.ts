import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { openModelFolder, type Qwen25VlConfig } from "@mede2/nn";
import { describe, expect, it } from "vitest";
import { tinyFolder } from "./tiny-folder.ts";
import { tinyConfig } from "./tiny-model.ts";
import { tinyTokenizer } from "./tiny-tokenizer.ts";

describe("the shipped Tiny", () => {
  it("is the file that the recipe made, and small", () => {
    const sha256 = createHash("sha256")
      .update(readFileSync(join(tinyFolder, "model.safetensors")))
      .digest("hex");
    expect(sha256).toBe(readFileSync(join(tinyFolder, "model.sha256"), "utf8").trim());
    const bytes = readdirSync(tinyFolder).reduce(
      (sum, name) => sum + statSync(join(tinyFolder, name)).size,
      0,
    );
    expect(bytes).toBeLessThan(8_000_000);
  });

  it("has the recipe's architecture and tokenizer", async () => {
    const config = (await openModelFolder(tinyFolder)).config as Qwen25VlConfig;
    const tokenizer = tinyTokenizer();
    expect(config.vision).toEqual(tinyConfig(config.text.vocab, config.tokens).vision);
    expect(config.text).toEqual(tinyConfig(config.text.vocab, config.tokens).text);
    expect(config.tokens).toEqual(tokenizer.tokens);
    expect(config.text.vocab).toBeLessThanOrEqual(4096);
    expect(JSON.parse(readFileSync(join(tinyFolder, "tokenizer.json"), "utf8"))).toEqual(
      JSON.parse(JSON.stringify(tokenizer.tokenizerJson)),
    );
  });

  it("knows every byte", async () => {
    const { tokenizer } = await (await openModelFolder(tinyFolder)).processor();
    const text = "Ærø 東京 \u0000 \u{1f600} \n\t€";
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  });
});
