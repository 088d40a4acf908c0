import type { Range } from "@mede2/answers";
import { denialBefore, hypothetical } from "../lexicon.ts";
import type { TraceContext } from "../trace-context.ts";

/** Parts of a page, which may have both. */
const layout = /^(?:panels?|images?|figures?|pictures?|columns?|halves|half|photos?|photographs?|diagrams?)$/;

/** A thing of which the chain says two things. */
export interface Flip {
  reason: string;
  ranges: Range[];
}

const side =
  /\b(left|right)(?:[- ]sided)? ((?:upper |lower |middle |superior |inferior |anterior |posterior )?\p{L}{3,})/giu;

/** Sides, numbers and units of the same thing that differ, asserted both times. A thing that the stem tells with both sides may have both. */
export function flips(context: TraceContext, computed = false): Flip[] {
  return [...sideFlips(context), ...numberFlips(context, computed)];
}

function sideFlips({ sentences, shown }: TraceContext): Flip[] {
  const first = new Map<string, { side: string; range: Range }>();
  const found: Flip[] = [];
  for (const sentence of sentences) {
    if (hypothetical.test(sentence.text)) continue;
    for (const match of sentence.text.matchAll(side)) {
      if (denialBefore.test(sentence.text.slice(Math.max(0, match.index - 40), match.index))) continue;
      const [said, which, thing] = [match[0], match[1]!.toLowerCase(), match[2]!.toLowerCase()];
      if (layout.test(thing)) continue;
      const start = sentence.start + match.index;
      const range = { start, end: start + said.length };
      const known = first.get(thing);
      if (known === undefined) first.set(thing, { side: which, range });
      else if (known.side !== which && !bothShown(shown, thing)) {
        found.push({
          reason: `${known.side} ${thing} becomes ${which} ${thing}`,
          ranges: [known.range, range],
        });
        first.set(thing, { side: which, range });
      }
    }
  }
  return found;
}

function bothShown(shown: string, thing: string): boolean {
  return shown.includes(`left ${thing}`) && shown.includes(`right ${thing}`);
}

/** The same name with another number, or with the same number in another unit. Pairs such as 220/130 and what the stem holds too are no flips. */
function numberFlips({ numbers, shownNumbers, text }: TraceContext, computed: boolean): Flip[] {
  const first = new Map<string, (typeof numbers)[number]>();
  const found: Flip[] = [];
  for (const mention of numbers) {
    if (mention.name === "" || mention.threshold || mention.ordinal || text[mention.start - 1] === "/")
      continue;
    if (computed && /[=≈+×]/.test(text.slice(Math.max(0, mention.start - 40), mention.end + 40))) continue;
    const known = first.get(mention.name);
    if (known === undefined) {
      first.set(mention.name, mention);
      continue;
    }
    const bothTold = [known, mention].every(({ name, value }) =>
      shownNumbers.some((shown) => shown.name === name && shown.value === value),
    );
    const units = known.unit !== "" && mention.unit !== "" && known.unit !== mention.unit;
    const isUnit = (unit: string) =>
      /[%/]|^(?:m?g|kg|mcg|m?l|dl|mmol|umol|mm|cm|m?s|mmhg|u|iu|bpm)$/.test(unit);
    if (known.value !== mention.value && !bothTold)
      found.push({
        reason: `${mention.name} is ${known.value}, then ${mention.value}`,
        ranges: [known, mention].map(({ start, end }) => ({ start, end })),
      });
    else if (known.value === mention.value && units && isUnit(known.unit) && isUnit(mention.unit))
      found.push({
        reason: `${mention.name} is in ${known.unit}, then in ${mention.unit}`,
        ranges: [known, mention].map(({ start, end }) => ({ start, end })),
      });
  }
  return found;
}
