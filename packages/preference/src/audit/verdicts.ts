import type { Verdict } from "@mede2/schemas";
import { cohenKappa, type Interval, krippendorffAlpha, StatsError, wilson } from "@mede2/stats";

/** What a verdict prefers, whatever the places were. */
export type Preferred = "chosen" | "rejected" | "tie" | "neither";

export function preferredBy({ choice, order }: Pick<Verdict, "choice" | "order">): Preferred {
  if (choice === "tie" || choice === "neither") return choice;
  return (choice === "first") === (order === "chosen-first") ? "chosen" : "rejected";
}

/** The last verdict of each reviewer on each pair, in the given order of the file: a person may change their mind. */
export function latestVerdicts(verdicts: Iterable<Verdict>): Map<string, Map<string, Verdict>> {
  const byPair = new Map<string, Map<string, Verdict>>();
  for (const verdict of verdicts) {
    if (verdict.pairId === undefined) continue;
    const known = byPair.get(verdict.pairId) ?? new Map<string, Verdict>();
    known.set(verdict.reviewer, verdict);
    byPair.set(verdict.pairId, known);
  }
  return byPair;
}

export type Agreement = Interval & { n: number };

/**
 * Agreement of people with one another and with the pairs. `cohen:A/B` for each two reviewers with 2 common pairs or more, `krippendorff` over all
 * reviewers, `scorer` the share of decided blind verdicts that prefer the chosen side, `criterion:NAME` the same for a criterion.
 */
export function verdictAgreement(verdicts: readonly Verdict[]): Record<string, Agreement> {
  const byPair = latestVerdicts(verdicts);
  const reviewers = [...new Set(verdicts.map(({ reviewer }) => reviewer))].sort();
  const found: Record<string, Agreement> = {};
  for (const [at, a] of reviewers.entries())
    for (const b of reviewers.slice(at + 1)) {
      const both = [...byPair.values()].flatMap((known) => {
        const [one, other] = [known.get(a), known.get(b)];
        return one === undefined || other === undefined
          ? []
          : [[preferredBy(one), preferredBy(other)] as const];
      });
      add(found, `cohen:${a}/${b}`, both.length, () =>
        cohenKappa(
          both.map(([one]) => one),
          both.map(([, other]) => other),
        ),
      );
    }
  if (reviewers.length > 1) {
    const codes: Preferred[] = ["chosen", "rejected", "tie", "neither"];
    const units = [...byPair.values()].map((known) =>
      reviewers.map((name) => {
        const verdict = known.get(name);
        return verdict === undefined ? null : codes.indexOf(preferredBy(verdict));
      }),
    );
    add(
      found,
      "krippendorff",
      units.filter((unit) => unit.filter((one) => one !== null).length > 1).length,
      () => krippendorffAlpha(units, { metric: "nominal", seed: 1 }),
    );
  }
  const last = [...byPair.values()].flatMap((known) => [...known.values()]);
  const decided = last.filter(
    (verdict) => verdict.blind && ["chosen", "rejected"].includes(preferredBy(verdict)),
  );
  if (decided.length > 0)
    found.scorer = {
      ...wilson(decided.filter((verdict) => preferredBy(verdict) === "chosen").length, decided.length),
      n: decided.length,
    };
  const criteria = new Map<string, [number, number]>();
  for (const { criteria: said, order, blind } of last)
    for (const [name, choice] of Object.entries(said ?? {})) {
      if (choice === "tie" || !blind) continue;
      const [won, n] = criteria.get(name) ?? [0, 0];
      criteria.set(name, [won + (preferredBy({ choice, order }) === "chosen" ? 1 : 0), n + 1]);
    }
  for (const [name, [won, n]] of criteria) found[`criterion:${name}`] = { ...wilson(won, n), n };
  return found;
}

/** A statistic that is not defined for these data (all said the same) is left out rather than made up. */
export function add(to: Record<string, Agreement>, name: string, n: number, of: () => Interval): void {
  if (n < 2) return;
  try {
    const { value, low, high } = of();
    to[name] = { value, low, high, n };
  } catch (error) {
    if (!(error instanceof StatsError)) throw error;
  }
}
