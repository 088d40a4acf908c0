import type { Span } from "@mede2/schemas";
import {
  denialAfter,
  denialBefore,
  hypothetical,
  locations,
  measure,
  modalities,
  pictureSays,
  signs,
} from "./lexicon.ts";
import { quote, type Sentence, type TraceContext } from "./trace-context.ts";

/** A sentence that says what the picture shows, and how much of it is named. */
export interface VisualClaim {
  sentence: Sentence;
  location: boolean;
  /** The picture, its modality or a measure is named. */
  detail: boolean;
}

/** The claims about the picture: sentences of the reasoning with a sign, or that speak of the picture; no mere thoughts. */
export function visualClaims(context: TraceContext): readonly VisualClaim[] {
  const known = claimsOf.get(context);
  if (known !== undefined) return known;
  const claims = findClaims(context);
  claimsOf.set(context, claims);
  return claims;
}

/** Several checks ask for the claims of one trace. */
const claimsOf = new WeakMap<TraceContext, readonly VisualClaim[]>();

function findClaims({ sentences, thought }: TraceContext): VisualClaim[] {
  return sentences.flatMap((sentence) => {
    if (sentence.end <= thought.start || sentence.start >= thought.end) return [];
    const { text } = sentence;
    if (hypothetical.test(text)) return [];
    const picture = pictureSays.test(text);
    if (!picture && text.search(signs) < 0) return [];
    const detail =
      picture || measure.test(text) || Object.values(modalities).some((words) => words.test(text));
    return [{ sentence, location: locations.test(text), detail }];
  });
}

/**
 * The signs that the trace asserts of the picture, neither denied nor only thought of. Where sentences speak of the picture, only they count:
 * elsewhere the same words name diseases.
 */
export function assertedSigns(context: TraceContext): Span[] {
  const speaking = context.sentences.filter(({ text }) => pictureSays.test(text));
  return (speaking.length > 0 ? speaking : context.sentences).flatMap((sentence) =>
    hypothetical.test(sentence.text)
      ? []
      : [...sentence.text.matchAll(signs)].flatMap(({ index, 0: said }) => {
          const denied =
            denialBefore.test(sentence.text.slice(Math.max(0, index - 60), index)) ||
            denialAfter.test(sentence.text.slice(index + said.length, index + said.length + 60));
          const start = sentence.start + index;
          return denied ? [] : [quote(context, { start, end: start + said.length })];
        }),
  );
}
