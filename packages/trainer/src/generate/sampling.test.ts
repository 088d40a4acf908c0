import { describe, expect, it } from "vitest";
import { seededRandom } from "../train/order.ts";
import { drawToken } from "./sampling.ts";

const logits = Float32Array.from([1, 3, -2, 0.5, 3, Number.NEGATIVE_INFINITY]);
const shares = (temperature: number) => {
  const parts = [...logits].map((value) => Math.exp(value / temperature));
  const total = parts.reduce((sum, part) => sum + part, 0);
  return parts.map((part) => part / total);
};

function frequencies(temperature: number, topP: number, draws = 20_000): number[] {
  const random = seededRandom(5);
  const counts = new Array<number>(logits.length).fill(0);
  for (let i = 0; i < draws; i++)
    counts[drawToken(logits, { temperature, topP }, random).token]! += 1 / draws;
  return counts;
}

describe("drawing a token", () => {
  it("takes the most likely at temperature 0, the lowest id of equals, and draws no number", () => {
    const random = () => {
      throw new Error("asked for a number");
    };
    expect(drawToken(logits, { temperature: 0, topP: 0.5 }, random).token).toBe(1);
  });

  it("gives the log-probability before temperature and nucleus", () => {
    for (const sampling of [
      { temperature: 0, topP: 1 },
      { temperature: 0.3, topP: 0.4 },
    ]) {
      const { token, logProb } = drawToken(logits, sampling, () => 0.1);
      expect(logProb).toBeCloseTo(Math.log(shares(1)[token]!), 6);
    }
  });

  it.each([1, 0.5, 2])("follows the softmax at temperature %f", (temperature) => {
    const expected = shares(temperature);
    frequencies(temperature, 1).forEach((share, token) => {
      expect(Math.abs(share - expected[token]!)).toBeLessThan(0.015);
    });
  });

  it("cuts to the smallest nucleus of that mass, the lower id first", () => {
    const [one, three] = [frequencies(1, 0.4), frequencies(1, 0.92)];
    expect(one.map((share) => share > 0)).toEqual([false, true, false, false, false, false]);
    expect(three.map((share) => share > 0)).toEqual([true, true, false, false, true, false]);
    expect(three[1]! / three[0]!).toBeGreaterThan(6); // e², as without the cut
  });

  it("never draws what has no probability, whatever the number", () => {
    const certain = Float32Array.from([Number.NEGATIVE_INFINITY, 0, Number.NEGATIVE_INFINITY]);
    for (const number of [0, 0.5, 1 - 2 ** -53])
      for (const topP of [1, 0.9])
        expect(drawToken(certain, { temperature: 1, topP }, () => number).token).toBe(1);
  });
});
