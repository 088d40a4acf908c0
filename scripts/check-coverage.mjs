// Do our 95 % intervals cover the truth in 94 to 96 of 100 experiments? Needs a built workspace.
//   node scripts/check-coverage.mjs [--experiments 2000] [--seed 1] [--json FILE]
// Each experiment draws questions (and, where they share an image, clusters of them) from a population whose truth is known, answers them, and asks whether the interval holds the truth.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./lib/workspace.mjs";

const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const experiments = Number(option("experiments", 2000));
const seed = Number(option("seed", 1));
const { clusteredInterval, createRandom, pairedClusterBootstrap, repeatedSamples, wilson } = await import(
  pathToFileURL(join(root, "packages/stats/dist/index.js")).href
);

/** How hard a question is for one model and another: two numbers that go together; those of one cluster share a part. */
function population(random, { clusters, most, shared }) {
  return Array.from({ length: clusters }, () => {
    const common = [random.uniform(), random.uniform()];
    return Array.from({ length: 1 + random.below(most) }, () => {
      const own = random.uniform();
      const before = 0.2 + 0.6 * (shared * common[0] + (1 - shared) * own);
      const after =
        0.3 +
        0.6 *
          (shared * (0.6 * common[0] + 0.4 * common[1]) +
            (1 - shared) * (0.6 * own + 0.4 * random.uniform()));
      return { before, after };
    });
  });
}
// every uniform part has the mean 1/2, whatever is shared
const truth = { before: 0.5, after: 0.6, difference: 0.1 };

const draw = (random, p) => Number(random.uniform() < p);

/** Each case: one experiment, which says whether the interval held the truth. */
const cases = {
  "Wilson, 150 questions": (random) => {
    const p = 0.15 + 0.7 * random.uniform();
    let right = 0;
    for (let i = 0; i < 150; i++) right += draw(random, p);
    const { low, high } = wilson(right, 150);
    return low <= p && p <= high;
  },
  "Wilson, 1,273 questions": (random) => {
    const p = 0.15 + 0.7 * random.uniform();
    let right = 0;
    for (let i = 0; i < 1273; i++) right += draw(random, p);
    const { low, high } = wilson(right, 1273);
    return low <= p && p <= high;
  },
  "clustered, 96 images of 1 to 20 questions": (random) => {
    const scores = [];
    const names = [];
    for (const [cluster, questions] of population(random, { clusters: 96, most: 20, shared: 0.8 }).entries())
      for (const { before } of questions) {
        scores.push(draw(random, before));
        names.push(cluster);
      }
    const { low, high } = clusteredInterval(scores, names);
    return low <= truth.before && truth.before <= high;
  },
  "paired bootstrap, 286 questions": (random, at) => {
    const rows = population(random, { clusters: 286, most: 1, shared: 0 }).flat();
    const { low, high } = pairedClusterBootstrap(
      { a: rows.map(({ before }) => draw(random, before)), b: rows.map(({ after }) => draw(random, after)) },
      { resamples: 1000, seed: at },
    );
    return low <= truth.difference && truth.difference <= high;
  },
  "paired cluster bootstrap, 96 images of 1 to 20 questions": (random, at) => {
    const rows = population(random, { clusters: 96, most: 20, shared: 0.8 }).flatMap((questions, cluster) =>
      questions.map((question) => ({ ...question, cluster })),
    );
    const { low, high } = pairedClusterBootstrap(
      {
        a: rows.map(({ before }) => draw(random, before)),
        b: rows.map(({ after }) => draw(random, after)),
        cluster: rows.map(({ cluster }) => cluster),
      },
      { resamples: 1000, seed: at },
    );
    return low <= truth.difference && truth.difference <= high;
  },
  "8 answers to each of 200 questions": (random) => {
    const scores = population(random, { clusters: 200, most: 1, shared: 0 })
      .flat()
      .map(({ before }) => Array.from({ length: 8 }, () => draw(random, before)));
    const { low, high } = repeatedSamples(scores);
    return low <= truth.before && truth.before <= high;
  },
  "the same as if questions on one image were independent (wrong on purpose)": (random) => {
    const scores = population(random, { clusters: 96, most: 20, shared: 0.8 })
      .flat()
      .map(({ before }) => draw(random, before));
    const { low, high } = wilson(
      scores.reduce((sum, score) => sum + score, 0),
      scores.length,
    );
    return low <= truth.before && truth.before <= high;
  },
};

const rows = [];
for (const [name, experiment] of Object.entries(cases)) {
  const random = createRandom(`${seed}/${name}`);
  let covered = 0;
  for (let at = 0; at < experiments; at++) if (experiment(random, at)) covered += 1;
  const { value, low, high } = wilson(covered, experiments);
  const wrong = name.includes("wrong on purpose");
  rows.push({
    name,
    experiments,
    coverage: value,
    low,
    high,
    holds: wrong ? null : value >= 0.94 && value <= 0.96,
  });
  console.log(
    `${(value * 100).toFixed(1)} % [${(low * 100).toFixed(1)}, ${(high * 100).toFixed(1)}]  ${name}${wrong ? "" : rows.at(-1).holds ? "" : "  NOT within 94 to 96 %"}`,
  );
}
const file = option("json");
if (file !== undefined) writeFileSync(file, `${JSON.stringify({ seed, rows }, null, 2)}\n`);
process.exit(rows.every(({ holds }) => holds !== false) ? 0 : 1);
