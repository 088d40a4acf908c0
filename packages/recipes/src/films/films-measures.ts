import { clusterOf, compare, type Difference, differenceOf, reliance, relianceDifference } from "@mede2/eval";
import type { EvaluationRecord, ImageCondition, Question } from "@mede2/schemas";
import { auroc, brier, ece, wilson } from "@mede2/stats";
import type { EvaluatedFilms } from "./evaluate-film-model.ts";
import { filmCheck, filmLabel } from "./film-links.ts";
import type { FilmProbabilities } from "./film-probabilities.ts";
import type {
  FilmsCalibration,
  FilmsComparison,
  FilmsCondition,
  FilmsRow,
  FilmsShare,
} from "./films-report.ts";

/** All that is said of one model under one prompt. */
export function filmsRow(films: readonly Question[], evaluated: EvaluatedFilms): FilmsRow {
  const { stage, style, records, probabilities } = evaluated;
  const checked = checkedAnswers(films, evaluated);
  const share = (test: (each: Checked) => boolean, among = checked) =>
    shareOf(among.filter(test).length, among.length);
  const labels = [...new Set(checked.map(({ label }) => label))].sort();
  const count = (values: readonly string[]): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
    return counts;
  };
  const condition = (images: ImageCondition): FilmsCondition => {
    const own = records.filter((record) => record.images === images);
    const correct = own.filter(isRight).length;
    const { low, high } = wilson(correct, own.length);
    return { correct, n: own.length, low, high };
  };
  return {
    stage,
    style,
    real: condition("real"),
    blank: condition("blank"),
    swapped: condition("swapped"),
    byLabel: Object.fromEntries(
      labels.map((label) => [
        label,
        share(
          ({ right }) => right,
          checked.filter((each) => each.label === label),
        ),
      ]),
    ),
    answers: count(records.filter(({ images }) => images === "real").map(({ answer }) => answer.status)),
    findingNamed: share(({ finding }) => finding !== null),
    rightWithFinding: share(({ rightWithFinding }) => rightWithFinding),
    rightWithWholeChain: share(({ whole, rightWithFinding }) => whole && rightWithFinding),
    findings: Object.fromEntries(
      labels.map((label) => [
        label,
        count(checked.filter((each) => each.label === label).map(({ finding }) => finding ?? "none")),
      ]),
    ),
    calibration: calibrationOf(probabilities, films),
    reliance: reliance(records, { cluster: "patient" }),
  };
}

type Checked = {
  readonly record: EvaluationRecord;
  readonly label: string;
  readonly right: boolean;
  readonly finding: string | null;
  readonly rightWithFinding: boolean;
  readonly whole: boolean;
};

/** The answers to real films, with what the checker of film traces says of them. */
function checkedAnswers(films: readonly Question[], { records, traces }: EvaluatedFilms): Checked[] {
  const byId = new Map(films.map((film) => [film.id, film]));
  return records.flatMap((record) => {
    const film = byId.get(record.questionId);
    const trace = traces.get(record.traceId);
    if (record.images !== "real" || film === undefined || trace === undefined) return [];
    const { finding, correctWithFinding, checks } = filmCheck(film, trace.text);
    return [
      {
        record,
        label: filmLabel(film),
        right: isRight(record),
        finding,
        // a reply that was cut off counts as wrong, whatever it had said
        rightWithFinding: isRight(record) && correctWithFinding,
        whole: checks.every(({ passed }) => passed),
      },
    ];
  });
}

function isRight({ outcome }: EvaluationRecord): boolean {
  return "correct" in outcome && outcome.correct === true;
}

function shareOf(count: number, n: number): FilmsShare {
  return { ...wilson(count, n), count, n };
}

function calibrationOf(
  probabilities: readonly FilmProbabilities[],
  films: readonly Question[],
): FilmsCalibration | null {
  const n = probabilities.length;
  if (n === 0) return null;
  const byId = new Map(films.map((film) => [film.id, film]));
  const ill = probabilities.map(({ questionId, options }) => {
    const { options: names } = byId.get(questionId)!;
    return options[names.indexOf("pneumonia")]!;
  });
  const isIll = probabilities.map(({ questionId }) => filmLabel(byId.get(questionId)!) === "pneumonia");
  const confidence = probabilities.map(({ options, chosen }) => options[chosen]!);
  const right = probabilities.map(({ chosen, right: gold }) => chosen === gold);
  return {
    n,
    excluded: films.length - n,
    brier: brier(ill, isIll),
    ece: ece(confidence, right).value,
    meanConfidence: confidence.reduce((sum, each) => sum + each, 0) / n,
    auroc: isIll.includes(true) && isIll.includes(false) ? auroc(ill, isIll) : null,
  };
}

/** What going from one model to the other is worth on the same films, patient by patient. */
export function filmsComparisons(
  films: readonly Question[],
  from: EvaluatedFilms,
  to: EvaluatedFilms,
): FilmsComparison[] {
  const names = { from: nameOf(from), to: nameOf(to) };
  const cluster = "patient" as const;
  const accuracy = compare(from.records, to.records, { ...names, cluster });
  const balanced = differenceOf(
    unitsOf(films, from, to, ({ right, weight }) => Number(right) * weight),
    names,
  );
  const finding = differenceOf(
    unitsOf(films, from, to, ({ rightWithFinding }) => Number(rightWithFinding)),
    names,
  );
  const relied = relianceDifference(from.records, to.records, { ...names, cluster });
  const plain = ({ a, b, difference, low, high, p, n, clusters, unpaired, resamples }: Difference) => ({
    ...names,
    ...{ a, b, difference, low, high, p, n, clusters, unpaired, resamples },
  });
  return [
    { measure: "accuracy", ...plain(accuracy) },
    { measure: "balanced accuracy", ...plain(balanced) },
    { measure: "right with finding", ...plain(finding) },
    { measure: "reliance", ...plain(relied) },
  ];
}

type Weighed = Checked & {
  /** 1 on average; the films of both labels weigh the same in all. */
  readonly weight: number;
};

function unitsOf(
  films: readonly Question[],
  from: EvaluatedFilms,
  to: EvaluatedFilms,
  value: (answer: Weighed) => number,
) {
  const answers = checkedAnswers(films, from);
  const counts = new Map<string, number>();
  for (const { label } of answers) counts.set(label, (counts.get(label) ?? 0) + 1);
  const worth = (each: Checked) =>
    value({ ...each, weight: answers.length / (counts.size * counts.get(each.label)!) });
  const after = new Map(checkedAnswers(films, to).map((each) => [each.record.questionId, each]));
  const units = answers.map((each) => {
    const other = after.get(each.record.questionId);
    return {
      questionId: each.record.questionId,
      cluster: clusterOf(each.record, "patient"),
      a: worth(each),
      b: other === undefined ? 0 : worth(other),
    };
  });
  return { units, unpaired: 0 };
}

export function nameOf({ stage, style }: Pick<EvaluatedFilms, "stage" | "style">): string {
  return `${stage}, ${style}`;
}
