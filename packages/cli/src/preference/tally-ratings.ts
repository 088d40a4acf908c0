import type { Candidates } from "@mede2/schemas";

/** Answers with a total; why criteria have no value; means of the criteria over those that have one; answers that fail each gate. */
export function tallyRatings() {
  let [scored, constructed] = [0, 0];
  const unscored: Record<string, number> = {};
  const gates: Record<string, number> = {};
  const sums = new Map<string, { sum: number; count: number }>();
  const count = (to: Record<string, number>, name: string) => {
    to[name] = (to[name] ?? 0) + 1;
  };
  return {
    add({ ratings, traces }: Candidates): void {
      constructed += traces.filter((trace) => "negative" in trace).length;
      for (const { total, criteria, gates: states } of ratings.slice(0, traces.length)) {
        if (total !== null) scored += 1;
        for (const [name, state] of Object.entries(states)) if (state === "failed") count(gates, name);
        for (const [name, judgement] of Object.entries(criteria)) {
          if (judgement.status === "unscored") {
            count(unscored, `${name}: ${judgement.reason}`);
            continue;
          }
          const before = sums.get(name) ?? { sum: 0, count: 0 };
          sums.set(name, { sum: before.sum + judgement.value, count: before.count + 1 });
        }
      }
    },
    result: () => ({
      ...{ scored, unscored, gates, constructed },
      criteria: Object.fromEntries([...sums].map(([name, { sum, count }]) => [name, sum / count])),
    }),
  };
}
