import type { Summary } from "../grading/summarise.ts";
import { percent, points, probability, signedInterval } from "../tables/numbers.ts";
import type { ReportTask } from "./report.ts";

/** What the numbers say, a sentence each, by rule. */
export function findingsOf({ comparisons, reliance, evaluations, images }: ReportTask): string[] {
  const compared = comparisons.map(({ from, to, difference, low, high, holm, detectable, won, lost }) => {
    const numbers = `${points(difference)} points ${signedInterval(low, high)}, Holm p ${probability(holm)}; ${won} questions won, ${lost} lost`;
    if (low > 0) return `${to} is better than ${from}: ${numbers}.`;
    if (high < 0) return `${to} is worse than ${from}: ${numbers}.`;
    const blind =
      detectable === null ? "" : ` Less than ${(detectable * 100).toFixed(1)} points would hardly show.`;
    return `${to} and ${from} can't be told apart: ${numbers}.${blind}`;
  });
  const relying = evaluations.flatMap(({ name, audit }) => {
    const one = audit?.reliance.swapped ?? audit?.reliance.blank;
    if (one === undefined) return [];
    const numbers = `${points(one.difference)} points ${signedInterval(one.low, one.high)} for the right image over ${one.from} ones`;
    return [
      one.low > 0 ? `${name} uses the image: ${numbers}.` : `${name} shows no use of the image: ${numbers}.`,
    ];
  });
  const less = reliance.flatMap(({ from, to, difference, low, high }) => {
    const gained = comparisons.find((one) => one.from === from && one.to === to);
    return high < 0 && gained !== undefined && gained.difference > 0
      ? [
          `${to} answers better than ${from} with ${images} images while relying less on them (${points(difference)} ${signedInterval(low, high)}): the gain may be of the text alone.`,
        ]
      : [];
  });
  return [...compared, ...relying, ...less];
}

/** What must be known before any number is quoted. */
export function warningsOf(task: ReportTask): string[] {
  const { evaluations, images } = task;
  const each = evaluations.flatMap(({ name, summaries }) => {
    const one = summaries.find((summary) => summary.images === images);
    const broken = summaries.filter(({ incomplete }) => incomplete).map((summary) => summary.images);
    const silent =
      one === undefined
        ? 0
        : one.answers.truncated + one.answers.refused + one.answers.unparsed + one.answers.ambiguous;
    const all = one === undefined ? 0 : Object.values(one.answers).reduce((sum, count) => sum + count, 0);
    return [
      ...(broken.length === 0
        ? []
        : [
            `${name} is incomplete (${broken.join(", ")}): more than 1 % of its requests failed. Don't quote its numbers.`,
          ]),
      ...(all > 0 && silent > 0.05 * all
        ? [
            `${name}: ${((100 * silent) / all).toFixed(1)} % of the answers could not be read (${silentKinds(one!)}); they count as wrong.`,
          ]
        : []),
      ...(one?.guesses && one.guesses.drawn + one.guesses.nearest > 0
        ? [
            `${name} is graded as another harness grades, which guessed ${one.guesses.drawn + one.guesses.nearest} answers.`,
          ]
        : []),
      ...blindWarning(name, summaries),
    ];
  });
  return [...each, ...cutWarning(task)];
}

/** A server that drops pictures counts the same prompt with and without them. */
function blindWarning(name: string, summaries: readonly Summary[]): string[] {
  const [shown, hidden] = ["real", "none"].map((images) => summaries.find((one) => one.images === images));
  const [real, none] = [shown?.promptTokens ?? 0, hidden?.promptTokens ?? 0];
  return (shown?.picturesSent ?? 0) > 0 && none > 0 && real <= none + 1
    ? [
        `${name}: its prompts count no more tokens with pictures (${real.toFixed(0)}) than without (${none.toFixed(0)}), so the pictures may never have reached the model. mede2 eval probe asks a server whether it sees.`,
      ]
    : [];
}

/** Longer reasoning in the same room costs answers: where one evaluation is cut off more often than another, part of their difference is that. */
function cutWarning({ evaluations, images }: ReportTask): string[] {
  const shares = evaluations.flatMap(({ name, summaries }) => {
    const one = summaries.find((summary) => summary.images === images);
    const all = one === undefined ? 0 : Object.values(one.answers).reduce((sum, count) => sum + count, 0);
    return one === undefined || all === 0 ? [] : [{ name, share: one.answers.truncated / all }];
  });
  if (shares.length < 2) return [];
  const [least, most] = [
    shares.reduce((a, b) => (b.share < a.share ? b : a)),
    shares.reduce((a, b) => (b.share > a.share ? b : a)),
  ];
  return most.share - least.share > 0.05
    ? [
        `${most.name} is cut off in ${percent(most.share)} % of its answers, ${least.name} in ${percent(least.share)} %: part of their difference may be the room they had.`,
      ]
    : [];
}

const silentKinds = ({ answers }: Summary) =>
  (["truncated", "refused", "ambiguous", "unparsed"] as const)
    .flatMap((status) => (answers[status] === 0 ? [] : [`${answers[status]} ${status}`]))
    .join(", ");
