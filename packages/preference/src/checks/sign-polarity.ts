import type { Range } from "@mede2/answers";
import { z } from "zod";
import { wordStem } from "../antonyms.ts";
import { denialAfter, denialBefore, hypothetical, locations, signs } from "../lexicon.ts";
import { quote, type TraceContext } from "../trace-context.ts";
import { traceCheck } from "./check.ts";
import type { Flip } from "./flips.ts";

const place = new RegExp(locations, "gi");
const turning =
  /\b(?:but|however|although|though|yet|on (?:reflection|review)|reconsider\w*|actually|after all|looking again|nevertheless|correction|instead|before|after|earlier|later|then|now|previous\w*|prior)\b/i;

/** What is asked, looked for or only an idea is not said to be there. */
const asking =
  /\b(?:ask(?:s|ed|ing)?|question\w*|whether|look(?:s|ed|ing)? for|search\w*|as to|with regard to|regarding|concerning|evidence (?:of|for)|against|idea|notion|possibility|hypothesis|suspicion|suspect\w*)\b/i;

interface SaidOf {
  denied: boolean;
  places: string;
  range: Range;
}

/** Signs that are said to be there and said to be absent at the same place (or at none), without a turn and without two times. */
export function polarityFlips({ sentences, thought }: TraceContext): Flip[] {
  const said = new Map<string, SaidOf[]>();
  const found: Flip[] = [];
  for (const { start, end, text } of sentences) {
    if (end <= thought.start || start >= thought.end) continue;
    if (text.search(signs) < 0 || text.endsWith("?")) continue;
    if (hypothetical.test(text) || turning.test(text) || asking.test(text)) continue;
    // what a sentence both names and denies ("asked for an effusion: there is none", "no effusion") it denies
    const here = new Map<string, boolean>();
    for (const { index, 0: sign } of text.matchAll(signs)) {
      const name = wordStem(sign.toLowerCase());
      const denied =
        denialBefore.test(text.slice(Math.max(0, index - 60), index)) ||
        denialAfter.test(text.slice(index + sign.length, index + sign.length + 60));
      here.set(name, denied || here.get(name) === true);
    }
    if (here.size === 0) continue;
    const places = [...new Set([...text.matchAll(place)].map(([word]) => wordStem(word.toLowerCase())))]
      .sort()
      .join(" ");
    for (const [name, denied] of here) {
      const now: SaidOf = { denied, places, range: { start, end } };
      const before = said.get(name);
      if (before === undefined) said.set(name, [now]);
      else {
        const other = before.find((one) => one.denied !== now.denied && one.places === places);
        if (other !== undefined)
          found.push({
            reason: `${name} is ${now.denied ? "seen, then denied" : "denied, then seen"}`,
            ranges: [other.range, now.range],
          });
        else if (before.length < 8) before.push(now);
      }
    }
  }
  return found;
}

export const polarityChecks = {
  "signs-kept": traceCheck({
    about:
      "no sign is said to be there and to be absent at one place, unless a turn is told; each costs a half",
    settings: z.strictObject({}),
    run: (context) => {
      const found = polarityFlips(context);
      if (found.length === 0) return { value: 1, spans: [] };
      return {
        value: Math.max(0, 1 - found.length / 2),
        spans: found.flatMap(({ ranges }) => ranges.map((range) => quote(context, range))),
        reason: found[0]!.reason,
      };
    },
  }),
};
