import { describe, expect, it } from "vitest";
import { act } from "../state/act.ts";
import { initialModel } from "../state/model.ts";
import { answerPrompt } from "../state/prompt.ts";
import { initialUi, type ScreenName } from "../state/ui.ts";
import { actionOf, keysOf, keyTable } from "./key-table.ts";
import { keysMarkdown } from "./keys-markdown.ts";
import { mouseEvents } from "./mouse.ts";
import { rawKeys } from "./raw-keys.ts";

const screens: ScreenName[] = [
  "workspace",
  "run",
  "preference",
  "system",
  "log",
  "traces",
  "alarms",
  "trace",
  "compare",
  "launch",
  "recipe",
  "help",
];
const model = initialModel("/w", 0);

describe("the key table", () => {
  it("has no row that nothing can reach", () => {
    const reached = new Set(
      screens.flatMap((screen) => [true, false].flatMap((replay) => keysOf(screen, replay))),
    );
    expect(keyTable.filter((row) => !reached.has(row))).toEqual([]);
  });

  it("shows in help exactly what a key does", () => {
    for (const screen of screens)
      for (const replay of [true, false])
        for (const { keys, action } of keysOf(screen, replay))
          expect(keys.map((key) => actionOf(key, screen, replay))).toContain(action);
  });

  it("has a rule for every action, on every screen, with nothing loaded", () => {
    for (const screen of screens)
      for (const { action } of keysOf(screen, false)) {
        const step = act(initialUi(screen), action, model, 20);
        expect(screens).toContain(step.ui.screen);
      }
  });

  it("is the page of the documentation", () => {
    expect(keysMarkdown()).toContain(
      "| `S` | curves, preference, system, log, traces, alarms | ask the run to stop after this step (asks first) |",
    );
  });

  it("never lets a key stop or change a run without a question", () => {
    for (const { action } of keyTable) {
      const run = {
        status: "running",
        id: "a",
        state: { latest: null },
        series: { byName: {} },
        foreign: undefined,
      } as never;
      const { effects } = act(initialUi("run"), action, { ...model, run }, 20);
      for (const effect of effects)
        if (effect.kind === "control") expect(["pause", "checkpoint"]).toContain(effect.request);
      expect(effects.map(({ kind }) => kind)).not.toContain("launch");
    }
  });
});

describe("questions", () => {
  const asking = {
    ...initialUi("log"),
    prompt: { kind: "input", label: "search", value: "", purpose: "search" } as const,
  };
  const typed = (keys: readonly [string, string][]) =>
    keys.reduce((step, [key, text]) => answerPrompt(step.ui, key, text), {
      ui: asking as ReturnType<typeof initialUi>,
      effects: [] as readonly unknown[],
    } as ReturnType<typeof answerPrompt>);
  it("take text, and leave control characters out of it", () => {
    const { ui, effects } = typed([
      ["a", "a"],
      ["\u001b[31mb\nc", "\u001b[31mb\nc"],
      ["backspace", ""],
      ["space", " "],
      ["enter", ""],
    ]);
    expect(ui.prompt).toBeNull();
    expect(effects).toEqual([{ kind: "log", move: { search: "a [31mb  ", direction: "back" } }]);
  });
  it("are left by escape", () => {
    expect(
      typed([
        ["x", "x"],
        ["escape", ""],
      ]),
    ).toMatchObject({ ui: { prompt: null, lastSearch: "" }, effects: [] });
  });
});

describe("input", () => {
  it("is taken apart into keys", () => {
    expect(rawKeys("\u001b[A")).toEqual([["up", ""]]);
    expect(rawKeys("j\t\r").map(([name]) => name)).toEqual(["j", "tab", "enter"]);
    expect(mouseEvents("[<64;10;5M")).toEqual([{ kind: "wheel-up", column: 9, row: 4 }]);
    expect(mouseEvents("j")).toEqual([]);
  });
});
