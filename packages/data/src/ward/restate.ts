import type { WardCase } from "./case.ts";
import { shuffled } from "./draw.ts";
import { wardFact, wardFacts } from "./facts.ts";
import { findingLook, wardFinding } from "./findings.ts";
import { combinationSet } from "./held-out.ts";
import { type WardImageSpec, wardAppearances } from "./images/kinds.ts";
import type { Random } from "./images/random.ts";
import { WARD_IMAGE_PLACE, wardStem } from "./prompt.ts";
import { chartOf } from "./reading.ts";
import { imageSpec } from "./vision.ts";

/** A picture and a chart put into one phrase: "effusion with cardiac strain." No rule is applied. */
export interface RestateItem {
  readonly prompt: string;
  readonly completion: string;
  readonly image?: WardImageSpec;
}

const asked = "what is known?";

/** Of a case of training, with its whole stem. */
export function restateCase(random: Random, drawn: WardCase, form: "image" | "text"): RestateItem {
  const image = {
    kind: drawn.kind,
    finding: drawn.finding,
    modifier: drawn.modifier,
    seed: drawn.imageSeed,
  } as WardImageSpec;
  return {
    prompt: `${wardStem(drawn, form)}\n${asked}`,
    completion: phrase(random, wardFinding(drawn.finding).name, wardFact(drawn.fact).meaning),
    ...(form === "image" ? { image } : {}),
  };
}

/**
 * Of any finding beside any abnormal value, also where no rule joins the two; only held-out combinations never occur. Without these a model learns which facts go with a
 * finding instead of reading them.
 */
export function restateAny(random: Random, form: "image" | "text"): RestateItem {
  for (;;) {
    const appearance = random.pick(wardAppearances());
    const facts = shuffled(random, wardFacts).slice(0, 4);
    const fact = facts[0]!;
    if (combinationSet({ finding: appearance.finding, fact: fact.id }) !== "train") continue;
    const values = shuffled(
      random,
      facts.map(({ id, abnormal, normal }, index) => ({
        fact: id,
        value: random.pick(index === 0 ? abnormal : normal),
        decisive: index === 0,
      })),
    );
    const entry = wardFinding(appearance.finding);
    const look = findingLook(entry.id, appearance.modifier, random.integer(0, entry.looks.length - 1));
    return {
      prompt: `picture: ${form === "image" ? WARD_IMAGE_PLACE : look}\nchart: ${chartOf(values)}\n${asked}`,
      completion: phrase(random, entry.name, fact.meaning),
      ...(form === "image" ? { image: imageSpec(appearance, 2 ** 33 + random.word()) } : {}),
    };
  }
}

function phrase(random: Random, finding: string, meaning: string): string {
  return random.chance(0.5) ? `${finding} with ${meaning}.` : `${finding} and ${meaning}.`;
}
