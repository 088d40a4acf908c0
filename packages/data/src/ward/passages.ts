import { applyRule, concludeFrom } from "./apply.ts";
import { type WardCase, wardCase } from "./case.ts";
import { wardDirectAnswer } from "./chain.ts";
import { findingLook, findingName, wardFinding, wardFindings } from "./findings.ts";
import { type WardImageSpec, wardAppearances } from "./images/kinds.ts";
import { type Random, randomStream } from "./images/random.ts";
import { promptOf, WARD_IMAGE_PLACE, type WardPromptPart, wardPrompt, wardStem } from "./prompt.ts";
import { wardQuestion } from "./question.ts";
import { chartReading, stemReading } from "./reading.ts";
import { restateAny, restateCase } from "./restate.ts";
import { ruleChoice, ruleParagraph, rulePassage, ruleTold } from "./rule-text.ts";
import { imageSpec } from "./vision.ts";

/**
 * What an item of pretraining teaches. `rules`: the rules as sentences, all 64 combinations. `choice`: one rule as a question; only
 * combinations of training. `reading`: the chart and the patient's state. `translation`: the words of a picture into its finding.
 * `caption`: a picture into its finding. `direct`: the bare answer to one of the questions of the pool. `paragraph`: rules that belong
 * together. `told`: the rules of a diagnosis beside a picture of something else. `restate`: finding and fact in one phrase or two sentences. `apply`: one rule, applied to what is said. `conclude`: from a given group to the answer.
 */
export type WardTopic =
  | "rules"
  | "choice"
  | "reading"
  | "translation"
  | "caption"
  | "direct"
  | "paragraph"
  | "told"
  | "restate"
  | "apply"
  | "conclude";

/** One item of pretraining text. `completion` is what is learnt; whether the prompt is masked is up to the trainer. */
export interface WardPassage {
  readonly kind: "text" | "caption" | "qa";
  readonly topic: WardTopic;
  /** Holds `<image>` where the picture stands, if there is one. Empty for `text`. */
  readonly prompt: string;
  readonly parts: readonly WardPromptPart[];
  readonly completion: string;
  readonly image?: WardImageSpec;
}

export interface WardPassageOptions {
  readonly count: number;
  readonly seed: number;
  /** The first item, to draw a stream in portions; default 0. */
  readonly from?: number;
  /** How many questions of the split `pretrain` (seed `poolSeed`, index 0 to pool − 1) are answered directly; default 600. */
  readonly pool?: number;
  readonly poolSeed?: number;
  /** Default: all but `paragraph`, `told`, `restate`, `apply` and `conclude`. `weights` below says how often each comes. */
  readonly topics?: readonly WardTopic[];
  /** Without pictures, `caption` is left out and `direct` comes in words; default true. */
  readonly images?: boolean;
}

export const WARD_POOL = 600;

const weights: { readonly [T in WardTopic]: number } = {
  rules: 0.2,
  choice: 0.1,
  reading: 0.4,
  translation: 0.1,
  caption: 0.25,
  direct: 0.12,
  paragraph: 0.4,
  restate: 0.3,
  apply: 0.5,
  told: 0.25,
  conclude: 0.4,
};

/** Topics that come unless others are named. */
const usual: readonly WardTopic[] = ["rules", "choice", "reading", "translation", "caption", "direct"];

/** Items `from` to `from + count − 1` of the stream that seed, pool, topics and images name. */
export function wardPassages(options: WardPassageOptions): WardPassage[] {
  const from = options.from ?? 0;
  return Array.from({ length: options.count }, (_, offset) => passage(options, from + offset));
}

function passage(options: WardPassageOptions, index: number): WardPassage {
  const random = randomStream(options.seed, `ward/passage/${index}`);
  const images = options.images ?? true;
  const topics = (options.topics ?? usual).filter((topic) => images || topic !== "caption");
  if (topics.length === 0)
    throw new RangeError('no topic is left for ward passages: "caption" needs images, so name another one');
  const topic = pickWeighted(random, topics);
  switch (topic) {
    case "rules":
      return { kind: "text", topic, prompt: "", parts: [], completion: rulePassage(random) };
    case "choice":
      return qa(topic, ruleChoice(random));
    case "reading":
      return random.chance(0.5)
        ? qa(topic, chartReading(random))
        : underStem(topic, random, images, stemReading);
    case "translation":
      return qa(topic, translation(random));
    case "caption":
      return caption(random);
    case "direct":
      return direct(random, options, images);
    case "paragraph":
      return { kind: "text", topic, prompt: "", parts: [], completion: ruleParagraph(random) };
    case "told":
      return told(random, images);
    case "restate":
      return restated(random, images);
    case "apply":
      return underStem(topic, random, images, applyRule);
    case "conclude":
      return underStem(topic, random, images, concludeFrom);
  }
}

/** An item about a whole stem; where there are pictures, half of the stems have theirs. */
function underStem(
  topic: WardTopic,
  random: Random,
  images: boolean,
  item: (random: Random, drawn: WardCase, form: "image" | "text") => { prompt: string; completion: string },
): WardPassage {
  const form = images && random.chance(0.5) ? "image" : "text";
  const drawn = freshCase(random);
  const made = qa(topic, item(random, drawn, form));
  return made.prompt.includes(WARD_IMAGE_PLACE) ? { ...made, image: imageOf(drawn) } : made;
}

function told(random: Random, images: boolean): WardPassage {
  const { besides, ...item } = ruleTold(random);
  const appearance = random.pick(wardAppearances().filter(({ finding }) => finding === besides));
  if (images) return { ...qa("told", item), image: imageSpec(appearance, 2 ** 33 + random.word()) };
  const { looks } = wardFinding(besides);
  const look = findingLook(besides, appearance.modifier, random.integer(0, looks.length - 1));
  return qa("told", { ...item, prompt: item.prompt.replace(WARD_IMAGE_PLACE, look) });
}

function restated(random: Random, images: boolean): WardPassage {
  const form = images && random.chance(0.5) ? "image" : "text";
  const drawn = freshCase(random);
  const item = random.chance(0.5) ? restateCase(random, drawn, form) : restateAny(random, drawn, form);
  return { kind: "qa", topic: "restate", ...item, parts: promptOf(item.prompt).parts };
}

/** A case of the split `pretrain` that is in no pool: seeds of pools have fewer than 33 bits. */
function freshCase(random: Random): WardCase {
  return wardCase("pretrain", 2 ** 33 + random.word(), 0);
}

function qa(topic: WardTopic, item: { prompt: string; completion: string }): WardPassage {
  return { kind: "qa", topic, ...item, parts: promptOf(item.prompt).parts };
}

const asked = "what does the picture show?";

function shows(random: Random, finding: string): string {
  return random.chance(0.5) ? `the picture shows ${finding}.` : `the picture has ${finding}.`;
}

/** Words to a name, alone or with the whole stem in between. */
function translation(random: Random): { prompt: string; completion: string } {
  if (random.chance(0.5)) {
    const drawn = freshCase(random);
    return {
      prompt: `${wardStem(drawn, "text")}\n${asked}`,
      completion: shows(random, findingName(drawn.finding, drawn.modifier)),
    };
  }
  const entry = random.pick(wardFindings);
  const modifier = random.pick(entry.modifiers);
  const look = findingLook(entry.id, modifier, random.integer(0, entry.looks.length - 1));
  return {
    prompt: `picture: ${look}\n${asked}`,
    completion: shows(random, findingName(entry.id, modifier)),
  };
}

/** A picture to a name, alone or with the whole stem in between. */
function caption(random: Random): WardPassage {
  const drawn = freshCase(random);
  const bare = random.chance(0.4);
  const appearance = bare
    ? random.pick(wardAppearances())
    : wardAppearances().find(
        (item) => item.finding === drawn.finding && (item.modifier as string) === drawn.modifier,
      )!;
  const prompt = `${bare ? `picture: ${WARD_IMAGE_PLACE}` : wardStem(drawn, "image")}\n${asked}`;
  return {
    kind: "caption",
    topic: "caption",
    prompt,
    parts: promptOf(prompt).parts,
    completion: shows(random, findingName(appearance.finding, appearance.modifier)),
    image: imageSpec(appearance, bare ? 2 ** 33 + random.word() : drawn.imageSeed),
  };
}

function direct(random: Random, options: WardPassageOptions, images: boolean): WardPassage {
  const pool = options.pool ?? WARD_POOL;
  const drawn = wardCase("pretrain", options.poolSeed ?? 0, random.integer(0, pool - 1));
  const form = images && random.chance(0.5) ? "image" : "text";
  const prompt = wardPrompt(wardQuestion(drawn, { form }), { style: "direct" });
  return {
    kind: "qa",
    topic: "direct",
    prompt: prompt.text,
    parts: prompt.parts,
    completion: wardDirectAnswer(drawn),
    ...(form === "image" ? { image: imageOf(drawn) } : {}),
  };
}

/** What `renderWardImage` draws for a case. */
export function imageOf(drawn: WardCase): WardImageSpec {
  return {
    kind: drawn.kind,
    finding: drawn.finding,
    modifier: drawn.modifier,
    seed: drawn.imageSeed,
  } as WardImageSpec;
}

function pickWeighted(random: Random, topics: readonly WardTopic[]): WardTopic {
  let at = random.unit() * topics.reduce((sum, topic) => sum + weights[topic], 0);
  for (const topic of topics) {
    at -= weights[topic];
    if (at < 0) return topic;
  }
  return topics[topics.length - 1]!;
}
