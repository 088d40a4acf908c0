import type { WardCase } from "./case.ts";
import { shuffled } from "./draw.ts";
import { wardFact, wardFacts } from "./facts.ts";
import type { Random } from "./images/random.ts";
import { wardStem } from "./prompt.ts";
import { wardFactor, wardFactors } from "./treatments.ts";
import type { WardValue } from "./ward-value.ts";

/** Reading questions: a chain cannot cite what the model never learnt to find. */
export interface ReadingItem {
  readonly prompt: string;
  readonly completion: string;
}

/** Share of chart questions that have the whole chart read out: four values copied for one prompt. */
const WHOLE_CHART = 0.5;

/** Every value with what it means, in the order of the chart. */
function wholeChart(random: Random, text: string, values: readonly WardValue[]): ReadingItem {
  const verb = random.chance(0.5) ? "means" : "is";
  const lines = values.map(({ fact, value, decisive }) =>
    decisive
      ? `${wardFact(fact).name} ${value} ${verb} ${wardFact(fact).meaning}.`
      : `${wardFact(fact).name} ${value} is normal.`,
  );
  return { prompt: `${text}\nread the chart.`, completion: lines.join("\n") };
}

/** A chart as it stands in a stem. */
export const chartOf = (values: readonly WardValue[]): string =>
  values.map(({ fact, value }) => `${wardFact(fact).name} ${value}`).join(", ");

/** About a chart alone, with one abnormal value of any class. */
export function chartReading(random: Random): ReadingItem {
  const facts = shuffled(random, wardFacts).slice(0, 4);
  const values = shuffled(
    random,
    facts.map(
      (fact, index): WardValue => ({
        fact: fact.id,
        value: random.pick(index === 0 ? fact.abnormal : fact.normal),
        decisive: index === 0,
      }),
    ),
  );
  return question(random, `chart: ${chartOf(values)}`, values);
}

/** About a whole stem, with the picture or with words in its place: its chart, or the patient's state. */
export function stemReading(random: Random, drawn: WardCase, form: "image" | "text"): ReadingItem {
  const stem = wardStem(drawn, form);
  if (random.chance(0.4)) {
    const name = wardFactor(drawn.factor).name;
    return random.chance(0.7)
      ? { prompt: `${stem}\nhow is the patient?`, completion: `the patient is ${name}.` }
      : yesNo(random, stem, name);
  }
  return question(random, stem, drawn.values);
}

function yesNo(random: Random, stem: string, name: string): ReadingItem {
  const asked = random.chance(0.5) ? name : random.pick(wardFactors).name;
  return {
    prompt: `${stem}\nis the patient ${asked}?`,
    completion: asked === name ? `yes, ${name}.` : `no, ${name}.`,
  };
}

function question(random: Random, text: string, values: readonly WardValue[]): ReadingItem {
  const decisive = values.find((value) => value.decisive)!;
  const fact = wardFact(decisive.fact);
  const any = random.pick(values);
  const anyName = wardFact(any.fact).name;
  if (random.chance(WHOLE_CHART)) return wholeChart(random, text, values);
  switch (random.integer(0, 4)) {
    case 0:
    case 1:
      return {
        prompt: `${text}\nwhich value is abnormal?`,
        completion: random.chance(0.5)
          ? `${fact.name} ${decisive.value} means ${fact.meaning}.`
          : `${fact.name} ${decisive.value} is ${fact.meaning}.`,
      };
    case 2:
      return random.chance(0.5)
        ? { prompt: `${text}\nhow much is ${anyName}?`, completion: `${anyName} ${any.value}.` }
        : { prompt: `${text}\ncheck ${anyName}.`, completion: `check: chart says ${anyName} ${any.value}.` };
    case 3:
      return {
        prompt: `${text}\nis ${anyName} normal?`,
        completion: any.decisive
          ? `no, ${anyName} ${any.value} means ${fact.meaning}.`
          : `yes, ${anyName} ${any.value} is normal.`,
      };
    default: {
      const normal = random.pick(values.filter((value) => !value.decisive));
      const name = wardFact(normal.fact).name;
      return { prompt: `${text}\nname a normal value.`, completion: `${name} ${normal.value} is normal.` };
    }
  }
}
