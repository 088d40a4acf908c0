import { z } from "zod";
import { contentWords, sharesStem } from "../content-words.ts";
import { modalities, pictureSays } from "../lexicon.ts";
import { quote, type TraceContext } from "../trace-context.ts";
import { visualClaims } from "../visual-claims.ts";
import { fails, holds, traceCheck } from "./check.ts";

/** Words of questions about pictures that name nothing that could be seen. */
const asking =
  /^(?:image|images|picture|film|scan|slice|section|view|shown|show|shows|seen|visible|evidence|present|there|this|these|patient|above|below|question|following|describe|identify|name|options?|answer|reason|first|only|abnormal\w*|normal|finding|findings|any)$/;

const regions: readonly (readonly [name: string, words: RegExp])[] = [
  [
    "head",
    /\b(?:brain|cerebr\w+|cerebell\w+|intracranial|skull|lateral ventricles|third ventricle|sulci|gyri|midbrain|pons|medulla|brainstem|basal ganglia|thalam\w+|orbits?|sinuses)\b/i,
  ],
  [
    "chest",
    /\b(?:lungs?|pulmonary|mediastin\w+|cardiac|heart|hil(?:ar|um|a)|clavicles?|ribs?|trachea|bronch\w+|costophrenic)\b/i,
  ],
  [
    "abdomen",
    /\b(?:abdom\w+|liver|hepatic|bowel|colon|kidneys?|renal|spleen|splenic|gallbladder|pancrea\w+|appendi\w+|stomach|peritone\w+)\b/i,
  ],
];

const named = (text: string) => regions.filter(([, words]) => words.test(text)).map(([name]) => name);

/** Checks of whether a chain speaks of the picture that it was shown, and of what it was asked about. */
export const pictureChecks = {
  "asked-is-seen": traceCheck({
    about:
      "to a question of yes or no, a sentence about the picture names what is asked: half of the question's words in one sentence, or in proportion",
    settings: z.strictObject({}),
    run: (context) => {
      const { question } = context;
      if (question.images.length === 0) return { notApplicable: "no-image" };
      if (!isPolar(context)) return { notApplicable: "no-yes-or-no" };
      const asked = contentWords(question.stem.replaceAll("<image>", "")).filter(
        (word) => word.length >= 4 && !asking.test(word),
      );
      if (asked.length === 0) return { notApplicable: "nothing-named" };
      const claims = visualClaims(context);
      if (claims.length === 0) return { notApplicable: "no-visual-claim" };
      const shares = claims.map(({ sentence }) => {
        const said = sentence.text.toLowerCase();
        return asked.filter((word) => sharesStem(word, said)).length / asked.length;
      });
      const best = Math.max(...shares);
      const spans = [quote(context, claims[shares.indexOf(best)]!.sentence)];
      return best >= 0.5
        ? { value: 1, spans }
        : { value: best * 2, spans, reason: "what is asked is not looked at" };
    },
  }),

  "one-picture": traceCheck({
    about:
      "all that it says of the picture is of one kind of picture and one region of the body, unless the question names more",
    settings: z.strictObject({}),
    run: (context) => {
      const { question, shown } = context;
      if (question.images.length !== 1) return { notApplicable: "not-one-image" };
      const seen = new Set(visualClaims(context).map(({ sentence }) => sentence));
      const claims = context.sentences.filter(
        (sentence) => seen.has(sentence) || pictureSays.test(sentence.text),
      );
      if (claims.length === 0) return { notApplicable: "no-visual-claim" };
      const kinds = (text: string) => Object.keys(modalities).filter((name) => modalities[name]!.test(text));
      const own = new Set([...kinds(shown), ...kinds(question.tags.modality ?? "")]);
      const places = new Set(named(shown));
      for (const { text, start, end } of claims) {
        const other = kinds(text).find((name) => own.size > 0 && !own.has(name));
        const place = named(text).find((name) => places.size > 0 && !places.has(name));
        if (
          other !== undefined ||
          (place !== undefined && ![...places].some((known) => named(text).includes(known)))
        )
          return fails(`it speaks of ${other ?? place} too`, [quote(context, { start, end })]);
        for (const name of kinds(text)) own.add(name);
        if (places.size === 0) for (const name of named(text)) places.add(name);
      }
      return holds;
    },
  }),
};

function isPolar({ question }: TraceContext): boolean {
  const words = question.options.map((option) => option.trim().toLowerCase());
  return words.length === 2 && words.includes("yes") && words.includes("no");
}
