import { describe, expect, it } from "vitest";
import { testWorkspace } from "../test/make-run.ts";
import { plain, until, using } from "../test/session-on.ts";
import type { Launcher } from "./data/launch.ts";

const workspace = testWorkspace();

describe("launching", () => {
  it("starts what the launcher offers only after a question", async () => {
    const startedIds: string[] = [];
    const launcher = {
      choices: async () => [
        { id: "plan:a", title: "a.plan.json", about: "sft, custom", command: "mede2 train a.plan.json" },
      ],
      prepare: async () => {
        throw new Error("there is no recipe here");
      },
      start: async (_: string, id: string) => {
        startedIds.push(id);
        return { pid: 4711, log: "launched/a.log" };
      },
    };
    await using({ workspace, launcher }, async (session) => {
      await until(session, "Runs of");
      session.press("n");
      await until(session, "a.plan.json");
      session.press("enter");
      await until(session, "Start: mede2 train a.plan.json?");
      expect(startedIds).toEqual([]);
      session.press("y");
      await until(session, "started as process 4711");
      expect(startedIds).toEqual(["plan:a"]);
    });
  });

  it("makes a plan of a recipe by a form, says what it needs, and starts it after a question", async () => {
    const asked: Record<string, string>[] = [];
    const startedIds: string[] = [];
    const launcher: Launcher = {
      choices: async () => [
        {
          ...{ id: "recipe:one", title: "one", about: "a recipe", command: "mede2 plan one" },
          fields: [
            {
              name: "model",
              options: [
                { value: "models/a", label: "models/a" },
                { value: "models/b", label: "models/b", about: "the second of them" },
              ],
            },
            {
              name: "steps",
              options: [{ value: "20", label: "20 steps" }],
              typed: {
                label: "steps",
                check: (text) => (/^\d+$/.test(text) ? undefined : `${text} is no number`),
              },
            },
          ],
        },
      ],
      prepare: async (_, __, values) => {
        asked.push({ ...values });
        return values.steps === "7"
          ? {
              id: "made:x",
              estimate: "7 steps, about 3 s",
              findings: [{ level: "warning", message: "small" }],
            }
          : { id: undefined, estimate: "", findings: [{ level: "error", message: "too long" }] };
      },
      start: async (_, id) => {
        startedIds.push(id);
        return { pid: 4712, log: "launched/b.log" };
      },
    };
    await using({ workspace, launcher }, async (session) => {
      await until(session, "Runs of");
      session.press("n");
      await until(session, "a recipe");
      session.press("enter");
      await until(session, "‹ models/a ›");
      session.press("right");
      await until(session, "the second of them");
      session.press("enter"); // the next row
      session.press("left"); // one option only: it stays
      session.press("enter");
      session.press("enter");
      await until(session, "this plan cannot run");
      expect(plain(session)).toContain("error: too long");
      session.press("up");
      session.press("e");
      session.press("ctrl+u");
      for (const letter of "x7") session.press(letter, letter);
      session.press("enter");
      await until(session, "x7 is no number");
      session.press("e");
      session.press("ctrl+u");
      session.press("7", "7");
      session.press("enter");
      await until(session, /steps +‹ 7 › +as typed/);
      expect(plain(session)).not.toContain("this plan cannot run"); // that was another one
      session.press("down");
      session.press("enter");
      await until(session, "Start it: 7 steps, about 3 s?");
      expect(plain(session)).toContain("warning: small");
      expect(session.spoken().join("\n")).toContain("model, models/b");
      expect(startedIds).toEqual([]);
      session.press("y");
      await until(session, "started as process 4712");
    });
    expect(asked).toEqual([
      { model: "models/b", steps: "20" },
      { model: "models/b", steps: "7" },
    ]);
    expect(startedIds).toEqual(["made:x"]);
  });
});
