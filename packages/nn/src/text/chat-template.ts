import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Template } from "@huggingface/jinja";
import { NnFault } from "../fault.ts";
import { isJsonObject } from "../json-fields.ts";

export type ChatPart = { readonly type: "text"; readonly text: string } | { readonly type: "image" };

export type ChatMessage = {
  readonly role: "system" | "user" | "assistant";
  readonly content: string | readonly ChatPart[];
};

export type RenderOptions = {
  /** End with the opening of an assistant's turn. */
  readonly addGenerationPrompt?: boolean;
  /** Further variables of the template, for example `add_vision_id`. */
  readonly variables?: { readonly [name: string]: unknown };
};

export type ChatTemplate = {
  readonly source: string;
  /** sha256 of the source, lower-case hex: the same at training and evaluation, or the numbers mean nothing. */
  readonly hash: string;
  render(messages: readonly ChatMessage[], options?: RenderOptions): string;
};

/**
 * @param source     Jinja source
 * @param variables  always defined: `bos_token`, `eos_token`, … of the tokenizer. `raise_exception` and
 *                   `strftime_now` come with the engine; override the latter here where the date must not vary.
 * @throws NnFault `template-invalid` here, `template-failed` when rendering
 */
export function chatTemplate(
  source: string,
  variables: { readonly [name: string]: unknown } = {},
  where = "chat template",
): ChatTemplate {
  let template: Template;
  try {
    template = new Template(source);
  } catch (cause) {
    throw new NnFault("template-invalid", `${where} is not valid Jinja: ${(cause as Error).message}`, {
      cause,
    });
  }
  return {
    source,
    hash: createHash("sha256").update(source).digest("hex"),
    render: (messages, options = {}) => {
      try {
        return template.render({
          ...variables,
          ...options.variables,
          messages,
          add_generation_prompt: options.addGenerationPrompt ?? false,
        });
      } catch (cause) {
        throw new NnFault("template-failed", `${where} refused the messages: ${(cause as Error).message}`, {
          cause,
        });
      }
    },
  };
}

/**
 * Source of a model folder's template, from `chat_template.jinja`, `chat_template.json` or `tokenizer_config.json`, in
 * this order (as transformers v5 looks). Of several named templates, `default` is taken.
 */
export async function loadChatTemplateSource(folder: string): Promise<string> {
  const jinja = await readOptional(join(folder, "chat_template.jinja"));
  if (jinja !== undefined) return jinja;
  for (const name of ["chat_template.json", "tokenizer_config.json"]) {
    const text = await readOptional(join(folder, name));
    const json: unknown = text === undefined ? undefined : JSON.parse(text);
    const found = isJsonObject(json) ? json.chat_template : undefined;
    if (typeof found === "string") return found;
    if (Array.isArray(found)) {
      const chosen = found.find((entry) => isJsonObject(entry) && entry.name === "default");
      if (isJsonObject(chosen) && typeof chosen.template === "string") return chosen.template;
    }
  }
  throw new NnFault(
    "template-missing",
    `${folder} has no chat template (chat_template.jinja, chat_template.json, or chat_template in tokenizer_config.json)`,
  );
}

async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
