import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createRandom, fromState } from "./random.ts";

const { xoshiro } = JSON.parse(
  readFileSync(new URL("../test/goldens/reference.json", import.meta.url), "utf8"),
) as { xoshiro: number[] };

describe("createRandom", () => {
  it("is xoshiro128**", () => {
    const random = fromState(1, 2, 3, 4);
    expect(xoshiro.map(() => random.uint32())).toEqual(xoshiro);
    expect(xoshiro.slice(0, 4)).toEqual([11520, 0, 5927040, 70819200]); // the published test vector
  });
  it("gives the same sequence for a seed for ever", () => {
    const sequence = (seed: number | string) => {
      const random = createRandom(seed);
      return [random.uint32(), random.uint32(), random.below(10), random.uniform()];
    };
    expect(sequence(0)).toEqual([3809008728, 1133695204, 0, 0.6732365118900101]);
    expect(sequence("ward")).toEqual([4180333657, 4272428244, 1, 0.8795686267970293]);
    expect(new Set([0, 1, 2 ** 32, 2 ** 33, -1, "0"].map((seed) => sequence(seed).join())).size).toBe(6);
    expect(() => createRandom(0.5)).toThrow(RangeError);
  });
  it("is uniform over a bound that does not divide 2^32", () => {
    const random = createRandom(4);
    const counts = new Array<number>(7).fill(0);
    for (let draw = 0; draw < 70_000; draw++) counts[random.below(7)]!++;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chiSquare).toBeLessThan(22.5); // p = 0.001 with 6 degrees of freedom
    const mean =
      Array.from({ length: 50_000 }, () => random.uniform()).reduce((sum, value) => sum + value, 0) / 50_000;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.005);
  });
  it("draws below large bounds too, and below none not at all", () => {
    const random = createRandom(5);
    const draws = Array.from({ length: 20_000 }, () => random.below(3 * 2 ** 30));
    expect(draws.filter((draw) => draw < 2 ** 30).length / 20_000).toBeCloseTo(1 / 3, 1);
    expect(Math.max(...draws)).toBeLessThan(3 * 2 ** 30);
    expect(() => random.below(0)).toThrow(RangeError);
  });
  it("shuffles into every order equally often", () => {
    const random = createRandom(9);
    const counts = new Map<string, number>();
    for (let draw = 0; draw < 6_000; draw++) {
      const order = random.shuffled(["a", "b", "c"]).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });
  it("forks into another sequence", () => {
    const random = createRandom(1);
    const fork = random.fork();
    expect(fork.uint32()).not.toBe(random.uint32());
  });
});
