import { basename } from "node:path";
import { makeTrace } from "@mede2/answers";
import { questionPrompt } from "@mede2/llm";
import { appendTrace, type RunWriter } from "@mede2/runs";
import { sha256Hex, type TrainingPlan } from "@mede2/schemas";
import type { Device } from "../device/device.ts";
import { type Encoder, encodeMessages } from "../examples/encode-example.ts";
import { createGenerator } from "../generate/generator.ts";
import type { ImagePath } from "../program/assemble.ts";
import type { ModelState } from "../program/model-state.ts";
import type { TrainingData } from "./training-data.ts";

/** How many held-out questions are answered whenever samples are due. */
const sampled = 4;

export type SampleContext = {
  readonly device: Device;
  readonly model: ModelState;
  readonly encoder: Encoder;
  readonly images: ImagePath;
  readonly questions: TrainingData["questions"];
  readonly plan: TrainingPlan;
};

/** Lets the model in training answer a few held-out questions and writes the traces, so that a viewer sees what it has learnt to say. */
export async function writeSamples(writer: RunWriter, step: number, context: SampleContext): Promise<void> {
  const { device, model, encoder, images, plan } = context;
  const chosen = context.questions.slice(0, sampled);
  if (chosen.length === 0) return;
  const { tokenizer, ends: stop } = encoder.processor;
  const generator = createGenerator(device, model, {
    batch: chosen.length,
    pad: tokenizer.padId,
    stop,
    images,
  });
  const { temperature, topP, maxTokens, seed } = plan.decoding;
  const sampling = { temperature, topP, maxTokens, seed: seed ?? plan.seed };
  const prompts = chosen.map(({ question, style }) =>
    encodeMessages(encoder, question.id, questionPrompt(question, style), true),
  );
  const results = await generator.generate(prompts.map((prompt) => ({ prompt, sampling, sample: 0 })));
  await generator.release();
  for (const [index, result] of results.entries()) {
    const { question } = chosen[index]!;
    const trace = makeTrace({
      question,
      text: tokenizer.decode(result.tokens),
      finish: result.finish,
      logProb: result.logProb,
      tokens: { prompt: prompts[index]!.tokens.length, completion: result.tokens.length },
      by: { kind: "model", name: plan.recipe, run: basename(writer.dir) },
      stage: plan.kind === "preference" ? "stage2" : plan.kind === "sft" ? "stage1" : "base",
      images: "real",
      promptHash: sha256Hex(encoder.processor.tokenizer.decode(prompts[index]!.tokens)),
      sample: { index: 0, ...sampling },
    });
    writer.append(await appendTrace(writer.dir, "traces/samples.trace.jsonl", trace, step));
  }
}
