import type { Question } from "@mede2/schemas";
import { createRandom } from "@mede2/stats";

/** Films to learn from and films to be judged by; no patient is in both. */
export type FilmSplits = { readonly training: readonly Question[]; readonly heldOut: readonly Question[] };

export type SplitSettings = {
  readonly training: number;
  readonly heldOut: number | null;
  readonly seed: number;
  /** 0–4: the fifth of the training films' patients that is held out; the published test films are then left alone. */
  readonly developmentFold?: number;
};

const folds = 5;

/** The published split, or a fifth of its training films, by patient, to make choices with. */
export function splitFilms(films: readonly Question[], settings: SplitSettings): FilmSplits {
  const { seed, developmentFold } = settings;
  const published = films.filter(({ split }) => split === "train");
  const training = balanced(published, settings.training, `${seed}/training`);
  if (developmentFold === undefined) {
    const known = new Set(training.map(patientOf));
    const test = films.filter((film) => film.split === "test" && !known.has(patientOf(film)));
    return {
      training,
      heldOut: nonEmpty(
        balanced(test, settings.heldOut ?? test.length, "held-out"),
        'films of the split "test"',
      ),
    };
  }
  const patients = createRandom("films/development").shuffled([...new Set(training.map(patientOf))]);
  const held = new Set(patients.filter((_, at) => at % folds === developmentFold));
  return {
    training: nonEmpty(
      training.filter((film) => !held.has(patientOf(film))),
      "training films",
    ),
    heldOut: nonEmpty(
      training.filter((film) => held.has(patientOf(film))),
      "development films",
    ),
  };
}

/** Whom a film is of; a film whose patient is not known stands for itself. */
export function patientOf({ id, group }: Pick<Question, "id" | "group">): string {
  return group.patient ?? group.image ?? id;
}

/** At most `count` films, drawn in equal parts from both labels, in their order. */
function balanced(films: readonly Question[], count: number, seed: string): Question[] {
  if (films.length <= count) return [...films];
  const random = createRandom(seed);
  const byLabel = byLabelOf(films);
  const picked = new Set(
    [...byLabel.values()].flatMap((group) =>
      random.shuffled(group).slice(0, Math.ceil(count / byLabel.size)),
    ),
  );
  return films.filter((film) => picked.has(film)).slice(0, count);
}

function byLabelOf(films: readonly Question[]): Map<string, Question[]> {
  const groups = new Map<string, Question[]>();
  for (const film of films) {
    const label = String(film.facts?.label);
    groups.set(label, [...(groups.get(label) ?? []), film]);
  }
  return groups;
}

function nonEmpty(films: readonly Question[], what: string): readonly Question[] {
  if (films.length > 0) return films;
  throw new Error(`the source has no ${what}; see "mede2 data import chest-xray" for what it must hold`);
}
