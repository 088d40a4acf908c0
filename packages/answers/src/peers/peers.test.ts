/** Against the peers' own code on invented replies: `test/goldens/generate_peers.py`. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type PeerName, peerVerdicts } from "./index.ts";
import { similarity } from "./similarity.ts";

type Row = { question: number; reply: string } & Record<PeerName, boolean | "guess">;
const { questions, rows, ratios } = JSON.parse(
  readFileSync(new URL("../../test/goldens/peers.json", import.meta.url), "utf8"),
) as { questions: { options: string[]; gold: string }[]; rows: Row[]; ratios: [string, string, number][] };

const judged = (peer: PeerName, { question, reply }: Row) => {
  const { options, gold } = questions[question]!;
  return peerVerdicts[peer]({ text: reply, options, gold: { labels: [gold] } });
};

describe.each(Object.keys(peerVerdicts) as PeerName[])("%s", (peer) => {
  it("gives the verdicts of its own code, guesses included", () => {
    const different = rows.flatMap((row) => {
      const { correct, guess } = judged(peer, row);
      const ours = guess?.kind === "drawn" ? "guess" : correct;
      return ours === row[peer]
        ? []
        : [{ reply: row.reply, question: row.question, ours, theirs: row[peer] }];
    });
    expect(different).toEqual([]);
    expect(rows.filter((row) => row[peer] === true).length).toBeGreaterThan(10);
    expect(rows.filter((row) => row[peer] === false).length).toBeGreaterThan(10);
  });
  it("takes an empty reply, no options and a quarter of a megabyte", () => {
    const before = performance.now();
    for (const text of [
      "",
      "B ".repeat(125_000),
      "\\boxed{".repeat(35_000),
      "<answer>".repeat(30_000),
      "an effusion. ".repeat(20_000),
      `ANSWER: a${" ".repeat(250_000)}!`,
      "$ a ".repeat(60_000),
      "ANSWER: A ".repeat(25_000),
    ])
      for (const options of [[], ["a", "an effusion"]])
        expect(
          peerVerdicts[peer]({
            text,
            options,
            gold: options.length > 0 ? { labels: ["B"] } : { text: "an effusion", aliases: [] },
          }),
        ).toMatchObject({
          correct: expect.any(Boolean),
        });
    expect(performance.now() - before).toBeLessThan(20_000); // quadratic time would be minutes;
  });
});

it("marks the nearest option as a guess, and right ones too", () => {
  const nearest = rows
    .map((row) => judged("medevalkit", row))
    .filter(({ guess }) => guess?.kind === "nearest");
  expect(nearest.length).toBeGreaterThan(50);
  expect(nearest.some(({ correct }) => correct)).toBe(true);
});

it.each(ratios)("similarity(%j, %j) is difflib's", (a, b, ratio) =>
  expect(similarity(a, b)).toBeCloseTo(ratio, 12),
);
