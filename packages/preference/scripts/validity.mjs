// Measures whether MMRP prefers what it should: see docs/experiments-mmrp.md. Needs a built workspace and the data sets as their authors publish them.
//   node packages/preference/scripts/validity.mjs --medcalc DIR --vqa-rad DIR --openstax DIR --huatuo DIR [--half 0|1] [--templates a|b|c|d|e|f] [--facts FILE] [--count N] [--out FILE]
//     [--judgements FILE] [--misses FILE] [--kinds A,B]
// Half 0 is what the scorer was tuned on: even questions, writing styles 0 and 1. Half 1 (odd questions, styles 2 and 3) was measured and not looked at.
// --facts: cases (JSONL with `question`: MedQA's, MedXpertQA's); their sentences are then the fabricated facts, so that nobody who wrote a check wrote the words. The same is done for
// contradictions ("contradiction-outside") where the chains of HuatuoGPT-o1 are at hand. --misses: what was not preferred, to be read (half 0 only).
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { auroc, bootstrapInterval, createRandom, wilson } from "../../stats/dist/index.js";
import {
  constructedKinds,
  constructNegative,
  fabricateWrongAnswer,
  passesGates,
  scoreTrace,
  textRubric,
} from "../dist/index.js";
import {
  huatuoOriginals,
  huatuoRows,
  lines,
  medcalcTraces,
  openStaxOriginals,
  vqaRadOriginals,
  wardOriginals,
} from "./validity/originals.mjs";
import { modelVerdicts, outsideContradiction } from "./validity/outside-words.mjs";

const { values } = parseArgs({
  options: {
    medcalc: { type: "string" },
    "vqa-rad": { type: "string" },
    openstax: { type: "string" },
    huatuo: { type: "string" },
    misses: { type: "string" },
    kinds: { type: "string" },
    half: { type: "string", default: "1" },
    count: { type: "string", default: "400" },
    out: { type: "string" },
    judgements: { type: "string" },
    templates: { type: "string" },
    facts: { type: "string" },
  },
});
const half = Number(values.half);
const count = Number(values.count);
const templates = values.templates ?? (half === 0 ? "e" : "f");
if (values.misses && half !== 0) throw new Error("--misses shows what half 1 was kept for: use --half 0");
const verdicts = values.huatuo ? modelVerdicts(huatuoRows(values.huatuo), half) : [];
const facts = values.facts ? caseSentences(values.facts, half) : undefined;
const withoutOutcome = {
  ...textRubric,
  gates: without(textRubric.gates, ["answer-correct"]),
  criteria: without(textRubric.criteria, ["outcome"]),
};

function without(record, names) {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));
}

/** 1: the original is preferred; 0: the other; 0.5: neither. A trace that may not be chosen loses to one that may. */
function prefers(original, other) {
  const [open, otherOpen] = [passesGates(original), passesGates(other)];
  if (open !== otherOpen) return open ? 1 : 0;
  const gap = (original.total ?? 0) - (other.total ?? 0);
  return gap > 1e-9 ? 1 : gap < -1e-9 ? 0 : 0.5;
}

/** A trace about another picture, which shows something else where it is known what pictures show. */
function donorOf(originals, index) {
  const own = originals[index].question;
  for (let step = 7; step < 60; step++) {
    const { question, trace } = originals[(index + step) % originals.length];
    const same = question.id === own.id || question.images[0]?.sha256 === own.images[0]?.sha256;
    if (!same && (own.findings === undefined || question.findings !== own.findings)) return trace;
  }
  return undefined;
}

/** Short sentences of MedQA's cases (even or odd ones), without their questions. */
function caseSentences(path, half) {
  return lines(path)
    .filter((_, index) => index % 2 === half)
    .flatMap(({ question }) => question.match(/[^.?!]{20,110}\.(?= )/g) ?? [])
    .map((sentence) => sentence.trim())
    .filter((sentence) => /^[A-Z]/.test(sentence) && !/\b(?:Dr|Mr|Mrs|vs)\.$/.test(sentence));
}

function summary(shares) {
  const n = shares.length;
  if (n === 0) return null;
  const won = shares.filter((share) => share === 1).length;
  const { low, high } = wilson(won, n);
  return {
    n,
    preferred: won / n,
    low,
    high,
    ties: shares.filter((share) => share === 0.5).length,
    lost: shares.filter((share) => share === 0).length,
  };
}

const sources = [
  ["ward", wardOriginals(half, count)],
  ...(values["vqa-rad"] ? [["vqa-rad", vqaRadOriginals(values["vqa-rad"], half, count)]] : []),
  ...(values.openstax ? [["openstax", openStaxOriginals(values.openstax, half, count)]] : []),
  ...(values.huatuo ? [["huatuo-o1", huatuoOriginals(values.huatuo, half, count)]] : []),
];
const result = {
  half,
  templates,
  command: `node packages/preference/scripts/validity.mjs ${process.argv
    .slice(2)
    .filter(
      (word, at, all) =>
        !/^--(out|judgements)$/.test(word) && !/^--(out|judgements)$/.test(all[at - 1] ?? ""),
    )
    .map((word) => (/^[/.]/.test(word) ? "DIR" : word))
    .join(" ")}`,
  sources: {},
};
const judgements = [];

for (const [name, originals] of sources) {
  const kinds = {};
  const caught = {};
  const pictures = originals[0].question.images.length > 0;
  const kindsHere = constructedKinds.filter((kind) => pictures || !kind.includes("image"));
  for (const kind of [
    ...kindsHere,
    "wrong-answer",
    ...(verdicts.length > 0 ? ["contradiction-outside"] : []),
  ].filter((kind) => values.kinds === undefined || values.kinds.split(",").includes(kind))) {
    const [all, bare] = [[], []];
    const by = {};
    for (const [index, { question, trace }] of originals.entries()) {
      const donor = donorOf(originals, index);
      const settings = { seed: "validity", templates, ...(facts ? { facts } : {}) };
      const outside =
        kind === "contradiction-outside"
          ? outsideContradiction(
              { question, trace },
              { verdicts, random: createRandom(`outside/${trace.id}`) },
            )
          : undefined;
      const negative =
        outside !== undefined
          ? (outside?.trace ?? null)
          : kind === "wrong-answer"
            ? fabricateWrongAnswer({ question, trace }, settings)
            : constructNegative(kind, { question, trace, donor }, settings);
      if (negative === null) continue;
      const [a, b] = [trace, negative].map((one) => scoreTrace({ question, trace: one }, textRubric));
      const [c, d] = [trace, negative].map((one) => scoreTrace({ question, trace: one }, withoutOutcome));
      all.push(prefers(a, b));
      bare.push(prefers(c, d));
      for (const criterion of Object.keys(withoutOutcome.criteria)) {
        const [x, y] = [c.criteria[criterion], d.criteria[criterion]];
        if (x.status === "scored" && y.status === "scored" && y.value < x.value - 1e-9)
          by[criterion] = (by[criterion] ?? 0) + 1;
      }
      for (const gate of Object.keys(d.gates))
        if (d.gates[gate] === "failed" && c.gates[gate] !== "failed")
          by[`gate ${gate}`] = (by[`gate ${gate}`] ?? 0) + 1;
      judgements.push({
        source: name,
        kind,
        ...(outside && { way: outside.way }),
        id: question.id,
        prefers: prefers(c, d),
        question: question.stem,
        original: trace.text,
        negative: negative.text,
        totals: [c.total, d.total],
        failures: [c.failures, d.failures],
        parts: [c.parts, d.parts],
      });
    }
    kinds[kind] = { mmrp: summary(all), withoutOutcome: summary(bare) };
    caught[kind] = { n: bare.length, by };
  }
  const ratings = originals.map(({ question, trace }) => scoreTrace({ question, trace }, textRubric));
  const flagged = ratings.filter(
    (rating) =>
      !passesGates(rating) ||
      Object.entries(textRubric.criteria).some(
        ([criterion, { floor }]) =>
          rating.criteria[criterion].status === "scored" && rating.criteria[criterion].value < floor,
      ),
  ).length;
  const gates = {};
  for (const rating of ratings)
    for (const [gate, state] of Object.entries(rating.gates))
      if (state === "failed") gates[gate] = (gates[gate] ?? 0) + 1;
  const paraphrases = originals
    .filter((one) => one.paraphrase)
    .map(({ question, trace, paraphrase }) =>
      [trace, paraphrase].map((one) => scoreTrace({ question, trace: one }, withoutOutcome).total),
    );
  const gaps = paraphrases.map(([a, b]) => a - b);
  result.sources[name] = {
    originals: originals.length,
    flagged: { ...wilson(flagged, ratings.length), n: flagged, gates },
    kinds,
    caught,
    paraphrases:
      gaps.length === 0
        ? null
        : {
            meanGap: mean(gaps),
            withinMargin: gaps.filter((gap) => Math.abs(gap) < 0.05).length / gaps.length,
            equal: gaps.filter((gap) => Math.abs(gap) < 1e-9).length / gaps.length,
          },
    length: lengthCorrelation(originals),
  };
}

function mean(list) {
  return list.reduce((sum, one) => sum + one, 0) / Math.max(1, list.length);
}

/** The same chain with 0 to 3 sentences that say nothing: does more text score higher? */
function lengthCorrelation(originals) {
  const padding = [
    "This is one case of many.",
    "The question was read with care.",
    "All of this was written down.",
  ];
  const points = originals.flatMap(({ question, trace }, index) => {
    const extra = index % 4;
    const text = trace.text.replace(
      "<think>\n",
      `<think>\n${padding.slice(0, extra).join(" ")}${extra > 0 ? "\n" : ""}`,
    );
    const shift = text.length - trace.text.length;
    const answer =
      trace.answer.span === null
        ? trace.answer
        : {
            ...trace.answer,
            span: {
              ...trace.answer.span,
              start: trace.answer.span.start + shift,
              end: trace.answer.span.end + shift,
            },
          };
    return [
      [
        text.length,
        scoreTrace({ question, trace: { ...trace, text, answer } }, withoutOutcome).total -
          scoreTrace({ question, trace }, withoutOutcome).total,
        extra,
      ],
    ];
  });
  return correlation(
    points.map(([, , extra]) => extra),
    points.map(([, change]) => change),
  );
}

function correlation(x, y) {
  const of = (at) => {
    const [mx, my] = [mean(at.map((i) => x[i])), mean(at.map((i) => y[i]))];
    let [xy, xx, yy] = [0, 0, 0];
    for (const i of at) {
      xy += (x[i] - mx) * (y[i] - my);
      xx += (x[i] - mx) ** 2;
      yy += (y[i] - my) ** 2;
    }
    return xx === 0 || yy === 0 ? 0 : xy / Math.sqrt(xx * yy);
  };
  const { value, low, high } = bootstrapInterval(x.length, (indices) => of([...indices]), {
    resamples: 1000,
    seed: 1,
  });
  return { value, low, high };
}

if (values.medcalc && existsSync(values.medcalc)) {
  const traces = medcalcTraces(
    values.medcalc,
    readdirSync(values.medcalc)
      .filter((file) => file.endsWith(".jsonl"))
      .sort(),
  );
  // questions are split by their number, so that no question is on both sides
  const mine = traces.filter(({ case: row }) => Number(row) % 2 === half);
  const rate = (list) => list.map(({ question, trace }) => scoreTrace({ question, trace }, withoutOutcome));
  const ratings = rate(mine);
  const right = mine.map((one) => one.right);
  const usable = ratings.flatMap(({ total }, at) => (total === null ? [] : [at]));
  const area = (value) => {
    const at = usable.filter((index) => value(ratings[index]) !== undefined);
    return new Set(at.map((index) => right[index])).size < 2
      ? null
      : {
          ...auroc(
            at.map((index) => value(ratings[index])),
            at.map((index) => right[index]),
          ),
          n: at.length,
        };
  };
  const parts = {};
  for (const criterion of Object.keys(withoutOutcome.criteria)) {
    parts[criterion] = area(({ criteria }) =>
      criteria[criterion].status === "scored" ? criteria[criterion].value : undefined,
    );
    for (const check of new Set(ratings.flatMap((rating) => Object.keys(rating.parts[criterion]))))
      parts[`${criterion}/${check}`] = area((rating) => rating.parts[criterion][check]);
  }
  const clusters = [...new Set(mine.map(({ case: row }) => row))];
  result.medcalc = {
    traces: mine.length,
    right: right.filter(Boolean).length,
    questions: clusters.length,
    total: area(({ total }) => total),
    clustered: clusteredAuroc(mine, ratings, clusters),
    parts,
    length: correlation(
      mine.map(({ trace }) => Math.log(trace.text.length)),
      ratings.map(({ total }) => total ?? 0),
    ),
    lengthAlone: auroc(
      mine.map(({ trace }) => -trace.text.length),
      right,
    ),
  };
}

/** The interval by drawing questions, since several models answer one. */
function clusteredAuroc(mine, ratings, clusters) {
  const rows = new Map(
    clusters.map((row) => [row, mine.flatMap((one, at) => (one.case === row ? [at] : []))]),
  );
  const { value, low, high } = bootstrapInterval(
    clusters.length,
    (indices) => {
      const at = [...indices].flatMap((index) => rows.get(clusters[index]));
      const positive = at.map((index) => mine[index].right);
      return positive.every(Boolean) || !positive.some(Boolean)
        ? null
        : auroc(
            at.map((index) => ratings[index].total ?? 0),
            positive,
          ).value;
    },
    { resamples: 2000, seed: 1 },
  );
  return { value, low, high };
}

if (values.misses)
  writeFileSync(
    values.misses,
    `${judgements
      .filter(({ prefers }) => prefers !== 1)
      .map((one) => JSON.stringify(one))
      .join("\n")}\n`,
  );
if (values.judgements) {
  const random = createRandom("judgements");
  writeFileSync(
    values.judgements,
    `${random
      .shuffled(judgements)
      .slice(0, 50)
      .map((one) => JSON.stringify(one))
      .join("\n")}\n`,
  );
}
const percent = (x) => (100 * x).toFixed(1);
for (const [name, { originals, flagged, kinds, caught, paraphrases, length }] of Object.entries(
  result.sources,
)) {
  console.error(
    `\n${name}: ${originals} originals, flagged ${percent(flagged.value)} % ${JSON.stringify(flagged.gates)}; ${paraphrases === null ? "no paraphrases" : `paraphrases gap ${paraphrases.meanGap.toFixed(4)}, within ${percent(paraphrases.withinMargin)} %`}; length r ${length.value.toFixed(3)} [${length.low.toFixed(3)}, ${length.high.toFixed(3)}]`,
  );
  for (const [kind, { mmrp, withoutOutcome }] of Object.entries(kinds))
    if (mmrp)
      console.error(
        `  ${kind.padEnd(20)} n ${String(mmrp.n).padStart(4)}  mmrp ${percent(mmrp.preferred)}  without outcome ${percent(withoutOutcome.preferred)} [${percent(withoutOutcome.low)}, ${percent(withoutOutcome.high)}] ties ${withoutOutcome.ties} lost ${withoutOutcome.lost}  ${JSON.stringify(caught[kind].by)}`,
      );
}
if (result.medcalc)
  console.error(
    "\nmedcalc",
    JSON.stringify(
      result.medcalc,
      (_, value) => (typeof value === "number" ? Number(value.toFixed(3)) : value),
      1,
    ),
  );
if (values.out) writeFileSync(values.out, `${JSON.stringify(result, null, 2)}\n`);
else console.log(JSON.stringify(result));
