import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isCorrect } from "@mede2/answers";
import {
  type Candidates,
  type PreferencePair,
  preferencePairSchema,
  readAllJsonl,
  recordId,
  writeJsonlAtomic,
} from "@mede2/schemas";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Made, madeCandidates, randomCandidates } from "../../test/support/candidates.ts";
import { buildPairs, buildPairsFile, pairSettingsSchema } from "../index.ts";

const right = (trace: PreferencePair["chosen"], { gold }: PreferencePair["question"]) =>
  isCorrect(trace.answer, gold);
const build = (made: readonly Made[], settings = {}) =>
  buildPairs([madeCandidates("1", made)], { bothRightShare: 0, ...settings });

describe("buildPairs", () => {
  const many = randomCandidates(300, 6, 1);

  it("keeps every rule on candidates as they come", () => {
    const { pairs, kinds, statistics, dropped } = buildPairs(many, { seed: 3, plan: "ward" });
    expect(pairs.length).toBeGreaterThan(200);
    expect(statistics.bothRightShare).toBeGreaterThanOrEqual(0.3);
    expect(kinds["wrong-answer"]! + kinds["right-answer-poor-reasoning"]!).toBe(pairs.length);
    const perCase = new Map<string, number>();
    const chosen = new Set<string>();
    for (const pair of pairs) {
      preferencePairSchema.parse(pair);
      expect(pair.id).toBe(recordId(pair));
      expect(right(pair.chosen, pair.question)).toBe(true);
      expect(pair.negativeKind).toBe(
        right(pair.rejected, pair.question) ? "right-answer-poor-reasoning" : "wrong-answer",
      );
      const { ratings } = pair;
      expect(Object.values(ratings.chosen.gates)).not.toContain("failed");
      expect(pair.margin).toBeGreaterThanOrEqual(0.05);
      expect(pair.margin).toBeCloseTo(ratings.chosen.total! - ratings.rejected.total!, 5);
      let worse = 0;
      for (const [name, better] of Object.entries(ratings.chosen.criteria)) {
        const other = ratings.rejected.criteria[name]!;
        if (better.status !== "scored" || other.status !== "scored") continue;
        if (other.value < better.value) worse += 1;
        expect(other.anchor! - better.anchor!).toBeLessThanOrEqual(1);
      }
      expect(worse).toBeGreaterThan(0);
      const logic = ratings.chosen.criteria["logical-consistency"]!;
      expect(logic.status === "scored" && logic.value).toBeGreaterThanOrEqual(0.6);
      expect(pair.provenance).toEqual({
        plan: "ward",
        scorer: "mmrp 1 made@1",
        seed: 3,
        parents: [pair.chosen.id, pair.rejected.id],
      });
      perCase.set(pair.question.group.case!, (perCase.get(pair.question.group.case!) ?? 0) + 1);
      expect(chosen.has(pair.chosen.id)).toBe(false);
      chosen.add(pair.chosen.id);
    }
    expect(Math.max(...perCase.values())).toBeLessThanOrEqual(2);
    expect(dropped["pair:margin"]).toBeGreaterThan(0);
    const mean = pairs.reduce((sum, { weight }) => sum + weight, 0) / pairs.length;
    expect(mean).toBeCloseTo(1, 4);
    expect(statistics.criteria["image-involvement"]).toEqual({
      better: 0,
      equal: 0,
      worse: 0,
      unscored: pairs.length,
    });
  });

  it("depends on seed and content alone, not on the order of candidates or samples", () => {
    const first = buildPairs(many, { seed: 3, limit: 150 }).pairs;
    expect(buildPairs(many, { seed: 3, limit: 150 }).pairs).toEqual(first);
    const turned = [...many]
      .reverse()
      .map((one): Candidates => ({ ...one, traces: [...one.traces].reverse() }));
    const ids = (pairs: readonly PreferencePair[]) => pairs.map(({ id }) => id).sort();
    expect(ids(buildPairs(turned, { seed: 3, limit: 150 }).pairs)).toEqual(ids(first));
    expect(ids(buildPairs(many, { seed: 4, limit: 150 }).pairs)).not.toEqual(ids(first));
    expect(first).toHaveLength(150);
  });

  it("reaches the share of pairs with two right answers by leaving out others", () => {
    const mostlyWrong = randomCandidates(300, 6, 2, 0.15);
    const free = buildPairs(mostlyWrong, { bothRightShare: 0 }).statistics;
    expect(free.bothRightShare).toBeLessThan(0.5);
    const held = buildPairs(mostlyWrong, { bothRightShare: 0.5 });
    expect(held.statistics.bothRightShare).toBeGreaterThanOrEqual(0.5);
    expect(held.statistics.bothRight).toBe(free.bothRight);
    expect(held.dropped["selection:both-right-share"]).toBe(free.pairs - held.pairs.length);
    expect(() => buildPairs([madeCandidates("1", [{ right: true }, { right: false }])])).toThrow(
      expect.objectContaining({ code: "share-unreachable" }),
    );
  });

  it.each<[string, Made[], string]>([
    [
      "a chosen trace that fails a gate",
      [{ right: true, gate: false }, { right: false }],
      "not-chosen:gate:other",
    ],
    [
      "a chosen trace below a floor",
      [
        { right: true, logic: 0.5 },
        { right: false, logic: 0.1 },
      ],
      "not-chosen:floor:logical-consistency",
    ],
    ["a small margin", [{ right: true }, { right: true, reflection: 0.9 }], "pair:margin"],
    [
      "a rejected trace that is much better elsewhere",
      [
        { right: true, reflection: 0.3 },
        { right: false, reflection: 1 },
      ],
      "pair:better-elsewhere",
    ],
    [
      "a rejected trace without an answer",
      [{ right: true }, { right: false, unparsed: true }],
      "pair:rejected-unparsed",
    ],
    [
      "the same words twice",
      [
        { right: true, text: "x" },
        { right: true, text: "x" },
      ],
      "duplicate-trace",
    ],
  ])("does not pair %s", (_, made, reason) => {
    const { pairs, dropped } = build(made);
    expect(pairs).toEqual([]);
    expect(dropped[reason]).toBeGreaterThanOrEqual(1);
    expect(dropped["question-without-pair"]).toBe(1);
  });

  it("prefers lengths that match, and takes others only when there are none", () => {
    const made: Made[] = [
      { right: true, tokens: 50 },
      { right: false, tokens: 90 },
      { right: false, tokens: 55 },
    ];
    const only = build(made, { perCase: 1 }).pairs[0]!;
    expect(only.rejected.tokens.completion).toBe(55);
    expect(build(made.slice(0, 2)).pairs).toHaveLength(1);
    expect(build(made.slice(0, 2), { lengthMatch: "require" })).toMatchObject({
      pairs: [],
      dropped: { "pair:length": 1 },
    });
  });

  it("caps pairs a case and a chosen trace", () => {
    const made: Made[] = [
      { right: true },
      { right: true, reflection: 0.5 },
      ...new Array<Made>(4).fill({ right: false }),
    ];
    expect(build(made).pairs).toHaveLength(2);
    expect(build(made, { perCase: 9 }).pairs).toHaveLength(2);
    expect(build(made, { perCase: 9, perChosen: 3 }).pairs).toHaveLength(6);
    expect(
      build(made, { perCase: 9, perChosen: 3, weight: "equal" }).pairs.every(({ weight }) => weight === 1),
    ).toBe(true);
  });

  it("pairs a constructed negative with the trace it was made from, under its own kind", () => {
    const parent = madeCandidates("1", [{ right: true }]).traces[0]!.id;
    const made: Made[] = [
      { right: true },
      { right: true, reflection: 0.2, negative: { kind: "reflection-removed", from: parent } },
      { right: true, reflection: 0.2, negative: { kind: "swapped-image", from: "f".repeat(16) } },
    ];
    const { pairs, kinds } = build(made, { perCase: 9, perChosen: 9 });
    expect(kinds).toEqual({ "reflection-removed": 1 });
    expect(pairs[0]!.chosen.id).toBe(parent);
  });

  it("balances kinds", () => {
    const { statistics } = buildPairs(many, { kinds: { "wrong-answer": 0.4 } });
    expect(statistics.kinds["wrong-answer"]! / statistics.pairs).toBeLessThanOrEqual(0.4);
  });

  it("controls: outcome alone", () => {
    const { pairs, kinds, statistics } = buildPairs(many, { outcomeOnly: true });
    expect(Object.keys(kinds)).toEqual(["wrong-answer"]);
    expect(pairs.length).toBeGreaterThan(200);
    expect(
      pairs.every(
        ({ weight, provenance }) =>
          weight === 1 && (provenance as { control?: string }).control === "outcome-only",
      ),
    ).toBe(true);
    // process does not count: on the criteria the chosen side is better about as often as worse
    const { better, worse } = statistics.criteria.reflection!;
    expect(better / (better + worse)).toBeGreaterThan(0.4);
    expect(better / (better + worse)).toBeLessThan(0.6);
  });

  it("controls: random labels swap about half of the same pairs", () => {
    const plain = buildPairs(many, { seed: 3 });
    const coin = buildPairs(many, { seed: 3, randomLabels: true });
    expect(coin.pairs.length).toBe(plain.pairs.length);
    const sides = ({ chosen, rejected }: PreferencePair) => [chosen.id, rejected.id].sort().join();
    expect(coin.pairs.map(sides)).toEqual(plain.pairs.map(sides));
    const share = coin.statistics.swapped / coin.pairs.length;
    expect(share).toBeGreaterThan(0.4);
    expect(share).toBeLessThan(0.6);
    const swapped = coin.pairs.filter(({ provenance }) => (provenance as { swapped?: boolean }).swapped);
    expect(swapped.every(({ margin, weight }) => margin < 0 && weight > 0)).toBe(true);
    for (const pair of coin.pairs) preferencePairSchema.parse(pair);
  });

  it("says what is wrong with its input", () => {
    const unrated = { ...madeCandidates("1", [{ right: true }]), ratings: [] };
    expect(() => buildPairs([unrated])).toThrow(expect.objectContaining({ code: "unrated" }));
    expect(() => buildPairs([], { margin: -1 })).toThrow(
      expect.objectContaining({ code: "invalid-settings" }),
    );
    expect(() => buildPairs([], { margins: 1 } as never)).toThrow(
      expect.objectContaining({ code: "invalid-settings" }),
    );
    expect(buildPairs([]).pairs).toEqual([]);
    expect(pairSettingsSchema.parse({})).toMatchObject({ bothRightShare: 0.3, perCase: 2, margin: 0.05 });
  });
});

describe("buildPairsFile", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mede2-pairs-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("gives what buildPairs gives, from file to file", async () => {
    const many = randomCandidates(120, 5, 7);
    const candidates = join(folder, "x.candidates.jsonl");
    const out = join(folder, "x.pairs.jsonl");
    await writeJsonlAtomic(candidates, many);
    const built = await buildPairsFile({ candidates, out }, { seed: 2 });
    const { pairs, dropped, kinds, statistics } = buildPairs(many, { seed: 2 });
    expect(await readAllJsonl(out, preferencePairSchema)).toEqual(pairs);
    expect(built).toMatchObject({ count: pairs.length, dropped, kinds, statistics });
    const text = await readFile(out, "utf8");
    await buildPairsFile({ candidates, out }, { seed: 2 });
    expect(await readFile(out, "utf8")).toBe(text);
  });
});
