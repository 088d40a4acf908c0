import type { RunEvent, RunEventBody } from "@mede2/schemas";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { numbered, plan, started } from "../test/fake-run.ts";
import { foldEvents, initialState, kept } from "./index.ts";

const number = fc.oneof(
  fc.double({ min: -5, max: 5, noNaN: true }),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY),
);
const body: fc.Arbitrary<RunEventBody> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant("step-end" as const),
      step: fc.nat(60),
      loss: number,
      tokens: fc.nat(100),
      rewards: fc.record({ chosen: number, accuracy: fc.constantFrom(0, 0.25, 1) }),
    }),
  },
  fc.record({
    type: fc.constant("progress" as const),
    done: fc.nat(9),
    total: fc.nat(9),
    unit: fc.constantFrom("steps", "questions"),
  }),
  fc.record({
    type: fc.constant("evaluation-end" as const),
    step: fc.nat(9),
    task: fc.constantFrom("a", "b"),
    metrics: fc.constant({ accuracy: 0.5 }),
  }),
  fc.record({
    type: fc.constant("checkpoint-saved" as const),
    step: fc.nat(9),
    path: fc.constantFrom("a", "b"),
    bytes: fc.nat(),
    sha256: fc.constant("0".repeat(64)),
  }),
  fc.record({ type: fc.constant("warning" as const), code: fc.constant("w"), message: fc.constant("m") }),
  fc.record({
    type: fc.constant("invariant-broken" as const),
    name: fc.constantFrom("x", "y"),
    cause: fc.constant("c"),
  }),
  fc.constantFrom<RunEventBody>({ type: "run-paused" }, { type: "run-resumed" }, { type: "run-stopped" }),
);
/** One to three attempts of any events. */
const whole: fc.Arbitrary<RunEvent[]> = fc
  .array(fc.array(body, { maxLength: 120 }), { minLength: 1, maxLength: 3 })
  .map((attempts) => numbered(attempts.flatMap((bodies, index) => [started(index + 1), ...bodies])));

/** The same as it comes from a file system that lies: pieces of it again, out of order, or not at all. */
const log: fc.Arbitrary<RunEvent[]> = fc.oneof(
  whole,
  fc
    .tuple(whole, fc.array(fc.tuple(fc.nat(400), fc.nat(400), fc.nat(6)), { maxLength: 4 }))
    .map(([events, moves]) => {
      const torn = [...events];
      for (const [from, to, count] of moves) {
        const piece = torn.slice(from % torn.length, (from % torn.length) + count);
        if (count % 3 === 0) torn.splice(from % torn.length, Math.min(count, torn.length - 1));
        if (count % 3 !== 1) torn.splice(to % torn.length, 0, ...piece.reverse());
        else torn.push(...piece);
      }
      return torn;
    }),
);

describe("foldEvents", () => {
  it("does not depend on how the log is cut, and leaves the states it was given alone", () => {
    fc.assert(
      fc.property(log, fc.array(fc.nat(400), { maxLength: 8 }), (events, cuts) => {
        const start = initialState(plan);
        const untouched = structuredClone(start);
        const once = foldEvents(start, events);
        const single = events.reduce((state, event) => foldEvents(state, event), start);
        const bounds = [
          0,
          ...cuts.map((cut) => cut % (events.length + 1)).sort((a, b) => a - b),
          events.length,
        ];
        let pieces = start;
        const snapshots: [object, object][] = [];
        for (let index = 1; index < bounds.length; index++) {
          pieces = foldEvents(pieces, events.slice(bounds[index - 1], bounds[index]));
          snapshots.push([pieces, structuredClone(pieces)]);
        }
        expect(single).toEqual(once);
        expect(pieces).toEqual(once);
        expect(start).toEqual(untouched);
        for (const [state, copy] of snapshots) expect(state).toEqual(copy);
      }),
      { numRuns: 150 },
    );
  });

  it("counts events that come twice and changes nothing by them", () => {
    fc.assert(
      fc.property(whole, fc.nat(), (events, from) => {
        const last = events.findLastIndex((event) => event.type === "run-started");
        const tail = events.slice(last + (from % (events.length - last)));
        const { duplicates, ...twice } = foldEvents(initialState(plan), [...events, ...tail]);
        const { duplicates: none, ...once } = foldEvents(initialState(plan), events);
        expect(twice).toEqual(once);
        expect([duplicates, none]).toEqual([tail.length, 0]);
      }),
    );
  });

  it("counts what is missing or comes too late", () => {
    const events = numbered([
      started(1),
      ...Array.from(
        { length: 6 },
        (_, index): RunEventBody => ({ type: "step-end", step: index + 1, loss: 1 }),
      ),
    ]);
    const [a, b, c, d, e] = events as [RunEvent, RunEvent, RunEvent, RunEvent, RunEvent];
    expect(foldEvents(initialState(), [a, b, e])).toMatchObject({ missing: 2, duplicates: 0, step: 4 });
    expect(foldEvents(initialState(), [a, b, d, c, e])).toMatchObject({ missing: 1, duplicates: 1, step: 4 });
  });

  it("lets the later attempt win when the step goes back", () => {
    const steps = (from: number, to: number, loss: number) =>
      Array.from(
        { length: to - from + 1 },
        (_, index): RunEventBody => ({ type: "step-end", step: from + index, loss, tokens: 1 }),
      );
    const state = foldEvents(
      initialState(plan),
      numbered([started(1), ...steps(1, 10, 2), started(2), ...steps(6, 8, 1)]),
    );
    expect(state.curve.points.map(({ step, loss }) => [step, loss])).toEqual([
      [1, 2],
      [2, 2],
      [3, 2],
      [4, 2],
      [5, 2],
      [6, 1],
      [7, 1],
      [8, 1],
    ]);
    expect(state).toMatchObject({ step: 8, attempt: 2, totals: { tokens: 13 } });
  });

  it("stays small however long the run is", () => {
    let state = initialState(plan);
    for (let from = 1; from < 100_000; from += 10_000) {
      const bodies = Array.from(
        { length: 10_000 },
        (_, index): RunEventBody => ({ type: "step-end", step: from + index, loss: 1 / (from + index) }),
      );
      state = foldEvents(
        state,
        numbered(bodies).map((event, index) => ({ ...event, seq: from + index })),
      );
    }
    expect(state.curve.points.length).toBeLessThan(kept.curve);
    expect(state.curve.points.length).toBeGreaterThanOrEqual(kept.curve / 2);
    const gaps = state.curve.points
      .slice(1)
      .map((point, index) => point.step - state.curve.points[index]!.step);
    expect(new Set(gaps)).toEqual(new Set([state.curve.stride]));
    expect(JSON.stringify(state).length).toBeLessThan(100_000);
  });

  it("skips types of later versions", () => {
    const later = {
      record: "run-event" as const,
      v: 1 as const,
      seq: 1,
      ts: "2026-01-31T12:00:00.000Z",
      type: "constructor",
    };
    expect(foldEvents(initialState(), [...numbered([started(1)]), later])).toMatchObject({
      events: 2,
      phase: "running",
    });
  });
});
