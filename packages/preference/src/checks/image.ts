import { z } from "zod";
import { modalities } from "../lexicon.ts";
import { quote, type TraceContext } from "../trace-context.ts";
import { visualClaims } from "../visual-claims.ts";
import { type CheckResult, fails, traceCheck } from "./check.ts";

/** Whether the model answered without an image: then nothing can be said of its use. */
function blind({ question, trace }: TraceContext): CheckResult | null {
  if (question.images.length === 0) return { notApplicable: "no-image" };
  return trace.images === "none" || trace.images === "options-only"
    ? { notApplicable: "image-not-shown" }
    : null;
}

/** Checks of whether the image carries the reasoning. */
export const imageChecks = {
  "visual-claims": traceCheck({
    about:
      "it says what the picture shows: a sign 0.4, where 0.3, and of the picture by name or with a measure 0.3; the best sentence counts",
    settings: z.strictObject({}),
    run: (context) => {
      const skip = blind(context);
      if (skip !== null) return skip;
      const claims = visualClaims(context);
      if (claims.length === 0) return fails("nothing is said of the picture");
      const worth = claims.map(({ location, detail }) => 0.4 + (location ? 0.3 : 0) + (detail ? 0.3 : 0));
      return {
        value: Math.max(...worth),
        spans: claims.slice(0, 5).map(({ sentence }) => quote(context, sentence)),
      };
    },
  }),

  "claims-own": traceCheck({
    about:
      "what it says of the picture is not copied from the stem (shares fewer than half of its word triples)",
    settings: z.strictObject({}),
    run: (context) => {
      const skip = blind(context);
      if (skip !== null) return skip;
      const claims = visualClaims(context);
      if (claims.length === 0) return { notApplicable: "no-visual-claim" };
      const shown = triples(context.shown);
      const copied = claims.filter(({ sentence }) => {
        const own = triples(sentence.text.toLowerCase());
        const shared = [...own].filter((triple) => shown.has(triple)).length;
        return own.size > 0 && shared * 2 > own.size;
      });
      const value = 1 - copied.length / claims.length;
      const spans = copied.map(({ sentence }) => quote(context, sentence));
      return copied.length === 0 ? { value, spans } : { value, spans, reason: "copied from the stem" };
    },
  }),

  "modality-agrees": traceCheck({
    about: "the kind of picture that it names is that of the metadata",
    settings: z.strictObject({}),
    run: (context) => {
      const skip = blind(context);
      if (skip !== null) return skip;
      const { modality } = context.question.tags;
      const own = Object.keys(modalities).find(
        (name) => name === modality || modalities[name]!.test(modality ?? ""),
      );
      if (own === undefined) return { notApplicable: "no-known-modality" };
      for (const claim of visualClaims(context)) {
        const named = Object.keys(modalities).filter((name) => modalities[name]!.test(claim.sentence.text));
        if (
          named.length > 0 &&
          !named.includes(own) &&
          !named.some((name) => modalities[name]!.test(context.shown))
        )
          return fails(`it speaks of ${named[0]}, the picture is ${modality}`, [
            quote(context, claim.sentence),
          ]);
        if (named.includes(own)) return { value: 1, spans: [quote(context, claim.sentence)] };
      }
      return { notApplicable: "no-modality-named" };
    },
  }),

  counterfactual: traceCheck({
    about:
      "log p(trace | image) − log p(trace | blank or swapped image), the smaller of the two: 0 at no difference, 1 from `margin` on",
    settings: z.strictObject({
      /** Nats over the whole trace. */
      margin: z.number().gt(0).default(2),
    }),
    run: ({ counterfactual }, { margin }) => {
      if (counterfactual === undefined) return { notApplicable: "no-log-probabilities" };
      const { real, blank, swapped } = counterfactual;
      const others = [blank, swapped].filter((other) => other !== undefined);
      const gain = real - Math.max(...others);
      if (!Number.isFinite(gain)) return { notApplicable: "log-probability-not-finite" };
      const value = Math.min(1, Math.max(0, gain / margin));
      const said = `${gain.toFixed(2)} nats more with the image`;
      return { value, spans: [], reason: said };
    },
  }),
};

function triples(text: string): Set<string> {
  const words = text.match(/[\p{L}\p{N}]+/gu) ?? [];
  return new Set(words.slice(2).map((word, at) => `${words[at]} ${words[at + 1]} ${word}`));
}
