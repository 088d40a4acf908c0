import type { Plan, RunEventBody } from "@mede2/schemas";
import { describe, expect, it } from "vitest";
import { numbered, plan, started } from "../test/fake-run.ts";
import { foldEvents, initialState, liveAlarms, type Surroundings } from "./index.ts";

type Step = {
  loss?: number;
  chosen?: number;
  rejected?: number;
  margin?: number;
  accuracy?: number;
  norm?: number;
  seconds?: number;
};
const stateOf = (steps: readonly Step[], more: RunEventBody[] = []) => {
  const bodies = steps.map(
    ({ loss, norm, seconds, ...rewards }, index): RunEventBody => ({
      ...{ type: "step-end", step: index + 1, loss: loss ?? 1 / (index + 1), rewards },
      ...(norm !== undefined && { gradientNorm: norm }),
      ...(seconds !== undefined && { seconds, tokens: 100 }),
    }),
  );
  return foldEvents(initialState(plan), numbered([started(1), ...bodies, ...more]));
};
const alarmsOf = (steps: readonly Step[], more: RunEventBody[] = []) =>
  stateOf(steps, more).alarms.map(({ name, step, active }) => ({ name, step, active }));
const names = (steps: readonly Step[], more: RunEventBody[] = []) =>
  stateOf(steps, more)
    .alarms.filter(({ active }) => active)
    .map(({ name }) => name);
const times = (count: number, step: Step) => Array.from({ length: count }, () => step);

describe("alarms", () => {
  it("are silent on a healthy run", () => {
    const noisy = Array.from({ length: 200 }, (_, index) => ({
      loss: 2 / (1 + index / 50) + 0.1 * Math.sin(index * 7),
      chosen: 0.01,
      accuracy: 0.7,
    }));
    expect(alarmsOf(noisy)).toEqual([]);
  });

  it("name a loss that is not finite, and remember it", () => {
    expect(alarmsOf([{}, { loss: Number.NaN }])).toEqual([{ name: "not-finite", step: 2, active: true }]);
    expect(alarmsOf([{}, { loss: Number.NaN }, {}])).toEqual([
      { name: "not-finite", step: 2, active: false },
    ]);
  });

  it("name a spike, and not the start of a run", () => {
    expect(alarmsOf([...times(20, { loss: 1 }), { loss: 1.6 }])).toEqual([
      { name: "loss-spike", step: 21, active: true },
    ]);
    expect(alarmsOf([...times(20, { loss: 1 }), { loss: 1.4 }])).toEqual([]);
    expect(alarmsOf([...times(10, { loss: 1 }), { loss: 9 }])).toEqual([]);
  });

  it("name a reward accuracy below one half", () => {
    expect(alarmsOf(times(20, { accuracy: 0.45 }))).toEqual([
      { name: "reward-accuracy", step: 20, active: true },
    ]);
    expect(alarmsOf(times(19, { accuracy: 0.45 }))).toEqual([]);
    expect(alarmsOf(times(40, { accuracy: 0.5 }))).toEqual([]);
  });

  it("name the squeeze by the chosen log-ratio: the reward divided by beta 0.1", () => {
    expect(alarmsOf(times(10, { chosen: -0.11 }))).toEqual([{ name: "squeeze", step: 5, active: true }]);
    expect(alarmsOf(times(10, { chosen: -0.09 }))).toEqual([]);
    expect(alarmsOf([...times(10, { chosen: -0.11 }), ...times(10, { chosen: 0 })])).toEqual([
      { name: "squeeze", step: 5, active: false },
    ]);
  });

  it("name a broken invariant, and clear with the next attempt", () => {
    const broken: RunEventBody = {
      type: "invariant-broken",
      name: "first-loss",
      expected: 0.7,
      actual: 0.9,
      cause: "the reference is the base",
    };
    expect(alarmsOf([{}], [broken])).toEqual([{ name: "invariant-first-loss", step: 1, active: true }]);
    expect(alarmsOf([{}], [broken, started(2)])).toEqual([]);
  });

  it("name a gradient norm ten times as high as before", () => {
    expect(names([...times(40, { norm: 1 }), ...times(3, { norm: 11 })])).toEqual(["gradient-norm"]);
    expect(names([...times(40, { norm: 1 }), ...times(3, { norm: 8 })])).toEqual([]);
  });

  it("name a loss that stands still, and not one that falls slowly or a run that is nearly done", () => {
    const noise = (index: number) => 0.05 * Math.sin(index * 1.7);
    const flat = Array.from({ length: 300 }, (_, index) => ({ loss: 1 + noise(index) }));
    const falling = Array.from({ length: 300 }, (_, index) => ({ loss: 2 - index / 200 + noise(index) }));
    const long = { ...plan, schedule: { ...plan.schedule, steps: 1000 } };
    const at = (steps: readonly Step[], from: Plan) =>
      foldEvents(
        initialState(from),
        numbered(steps.map(({ loss }, index) => ({ type: "step-end", step: index + 1, loss: loss! }))),
      ).alarms.map(({ name }) => name);
    expect(at(flat, long)).toEqual(["plateau"]);
    expect(at(falling, long)).toEqual([]);
    expect(at(flat.slice(0, 280), { ...plan, schedule: { ...plan.schedule, steps: 150 } })).toEqual([]);
  });

  it("name a reward margin that collapses after it was there", () => {
    expect(names([...times(20, { margin: 0.4 }), ...times(20, { margin: 0.05 })])).toEqual([
      "margin-collapse",
    ]);
    expect(names([...times(20, { margin: 0.4 }), ...times(20, { margin: 0.3 })])).toEqual([]);
    expect(names(times(40, { margin: 0.01 }))).toEqual([]);
  });

  it("name that both answers become less likely, before the squeeze", () => {
    const step = (ratio: number): Step => ({ chosen: ratio * 0.1, rejected: 2 * ratio * 0.1 });
    expect(names([...times(20, step(-0.1)), ...times(20, step(-0.5))])).toEqual(["both-falling"]);
    expect(names([...times(20, step(-0.1)), ...times(20, { chosen: 0.02, rejected: -0.2 })])).toEqual([]);
  });

  it("name a throughput of less than half of the best", () => {
    expect(names([...times(20, { seconds: 1 }), ...times(20, { seconds: 2.5 })])).toEqual([
      "throughput-drop",
    ]);
    expect(names([...times(20, { seconds: 1 }), ...times(20, { seconds: 1.5 })])).toEqual([]);
  });

  it("name samples that grow or shrink, and say nothing of those of an evaluation", () => {
    const sample = (length: number, step?: number): RunEventBody => ({
      ...{ type: "trace-written", file: "traces/samples.trace.jsonl", offset: 0, length, id: "0".repeat(16) },
      ...(step !== undefined && { step }),
    });
    const samples = (first: number, then: number, step?: number) => [
      ...Array.from({ length: 20 }, () => sample(first, step)),
      ...Array.from({ length: 20 }, () => sample(then, step)),
    ];
    expect(names([{}], samples(1000, 1600, 5))).toEqual(["length-drift"]);
    expect(names([{}], samples(1000, 600, 5))).toEqual(["length-drift"]);
    expect(names([{}], samples(1000, 1200, 5))).toEqual([]);
    expect(names([{}], samples(1000, 5000))).toEqual([]);
  });

  it("say the cause and the next step", () => {
    for (const { message, next } of stateOf([...times(30, { chosen: -0.2, rejected: -0.3, accuracy: 0.4 })])
      .alarms)
      expect([message.length, next.length].every((length) => length > 20)).toBe(true);
  });

  it("of the machine: silence, no progress, a disk that fills", () => {
    const state = stateOf(times(10, { seconds: 1 }));
    const now = Date.parse(state.updatedAt!);
    const at = (seconds: number, around: Surroundings) =>
      liveAlarms(state, now + seconds * 1000, around).map(({ name, level }) => `${name} ${level}`);
    expect(at(5, { freeBytes: 2 ** 40 })).toEqual([]);
    expect(at(121, {})).toEqual(["no-progress warning"]);
    expect(at(121, { silentSeconds: 90 })).toEqual(["stalled-heartbeat warning"]);
    expect(at(5, { freeBytes: 200 * 2 ** 20 })).toEqual(["disk-filling warning"]);
    expect(at(5, { freeBytes: 100 * 2 ** 20 })).toEqual(["disk-filling error"]);
  });
});
