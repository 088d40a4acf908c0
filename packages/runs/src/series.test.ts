import type { RunEventBody } from "@mede2/schemas";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { numbered, started } from "../test/fake-run.ts";
import {
  addPoint,
  addToSeries,
  cutSeries,
  emptyRunSeries,
  emptySeries,
  seriesRange,
  seriesWindow,
} from "./index.ts";

const filled = (count: number, value: (step: number) => number) => {
  const series = emptySeries();
  for (let step = 1; step <= count; step++) addPoint(series, step, value(step));
  return series;
};
const whole = { from: 1, buckets: 50 };

describe("series", () => {
  it("gives points themselves where there are few", () => {
    const series = filled(5, (step) => step * step);
    expect(seriesWindow(series, { from: 1, to: 5, buckets: 5 }).map(({ mean }) => mean)).toEqual([
      1, 4, 9, 16, 25,
    ]);
    expect(seriesWindow(series, { from: 2, to: 3, buckets: 5 }).map(({ low }) => low)).toEqual([4, 9]);
    expect(seriesWindow(emptySeries(), { from: 0, to: 9, buckets: 5 })).toEqual([]);
  });

  it("stays small, loses no extreme, and covers every step once", () => {
    const count = 300_000;
    const series = filled(count, (step) => (step === 1234 ? 99 : step === 250_000 ? -99 : Math.sin(step)));
    const window = seriesWindow(series, { ...whole, to: count });
    expect(window.length).toBe(50);
    expect(Math.max(...window.map(({ high }) => high))).toBe(99);
    expect(Math.min(...window.map(({ low }) => low))).toBe(-99);
    expect(window.reduce((sum, bucket) => sum + bucket.count, 0)).toBe(count);
    expect(JSON.stringify(series).length).toBeLessThan(600_000);
    expect(seriesRange(series)).toEqual({ first: 1, last: count });
  });

  it("shows the newest steps at full detail", () => {
    const window = seriesWindow(
      filled(100_000, (step) => step),
      { from: 99_901, to: 100_000, buckets: 100 },
    );
    expect(window.map(({ mean }) => mean)).toEqual(Array.from({ length: 100 }, (_, index) => 99_901 + index));
  });

  it("after a cut is what it would have been without the steps that were cut", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.nat(900), fc.nat(500), (before, back, after) => {
        const at = Math.max(1, before - back);
        const cut = filled(before, (step) => step);
        cutSeries(cut, at);
        const plain = filled(at - 1, (step) => step);
        for (let step = at; step < at + after; step++) {
          addPoint(cut, step, -step);
          addPoint(plain, step, -step);
        }
        const one = { from: 1, to: at + after, buckets: 1 };
        expect(seriesWindow(cut, one)).toEqual(seriesWindow(plain, one));
        const newest = { from: at + after - 40, to: at + after, buckets: 41 };
        expect(seriesWindow(cut, newest)).toEqual(seriesWindow(plain, newest));
      }),
      { numRuns: 60 },
    );
  });

  it("after a deep cut loses one bucket at most", () => {
    const cut = filled(200_000, (step) => step);
    cutSeries(cut, 50_000);
    const last = seriesRange(cut)!.last;
    expect(last).toBeLessThan(50_000);
    expect(last).toBeGreaterThan(50_000 - 512);
    addPoint(cut, 50_000, 1);
    expect(seriesRange(cut)!.last).toBe(50_000);
  });
});

describe("addToSeries", () => {
  it("does not depend on how the log is cut, and leaves out what comes again", () => {
    const step = (at: number): RunEventBody => ({
      ...{ type: "step-end", step: at, loss: at / 7, tokens: 10, seconds: 2 },
      rewards: { accuracy: 0.5 },
    });
    const steps = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, index) => step(from + index));
    const evaluation: RunEventBody = {
      type: "evaluation-end",
      step: 9,
      task: "dev",
      metrics: { accuracy: 0.4 },
    };
    const events = numbered([started(1), ...steps(1, 40), evaluation, started(2), ...steps(30, 80)]);
    const all = emptyRunSeries();
    addToSeries(all, events);
    fc.assert(
      fc.property(fc.array(fc.nat(events.length), { maxLength: 6 }), (cuts) => {
        const pieces = emptyRunSeries();
        const bounds = [0, ...cuts.sort((a, b) => a - b), events.length];
        for (let index = 1; index < bounds.length; index++) {
          // each piece comes with a few events of the one before it
          const from = Math.max(0, bounds[index - 1]! - 3);
          const restarted = events.slice(from, bounds[index - 1]).some(({ type }) => type === "run-started");
          addToSeries(pieces, events.slice(restarted ? bounds[index - 1] : from, bounds[index]));
        }
        expect(pieces).toEqual(all);
      }),
    );
    expect(Object.keys(all.byName)).toEqual([
      "loss",
      "rewards-accuracy",
      "throughput",
      "step-seconds",
      "eval:dev/accuracy",
    ]);
    expect(seriesWindow(all.byName.throughput!, { from: 0, to: 99, buckets: 1 })).toEqual([
      { first: 1, last: 80, low: 5, high: 5, mean: 5, count: 80 },
    ]);
  });
});
