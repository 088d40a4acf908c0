import { type Random, randomStream } from "../ward/images/random.ts";
import {
  type FilmFinding,
  type FilmPart,
  filmAnswers,
  filmFindings,
  type Lobe,
  lobes,
} from "./film-findings.ts";
import {
  clearWords,
  fill,
  type LookAlikeName,
  lobarWords,
  lookAlikes,
  type PlainFact,
  patchyWords,
  plainWords,
  streakWords,
} from "./film-words.ts";

/** A chest film in words, with what is behind the words. */
export interface FilmCase {
  finding: FilmFinding;
  /** Of lobar consolidation. */
  lobe?: Lobe;
  /** Where patchy consolidation lies. */
  place?: string;
  /** Signs that the description holds, beside those that every film of the finding has. */
  tubes: boolean;
  plain: readonly PlainFact[];
  /** Something harmless that could be taken for disease; only in clear lungs is it weighed in the chain. */
  lookAlike?: LookAlikeName;
  /** Sentences in random order; no finding is called by its name, and no age is mentioned. */
  description: string;
}

/**
 * The case number `seed` of `stream`: half of them with clear lungs. Streams (for instance one a split) share no seeds.
 * `part` decides which findings occur.
 */
export function filmCase(seed: number, stream = "train", part: FilmPart = "pneumonia"): FilmCase {
  const random = randomStream(seed, `radiology/${stream}/${part}`);
  const abnormal = filmFindings.filter((f) => f !== "clear lungs" && filmAnswers[f][part] !== null);
  const finding = random.chance(0.5) ? "clear lungs" : random.pick(abnormal);
  switch (finding) {
    case "lobar consolidation":
      return lobar(random);
    case "patchy consolidation":
      return patchy(random);
    case "perihilar streaks":
      return streaks(random);
    case "clear lungs":
      return clear(random);
  }
}

function lobar(random: Random): FilmCase {
  const lobe = random.pick(lobes);
  const values = { ...lobe, other: lobe.side === "right" ? "left" : "right" };
  const tubes = random.chance(0.7);
  const about = [fill(random.pick(lobarWords.border), values)];
  if (tubes) about.push(random.pick(lobarWords.tubes));
  if (!tubes || random.chance(0.3)) about.push(random.pick(lobarWords.hidden));
  const core = [fill(random.pick(lobarWords.shadow), values), ...shuffled(random, about)];
  const aside = [fill(random.pick(lobarWords.other), values)];
  const upper = /mediastinum|aortic/.test(lobe.border);
  const alike = besides(random, upper ? ["scapula", "breath"] : ["scapula", "thymus"]);
  const plain = plainFacts(
    random,
    [random.pick(["fissures", "angles"])],
    alike === "breath" ? ["breath"] : [],
  );
  return { finding: "lobar consolidation", lobe, tubes, ...described(random, core, aside, plain, alike) };
}

function patchy(random: Random): FilmCase {
  const place = random.pick(patchyWords.place);
  const about: string[] = [random.pick(patchyWords.spread)];
  if (random.chance(0.7)) about.push(random.pick(patchyWords.edges));
  const core = [fill(random.pick(patchyWords.shadow), { place }), ...shuffled(random, about)];
  const plain = plainFacts(random, [random.pick(["breath", "angles"])]);
  const alike = besides(random, ["scapula", "thymus"]);
  return {
    finding: "patchy consolidation",
    place,
    tubes: false,
    ...described(random, core, [], plain, alike),
  };
}

function streaks(random: Random): FilmCase {
  const about = [random.pick(streakWords.walls), random.pick(streakWords.open)];
  const core = [random.pick(streakWords.lines), ...shuffled(random, about)];
  const plain = plainFacts(random, [random.pick(["breath", "heart"])]);
  const alike = besides(random, ["scapula", "thymus"]);
  return { finding: "perihilar streaks", tubes: false, ...described(random, core, [], plain, alike) };
}

function clear(random: Random): FilmCase {
  const aside: string[] = [random.pick(clearWords.vessels), random.pick(clearWords.borders)];
  const alike = random.chance(0.6) ? random.pick(Object.keys(lookAlikes) as LookAlikeName[]) : undefined;
  // "evenly dark" would contradict a side that rotation makes whiter; a shallow breath, a full one.
  if (alike !== "rotation") aside.push(random.pick(clearWords.dark));
  const plain = plainFacts(random, [], alike === "breath" ? ["breath"] : []);
  return { finding: "clear lungs", tubes: false, ...described(random, [], aside, plain, alike) };
}

/** In four of ten films with disease something harmless lies beside it, so that its presence does not mean health. */
function besides(random: Random, names: readonly LookAlikeName[]): LookAlikeName | undefined {
  return random.chance(0.4) ? random.pick(names) : undefined;
}

/** The facts that a chain needs, and up to two others. */
function plainFacts(random: Random, needed: PlainFact[], barred: PlainFact[] = []): PlainFact[] {
  const others = (Object.keys(plainWords) as PlainFact[]).filter(
    (f) => !needed.includes(f) && !barred.includes(f),
  );
  return [...needed, ...shuffled(random, others).slice(0, random.integer(0, 2))];
}

/** The core stays together, as its sentences refer to each other; the rest stands before or after it in any order. */
function described(
  random: Random,
  core: readonly string[],
  aside: readonly string[],
  plain: readonly PlainFact[],
  lookAlike: LookAlikeName | undefined,
) {
  const words = lookAlike === undefined ? [] : [random.pick(lookAlikes[lookAlike].words)];
  const facts = plain.map((fact) => random.pick<string>(plainWords[fact]));
  const rest = shuffled(random, [...aside, ...words, ...facts]);
  const before = core.length === 0 ? rest.length : random.integer(0, Math.min(2, rest.length));
  const description = [...rest.slice(0, before), ...core, ...rest.slice(before)].join(" ");
  return { plain, ...(lookAlike === undefined ? {} : { lookAlike }), description };
}

function shuffled<T>(random: Random, list: readonly T[]): T[] {
  const order = [...list];
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.integer(0, i);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
