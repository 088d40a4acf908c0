import type { Random } from "../ward/images/random.ts";
import type { FilmCase } from "./film-case.ts";
import { type FilmPart, filmAnswers } from "./film-findings.ts";
import { lookAlikes } from "./film-words.ts";

/** What a chain may lack, for demonstrations that leave something to prefer. */
export interface ChainOmissions {
  alternative?: boolean;
  check?: boolean;
}

/** The steps of a chain, one a line: signs, what they mean, the alternative weighed, the answer, the check. */
interface Steps {
  signs: string;
  meaning: string;
  alternative: string;
  check: string;
}

/**
 * The reference chain of a case: `<think>\n…\n</think>\n\n…\boxed{…}`. In the box stands `boxed`, a label or the
 * answer's name. Throws a RangeError for a case that the part does not ask about.
 */
export function filmChain(
  film: FilmCase,
  part: FilmPart,
  boxed: string,
  random: Random,
  omit: ChainOmissions = {},
): string {
  const answer = filmAnswers[film.finding][part];
  if (answer === null) throw new RangeError(`The part ${part} does not ask about ${film.finding}.`);
  const { signs, meaning, alternative, check } = writers[film.finding](film, random);
  const lines = [
    `Signs: ${signs}.`,
    meaning,
    ...(omit.alternative ? [] : [alternative]),
    decision(film, part),
    ...(omit.check ? [] : [`Check: ${check}, so ${answer} stands.`]),
  ];
  const where = film.lobe ? ` of the ${film.lobe.name}` : film.place ? ` in ${film.place}` : "";
  return `<think>\n${lines.join("\n")}\n</think>\n\nThe film shows ${film.finding}${where}: ${answer}.\n\n\\boxed{${boxed}}`;
}

function decision(film: FilmCase, part: FilmPart): string {
  if (film.finding === "clear lungs") return "Clear lungs mean a normal film.";
  if (part === "pneumonia")
    return film.finding === "perihilar streaks"
      ? "Perihilar streaks in a suspected infection mean pneumonia."
      : "Consolidation in a suspected infection means pneumonia.";
  return film.finding === "lobar consolidation"
    ? "A shadow that fills one lobe fits bacteria better than a virus, although the pattern is weak evidence."
    : "Lines in both lungs fit a virus better than bacteria, although the pattern is weak evidence.";
}

const writers: Record<FilmCase["finding"], (film: FilmCase, random: Random) => Steps> = {
  "lobar consolidation": (film, random) => {
    const { zone, border, name } = film.lobe!;
    const inside = film.tubes ? "an air bronchogram in it" : "hidden vessels in it";
    return {
      signs: `a dense shadow in the ${zone}, ${inside}, and a lost ${border}`,
      meaning: random.pick([
        `Air there has been replaced, which is lobar consolidation; the lost ${border} places it in the ${name}.`,
        `This is lobar consolidation, and the lost ${border} says that it is the ${name}.`,
      ]),
      alternative: film.plain.includes("fissures")
        ? "Collapse would pull a fissure out of its place, but the fissures lie where they should."
        : "Fluid beside the lung would blunt the angle, but both angles are sharp.",
      check: film.tubes ? "an air bronchogram needs filled lung" : `a clear lung would show the ${border}`,
    };
  },
  "patchy consolidation": (film, random) => ({
    signs: `several soft shadows in ${film.place}, spread along the airways`,
    meaning: random.pick([
      "Filled lung in many places that respects no lobe is patchy consolidation.",
      "Air has been replaced here and there, which is patchy consolidation.",
    ]),
    alternative: film.plain.includes("breath")
      ? "A shallow breath would crowd vessels at the bases, but the lungs are well filled."
      : "Fluid beside the lung would blunt the angle, but both angles are sharp.",
    check: "such shadows do not occur in a clear lung",
  }),
  "perihilar streaks": (film, random) => ({
    signs: "lines from both hila and thick bronchial walls, with no solid area",
    meaning: random.pick([
      "Airway walls and the tissue around them are thickened, which gives perihilar streaks.",
      "Lines and cuffs without a filled lobe are perihilar streaks.",
    ]),
    alternative: film.plain.includes("breath")
      ? "A shallow breath would crowd vessels at the bases, but the lungs are well filled."
      : "Heart failure would usually widen the heart, but the heart is not wide.",
    check: "thick bronchial walls do not occur in a clear lung",
  }),
  "clear lungs": (film, random) => ({
    signs: random.pick([
      "vessels seen to the outer third, and sharp borders of heart and diaphragm",
      "tapering vessels, and every border of heart and diaphragm sharp",
    ]),
    meaning: random.pick([
      "No air has been replaced and no wall is thick, so these are clear lungs.",
      "Nothing fills or thickens the lung: clear lungs.",
    ]),
    alternative:
      film.lookAlike === undefined
        ? random.pick([
            "A filled lobe would hide a border or a vessel, but none is hidden.",
            "Streaks would fan out from the hila, but only vessels are described.",
          ])
        : lookAlikes[film.lookAlike].answer,
    check: "no border is lost and no line or patch is left unexplained",
  }),
};
