import type { WardCase } from "./case.ts";
import { shuffled } from "./draw.ts";
import { wardFact, wardFacts } from "./facts.ts";
import { findingLook, findingName, wardFinding } from "./findings.ts";
import { combinationSet } from "./held-out.ts";
import { type WardAppearance, type WardImageSpec, wardAppearances } from "./images/kinds.ts";
import type { Random } from "./images/random.ts";
import { WARD_IMAGE_PLACE, wardStem } from "./prompt.ts";
import { chartOf } from "./reading.ts";
import { noWords, say } from "./sentences.ts";
import { imageSpec } from "./vision.ts";
import type { WardValue } from "./ward-value.ts";

/**
 * A picture and a chart said together: in one phrase ("effusion with cardiac strain.") or in two sentences, what the picture shows and which value is
 * abnormal. No rule is applied.
 */
export interface RestateItem {
  readonly prompt: string;
  readonly completion: string;
  readonly image?: WardImageSpec;
}

/** Share of items in two sentences. */
const SENTENCES = 0.6;

/** Of a case of training, with its whole stem. */
export function restateCase(random: Random, drawn: WardCase, form: "image" | "text"): RestateItem {
  const { finding, modifier, values } = drawn;
  return item(random, wardStem(drawn, form), { finding, modifier } as WardAppearance, values, {
    ...(form === "image" ? { image: specOf(drawn) } : {}),
  });
}

/**
 * Of any finding beside any abnormal value, also where no rule joins the two; only held-out combinations never occur. Without these a model learns which facts go with a
 * finding instead of reading them. Half of them stand in the whole stem of a case, half alone.
 */
export function restateAny(random: Random, drawn: WardCase, form: "image" | "text"): RestateItem {
  for (;;) {
    const appearance = random.pick(wardAppearances());
    const alone = random.chance(0.5);
    const values = alone ? anyChart(random) : drawn.values;
    const { fact } = values.find(({ decisive }) => decisive)!;
    if (combinationSet({ finding: appearance.finding, fact }) !== "train") continue;
    const { looks } = wardFinding(appearance.finding);
    const look = findingLook(appearance.finding, appearance.modifier, random.integer(0, looks.length - 1));
    const stem = alone
      ? `picture: ${form === "image" ? WARD_IMAGE_PLACE : look}\nchart: ${chartOf(values)}`
      : wardStem({ ...drawn, look }, form);
    const image = imageSpec(appearance, 2 ** 33 + random.word());
    return item(random, stem, appearance, values, form === "image" ? { image } : {});
  }
}

function anyChart(random: Random): WardValue[] {
  const facts = shuffled(random, wardFacts).slice(0, 4);
  return shuffled(
    random,
    facts.map(({ id, abnormal, normal }, index) => ({
      fact: id,
      value: random.pick(index === 0 ? abnormal : normal),
      decisive: index === 0,
    })),
  );
}

function specOf({ kind, finding, modifier, imageSeed }: WardCase): WardImageSpec {
  return { kind, finding, modifier, seed: imageSeed } as WardImageSpec;
}

function item(
  random: Random,
  stem: string,
  { finding, modifier }: Pick<WardAppearance, "finding" | "modifier">,
  values: readonly WardValue[],
  image: { readonly image?: WardImageSpec },
): RestateItem {
  const { fact, value } = values.find(({ decisive }) => decisive)!;
  const { name, meaning } = wardFact(fact);
  const bareFinding = wardFinding(finding).name;
  if (!random.chance(SENTENCES))
    return {
      prompt: `${stem}\nwhat is known?`,
      completion: random.chance(0.5) ? `${bareFinding} with ${meaning}.` : `${bareFinding} and ${meaning}.`,
      ...image,
    };
  const words = { ...noWords, finding: findingName(finding, modifier), chart: `${name} ${value}`, meaning };
  return {
    prompt: `${stem}\nwhat is seen, and which value is abnormal?`,
    completion: `${say("finding", words, random)}\n${say("fact", words, random)}`,
    ...image,
  };
}
