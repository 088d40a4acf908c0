import type { Mention, Range } from "@mede2/answers";
import { z } from "zod";
import { contentWords, isAmong, sharesStem } from "../content-words.ts";
import { denialBefore, hypothetical, pictureSays, signs } from "../lexicon.ts";
import { quote, type Sentence, type TraceContext } from "../trace-context.ts";
import { visualClaims } from "../visual-claims.ts";
import { arithmeticFaults } from "./arithmetic.ts";
import { bareVerdict } from "./bare-verdict.ts";
import { fails, holds, traceCheck } from "./check.ts";
import { reversals } from "./reversals.ts";
import { sentenceWords } from "./sentence-words.ts";
import { looseSentences, unsupportedReports } from "./unsupported-reports.ts";

const settling =
  /\b(?:answer|therefore|thus|hence|consequently|conclu(?:de|des|ding|sion)|must be|points? to|diagnos[ei]s|it is|so|settle[sd]?|decide[sd]?|clearly|certain(?:ly)?|choose|choice|best|correct|finally|confirms?)\b/i;
const turning =
  /\b(?:but|however|although|yet|on (?:reflection|review)|reconsider\w*|actually|after all|looking again|re-?check\w*|nevertheless|wait|correction|unless|first|initial(?:ly)?|tempt\w*)\b/i;

/** Words that deny or refuse; between them and the option stands no other clause. */
const denial =
  "not|never|no|nothing|nobody|wrong|incorrect|false|impossible|unlikely|unfit|against|contradict\\w*|exclud\\w*|reject\\w*|eliminat\\w*|ruled? out|rules out|fails?|n['’]t";
const deniedAfter = new RegExp(`^[^.;:,\\n]{0,30}?\\b(?:${denial})\\b`, "i");
const deniedBefore = new RegExp(
  `\\b(?:${denial})\\b(?![^.;:\\n]{0,30}\\b(?:so|but|hence|thus|therefore|instead|only)\\b)[^.;:,\\n]{0,30}$`,
  "i",
);
/** Words of time, which any case holds. */
const timeWord =
  /^(?:years?|months?|weeks?|days?|hours?|today|yesterday|since|last|earlier|recent(?:ly)?|before)$/;

/** Words that name the picture rather than what is on it. */
const pictureWord =
  /^(?:picture|image|film|radiograph|scan|slide|section|figure|photo|photograph|view|smear|strip|show|shows|depicts|reveals|displays|demonstrates|visible|seen|sees)$/;

/** A test, an examination or a report, and what it is said to have given. */
const testResult =
  /\b(?:biops(?:y|ies)|cultures?|serology|endoscopy|colonoscopy|bronchoscopy|echocardiogra(?:m|phy)|examination|laborator(?:y|ies)|labs?|blood tests?|tests?|urinalysis|swabs?|pcr|family history|screening|aspirat(?:e|ion)|puncture) (?:\p{L}+ ){0,3}?(?:show(?:s|ed)?|reveal(?:s|ed)?|found|finds|grew|grows|returned|confirmed|is|are|was|were|there (?:is|are|was|were)|positive for|of) ([^.;:\n]{3,80})/giu;
/** Something that the patient has, did or says. */
const patientEvent =
  /\b(?:the patient|patient|he|she|this (?:man|woman|child|patient)) (?:also |recently |now |has |had )?(?:has|had|takes|took|takes?|reports|reported|complains of|complained of|drinks|smokes|travel(?:s|led|ed)(?: to)?|underwent|received|was given|denies|works|lives|suffers from|is on|developed|noticed|presented with) ([^.;:\n]{3,60})/giu;

/** Checks of a chain against itself and the case that need nobody who knows the case. */
export const textChecks = {
  "no-reversals": traceCheck({
    about:
      "no sentence says the opposite of another in its own words, which costs a half, or repeats another with one word changed, which costs a quarter",
    settings: z.strictObject({}),
    run: (context) => {
      const found = reversals(context);
      if (found.length === 0) return { value: 1, spans: [] };
      return {
        value: Math.max(
          0,
          found.reduce((left, { altered }) => left - (altered ? 0.25 : 0.5), 1),
        ),
        spans: found.flatMap(({ ranges }) => ranges.map((range) => quote(context, range))),
        reason: found[0]!.reason,
      };
    },
  }),

  "one-conclusion": traceCheck({
    about: "no sentence concludes an option other than the answer, unless a turn is told after it",
    settings: z.strictObject({}),
    run: (context) => {
      if (context.final < 0 || context.question.options.length < 2) return { notApplicable: "no-options" };
      const affirmed = context.mentions.filter(({ negated }) => !negated);
      const other = affirmed.filter(({ option }) => option !== context.final);
      for (const sentence of context.sentences) {
        const inside = ({ start, end }: Range) => start >= sentence.start && end <= sentence.end;
        const wrong = other.find(inside);
        if (wrong === undefined || affirmed.some((one) => one.option === context.final && inside(one)))
          continue;
        const bare = bareVerdict(context, sentence, wrong);
        if (bare !== "for" && (hypothetical.test(sentence.text) || !settling.test(sentence.text))) continue;
        if (denialBefore.test(context.text.slice(Math.max(sentence.start, wrong.start - 40), wrong.start)))
          continue;
        if (turnsTo(context, sentence.start, sentence.end, affirmed)) continue;
        return fails("it concludes another option on the way", [quote(context, sentence)]);
      }
      return holds;
    },
  }),

  "answer-not-denied": traceCheck({
    about: "the answer is not denied in the chain, unless a turn is told after it",
    settings: z.strictObject({}),
    run: (context) => {
      if (context.final < 0) return { notApplicable: "no-answer" };
      const { text } = context;
      for (const mention of context.mentions) {
        if (mention.option !== context.final) continue;
        const sentence = context.sentences.find(
          ({ start, end }) => start <= mention.start && mention.start < end,
        );
        if (sentence === undefined) continue;
        const bare = bareVerdict(context, sentence, mention);
        const denied =
          bare === "against" ||
          deniedAfter.test(text.slice(mention.end, mention.end + 60)) ||
          deniedBefore.test(text.slice(Math.max(0, mention.start - 40), mention.start));
        if (!denied) continue;
        if (bare === null && hypothetical.test(sentence.text) && !nobody.test(sentence.text)) continue;
        // options weighed in one sentence are denied or affirmed one by one
        const others = context.mentions.some(
          ({ option, start, end }) =>
            option !== context.final && start >= sentence.start && end <= sentence.end,
        );
        if (others) continue;
        const affirmed = context.mentions.filter(({ negated }) => !negated);
        if (turnsTo(context, mention.end, sentence.end, affirmed)) continue;
        return fails("it denies what it answers", [quote(context, sentence)]);
      }
      return holds;
    },
  }),

  "arithmetic-holds": traceCheck({
    about: "sums that it writes out are right; the share of them",
    settings: z.strictObject({}),
    run: (context) => {
      const { sums, wrong } = arithmeticFaults(context.text);
      if (sums === 0) return { notApplicable: "no-sums" };
      return {
        value: 1 - wrong.length / sums,
        spans: wrong.slice(0, 5).map(({ range }) => quote(context, range)),
        ...(wrong.length > 0 && { reason: `${wrong[0]!.said}, not ${wrong[0]!.right}` }),
      };
    },
  }),

  "claims-carried": traceCheck({
    about:
      "what is seen is used: a sign of the first claim about the picture comes again in a later sentence (without a sign, one of its long words)",
    settings: z.strictObject({}),
    run: (context) => {
      if (context.question.images.length === 0) return { notApplicable: "no-image" };
      const claims = visualClaims(context);
      if (claims.length === 0) return { notApplicable: "no-visual-claim" };
      const inside = inThought(context);
      if (inside.length < 4) return { notApplicable: "short-chain" };
      const first = claims[0]!.sentence;
      const words = new Set([...first.text.matchAll(signs)].flatMap(([sign]) => contentWords(sign)));
      if (words.size === 0)
        for (const word of contentWords(first.text)) if (word.length >= 6) words.add(word);
      const again = inside.find(
        ({ start, text }) =>
          start > first.start && [...words].some((word) => sharesStem(word, text.toLowerCase())),
      );
      return again === undefined
        ? fails("what is seen is not used", [quote(context, first)])
        : { value: 1, spans: [quote(context, again)] };
    },
  }),

  "claims-in-findings": traceCheck({
    about:
      "at least half of the words that it says of the picture stand in the reference findings or the stem; below that in proportion",
    settings: z.strictObject({}),
    run: (context) => {
      const { findings } = context.question;
      if (findings === undefined) return { notApplicable: "no-reference-findings" };
      const known = `${findings.toLowerCase()}\n${context.shown}`;
      const claims = visualClaims(context).filter(({ sentence }) => pictureSays.test(sentence.text));
      if (claims.length === 0) return { notApplicable: "no-visual-claim" };
      const shares = claims.map(({ sentence }) => {
        const words = contentWords(sentence.text).filter(
          (word) => word.length >= 4 && !pictureWord.test(word),
        );
        return words.length === 0 ? 1 : words.filter((word) => sharesStem(word, known)).length / words.length;
      });
      const worst = Math.min(...shares);
      const spans = [quote(context, claims[shares.indexOf(worst)]!.sentence)];
      return worst >= 0.5
        ? { value: 1, spans }
        : { value: worst * 2, spans, reason: "what it says of the picture is not among the findings" };
    },
  }),

  "events-in-stem": traceCheck({
    about:
      "every test result, symptom, habit and event that it tells of this patient has a word of the case, and no sentence about the patient is made of other words",
    settings: z.strictObject({}),
    run: (context) => {
      const foreign = new Set(unsupportedReports(context));
      const wrong = inThought(context).flatMap((sentence) => {
        if (hypothetical.test(sentence.text) || pictureSays.test(sentence.text)) return [];
        if (foreign.has(sentence)) return [sentence];
        return [...sentence.text.matchAll(testResult), ...sentence.text.matchAll(patientEvent)].flatMap(
          (match) => {
            const at = sentence.start + match.index;
            if (denialBefore.test(sentence.text.slice(Math.max(0, match.index - 40), match.index))) return [];
            const said = contentWords(match[1]!).filter((word) => word.length >= 4 && !timeWord.test(word));
            if (said.length === 0 || said.some((word) => isAmong(word, context.knownWords))) return [];
            return [{ start: at, end: at + match[0].length }];
          },
        );
      });
      if (wrong.length === 0) return holds;
      const spans = wrong.map((range) => quote(context, range));
      return { value: 1 / (1 + spans.length), spans, reason: `${spans[0]!.quote}: not in the case` };
    },
  }),

  "sentences-tied": traceCheck({
    about:
      "the share of the sentences, of twelve at least, whose words stand in the case or come again in the chain (more than a third of them); thoughts, rules and what is said of the picture count as tied",
    settings: z.strictObject({}),
    run: (context) => {
      const speaking = sentenceWords(context).filter(({ own }) => own.length > 0);
      if (speaking.length < 3) return { notApplicable: "short-chain" };
      const loose = looseSentences(context);
      if (loose.length === 0) return holds;
      const spans = loose.slice(0, 5).map(({ sentence }) => quote(context, sentence));
      return {
        value: 1 - loose.length / Math.max(shortChain, speaking.length),
        spans,
        reason: `${spans[0]!.quote}: tied to nothing in case or chain`,
      };
    },
  }),
};

/** In chains of fewer sentences one more, tied or not, does not change what a loose one is worth. */
const shortChain = 12;

/** Nobody's thought is a denial. */
const nobody = /\b(?:nobody|no one|hardly anyone|few) (?:would|could|might|will|can)\b/i;

/** Whether a turn is told from `start` to the next place after `end` where the answer is affirmed. */
function turnsTo(
  { text, final, thought }: TraceContext,
  start: number,
  end: number,
  affirmed: readonly Mention[],
) {
  const next = affirmed.find((mention) => mention.option === final && mention.start >= end);
  return turning.test(text.slice(start, next === undefined ? thought.end : next.end));
}

function inThought({ sentences, thought }: TraceContext): Sentence[] {
  return sentences.filter(({ start, end }) => start >= thought.start - 1 && end <= thought.end + 1);
}
