const families =
  /\b(qwen|qwq|qvq|lingshu|huatuo\w*|llama|vicuna|mistral|mixtral|pixtral|gemma|medgemma|gemini|palm|gpt|chatgpt|o[134](?=-|$)|claude|deepseek|internvl|internlm|phi|glm|yi|kimi|command|grok|llava\w*|openthinker|dapo)/i;
const parents: Readonly<Record<string, string>> = {
  ...{ qwq: "qwen", qvq: "qwen", dapo: "qwen", openthinker: "qwen", lingshu: "qwen" },
  ...{ vicuna: "llama", mixtral: "mistral", pixtral: "mistral" },
  ...{ medgemma: "gemini", gemma: "gemini", palm: "gemini" },
  ...{ chatgpt: "gpt", o1: "gpt", o3: "gpt", o4: "gpt", internlm: "internvl" },
};

/** The family of a model by its name: relatives may favour one another. A name that is not known is its own family. */
export function familyOf(model: string): string {
  const found = families.exec(model)?.[1]?.toLowerCase();
  if (found === undefined) return model.toLowerCase();
  return parents[found] ?? found;
}
