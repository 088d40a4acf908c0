import type { RunEventBody } from "@mede2/schemas";
import { describe, expect, it } from "vitest";
import { numbered, plan, started } from "../test/fake-run.ts";
import { foldEvents, initialState } from "./index.ts";

type Step = { loss?: number; chosen?: number; accuracy?: number };
const alarmsOf = (steps: readonly Step[], more: RunEventBody[] = []) => {
  const bodies = steps.map(
    ({ loss = 1, ...rewards }, index): RunEventBody => ({ type: "step-end", step: index + 1, loss, rewards }),
  );
  return foldEvents(initialState(plan), numbered([started(1), ...bodies, ...more])).alarms.map(
    ({ name, step, active }) => ({ name, step, active }),
  );
};
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
    expect(alarmsOf([...times(20, {}), { loss: 1.6 }])).toEqual([
      { name: "loss-spike", step: 21, active: true },
    ]);
    expect(alarmsOf([...times(20, {}), { loss: 1.4 }])).toEqual([]);
    expect(alarmsOf([...times(10, {}), { loss: 9 }])).toEqual([]);
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
});
