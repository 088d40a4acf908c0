import { type ChatRequest, imagesOf, type Sampling } from "@mede2/llm";
import { canonicalJson, type ImageCondition, type Question, sha256Hex } from "@mede2/schemas";
import { createRandom } from "@mede2/stats";
import { EvaluationError } from "../evaluation-error.ts";
import { conversationOf } from "../protocols/conversation.ts";
import type { Protocol } from "../protocols/protocol.ts";

/** One question under one condition: what is asked at once, with all its samples, and recorded at once. */
export interface EvaluationUnit {
  question: Question;
  condition: ImageCondition;
  /** One a sample, with a seed of its own; their messages are the same object. */
  requests: ChatRequest[];
  /** The user's later messages, each after a reply. */
  followUps: readonly string[];
  /** Of the images that the request really holds, in order. */
  imageHashes: string[];
  /** sha256 over messages, image hashes and later messages, before any chat template. */
  promptHash: string;
}

export interface UnitSettings {
  protocol: Protocol;
  sampling: Sampling;
  samples: number;
  seed: number;
}

/**
 * The request for a question that already stands under its condition (`shown`). Throws an EvaluationError when an image is missing: a question
 * that would be answered without its image must never count as one that was seen.
 */
export function evaluationUnit(
  question: Question,
  condition: ImageCondition,
  shown: Question,
  { protocol, sampling, samples, seed: runSeed }: UnitSettings,
): EvaluationUnit {
  const { messages, followUps } = conversationOf(shown, protocol);
  const imageHashes = imagesOf(messages).map(({ sha256 }) => sha256);
  const seen = condition !== "none" && condition !== "options-only";
  const places = question.stem.split("<image>").length - 1;
  if (seen && places > question.images.length)
    throw new EvaluationError(
      "image-missing",
      `${question.id} speaks of ${places} images and has ${question.images.length}: import its images, or ask under the condition "none"`,
    );
  if (imageHashes.length !== (seen ? question.images.length : 0))
    throw new EvaluationError(
      "image-not-sent",
      `${question.id} would be sent with ${imageHashes.length} images under the condition "${condition}", not ${seen ? question.images.length : 0}`,
    );
  const first = createRandom(`${sampling.seed ?? runSeed}/${question.id}/${condition}`).uint32() >>> 2;
  return {
    question,
    condition,
    requests: Array.from({ length: samples }, (_, index) => ({
      messages,
      sampling: { ...sampling, seed: first + index },
    })),
    followUps,
    imageHashes,
    promptHash: promptHash(messages, followUps),
  };
}

function promptHash(messages: ChatRequest["messages"], followUps: readonly string[]): string {
  const sent = messages.map(({ role, content }) => ({
    role,
    content: content.map((part) => (part.type === "text" ? part.text : { image: part.image.sha256 })),
  }));
  return sha256Hex(canonicalJson(followUps.length === 0 ? sent : { sent, followUps }));
}
