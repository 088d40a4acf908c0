import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodePng, openImageStore } from "@mede2/images";
import { runPlaces } from "@mede2/runs";
import {
  type PreferencePair,
  preferencePairSchema,
  readAllJsonl,
  spanOf,
  verdictSchema,
} from "@mede2/schemas";
import { describe, expect, it, vi } from "vitest";
import { eventsOf, makeRun, started, step, steps, testWorkspace, text } from "../test/make-run.ts";
import type { Launcher } from "./data/launch.ts";
import { orderOf } from "./data/pair-order.ts";
import type { Look } from "./look/look.ts";
import { researchOnly } from "./screens/research-only.ts";
import { openSession, type Session, type SessionSettings } from "./session.ts";

const workspace = testWorkspace();
const look: Look = {
  ...{ columns: 120, rows: 40, theme: "mono", depth: "none", ascii: false, spoken: false },
  ...{ pictures: "blocks", background: "dark" },
};
const plain = (session: Session) =>
  session
    .lines()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are not what is looked at here
    .map((line) => line.replace(/\u001b\[[0-9;]*m/g, ""))
    .join("\n");
const until = (session: Session, wanted: string | RegExp) =>
  vi.waitFor(
    () => {
      const shown = plain(session);
      if (typeof wanted === "string" ? !shown.includes(wanted) : !wanted.test(shown))
        throw new Error(`not on the screen: ${wanted}\n${shown}`);
      return shown;
    },
    { timeout: 30_000, interval: 20 },
  );
async function using<T>(
  settings: Partial<SessionSettings>,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const session = openSession({ workspace, user: "anna", framesPerSecond: 20, ...settings }, look);
  try {
    return await use(session);
  } finally {
    session.close();
  }
}

const hash = "0".repeat(64);
async function makePairs(): Promise<{ file: string; pair: PreferencePair }> {
  const store = openImageStore(join(workspace, ".mede2/images"));
  const image = await store.put(
    await encodePng({ width: 8, height: 8, channels: 1, data: new Uint8Array(64).fill(200) }),
  );
  const trace = (id: string, words: string) => ({
    ...{
      record: "trace" as const,
      v: 1 as const,
      id,
      questionId: "w:1",
      by: { kind: "model" as const, name: "m" },
      stage: "stage1" as const,
    },
    ...{ images: "real" as const, imageHashes: [image.sha256], promptHash: hash, sample: null, text: words },
    ...{
      reasoning: null,
      steps: [],
      answer: { status: "found" as const, labels: ["A"], text: "aspirin", rule: "boxed", span: null },
    },
    ...{ finish: "stop" as const, tokens: { prompt: 1, completion: 9 } },
  });
  const chosen = trace("a".repeat(16), "the picture shows a raised segment.\nso aspirin.");
  const rejected = trace(
    "b".repeat(16),
    "there is\u001b[2J\u001b]0;owned\u0007 nothing to see.\nso aspirin.",
  );
  const rating = (of: typeof chosen, value: number) => ({
    ...{ record: "rating" as const, v: 1 as const, traceId: of.id, gates: {}, total: value },
    scorer: { name: "mmrp", version: "1", rubric: "r", mode: "programmatic" as const, judges: [] },
    criteria: {
      "image-involvement": {
        status: "scored" as const,
        value,
        spans: value > 0.5 ? [spanOf(of, "text", 0, 35)] : [],
      },
    },
  });
  const pair = preferencePairSchema.parse({
    ...{
      record: "preference-pair",
      v: 1,
      id: "c".repeat(16),
      negativeKind: "sampled",
      margin: 0.8,
      weight: 1,
      licence: "CC0-1.0",
      split: "train",
    },
    question: {
      record: "question",
      v: 1,
      id: "w:1",
      source: "w",
      revision: "1",
      split: "train",
      stem: "What helps?",
      options: ["aspirin", "rest"],
      gold: { labels: ["A"] },
      images: [image],
      group: {},
      tags: { language: "en" },
      licence: "CC0-1.0",
    },
    ...{ chosen, rejected, ratings: { chosen: rating(chosen, 0.9), rejected: rating(rejected, 0.1) } },
    provenance: { plan: "", scorer: "mmrp", seed: 1, parents: [] },
  }) as PreferencePair;
  mkdirSync(join(workspace, "data"), { recursive: true });
  const file = join(workspace, "data/a.pairs.jsonl");
  writeFileSync(file, text([pair]));
  return { file, pair };
}

describe("a session", () => {
  it("reads a pair with its picture and its passages, and records verdicts into the review file", async () => {
    const { file, pair } = await makePairs();
    const dir = await makeRun(workspace, "pairs", [started(), ...steps(1, 2)]);
    await using({ run: dir }, async (session) => {
      await until(session, "step 2 of 40");
      session.press("5");
      await until(session, "data/a.pairs.jsonl");
      session.press("enter");
      const shown = await until(session, /chosen.*rejected/);
      expect(shown).toContain(researchOnly);
      expect(shown).toContain("✓ A. aspirin");
      expect(shown).toContain("there is␛[2J␛]0;owned␇ nothing"); // seen, not obeyed
      await until(session, "####"); // the light picture, without colours
      session.press("tab");
      await until(session, "criterion image-involvement");
      const marked = session.lines().find((line) => line.includes("raised segment"));
      // biome-ignore lint/suspicious/noControlCharactersInRegex: inverse is what marks the passage
      expect(marked).toMatch(/\u001b\[0;7mthe picture shows a raised segment\./);
      session.press("1");
      await until(session, "recorded: the first is better");
      session.press("b");
      session.press("/", "/");
      session.press("w", "why");
      session.press("enter");
      session.press("2");
      await until(session, /the chosen one stood (?:first|second)/);
    });
    const verdicts = await readAllJsonl(file.replace(".pairs.", ".verdicts."), verdictSchema);
    expect(
      verdicts.map(({ pairId, reviewer, choice, blind, comment }) => ({
        pairId,
        reviewer,
        choice,
        blind,
        comment,
      })),
    ).toEqual([
      { pairId: pair.id, reviewer: "anna", choice: "first", blind: false, comment: undefined },
      { pairId: pair.id, reviewer: "anna", choice: "second", blind: true, comment: "why" },
    ]);
    expect(verdicts[0]!.order).toBe("chosen-first");
    expect(existsSync(`${file}.verdicts.jsonl`)).toBe(false);
  });

  it("reads every answer to its end, with its steps numbered, and brings marked passages into sight", async () => {
    const { pair } = await makePairs();
    const long = (id: string) => {
      const lines = Array.from({ length: 60 }, (_, line) => `${id} thinks of line ${line}.`);
      const words = lines.join("\n");
      const steps = [0, 20, 40].map((line) => {
        const start = words.indexOf(lines[line]!);
        return spanOf({ text: words }, "text", start, start + lines[line]!.length);
      });
      return { ...pair.chosen, id: id.repeat(16), text: words, steps };
    };
    const traces = ["1", "2", "3", "4", "5"].map(long);
    const last = traces[4]!;
    const start = last.text.indexOf("5 thinks of line 55.");
    const ratings = traces.map((trace) => ({
      ...pair.ratings.chosen,
      traceId: trace.id,
      criteria: {
        "logical-consistency": {
          status: "scored" as const,
          value: 0.5,
          spans: trace === last ? [spanOf(trace, "text", start, start + 20)] : [],
        },
      },
    }));
    const file = join(workspace, "data/k.candidates.jsonl");
    writeFileSync(file, text([{ record: "candidates", v: 1, question: pair.question, traces, ratings }]));
    const dir = await makeRun(workspace, "candidates", [started(), ...steps(1, 2)]);
    await using({ run: dir }, async (session) => {
      await until(session, "step 2 of 40");
      session.press("5");
      await until(session, "data/k.candidates.jsonl");
      for (const source of session.model().traces.sources.keys()) {
        if (session.model().traces.sources[session.model().traces.source]?.path === file) break;
        session.press("]");
        await session.settled();
        expect(source).toBeLessThan(20);
      }
      session.press("enter");
      const top = await until(session, /answer 1 ·.*answer 2 ·.*answer 3 ·/);
      expect(top).toMatch(/│ 1 1 thinks of line 0\. +││ 1 2 thinks/); // the number of the step stands before it
      expect(top).toMatch(/│ {3}1 thinks of line 1\./);
      const seen: string[] = [];
      for (let page = 0; page < 12; page++) {
        seen.push(plain(session));
        session.press("pagedown");
      }
      for (const answer of [1, 2, 3, 4, 5])
        for (const line of [0, 30, 59])
          expect(seen.join("\n")).toContain(`${answer} thinks of line ${line}.`);
      session.press("home");
      session.press("end");
      const end = session.ui().trace.scroll;
      expect(plain(session)).toContain("5 thinks of line 59.");
      for (let more = 0; more < 20; more++) session.press("down"); // there is nothing below
      session.press("up");
      expect(session.ui().trace.scroll).toBe(end - 1);
      session.press("home");
      session.press("tab");
      const marked = await until(session, "criterion logical-consistency");
      expect(marked).toContain("5 thinks of line 55.");
    });
  });

  it("is blind for ears, too: the sides are shuffled, and nothing tells which was chosen", async () => {
    const { file, pair } = await makePairs();
    const dir = await makeRun(workspace, "heard-blind", [started(), ...steps(1, 2)]);
    // an id whose sides are turned
    const turned = { ...pair, id: "d".repeat(16) };
    let letter = 0;
    while (orderOf(turned.id, true) !== "rejected-first")
      turned.id = (letter++).toString(16).padStart(16, "0");
    writeFileSync(file, text([turned]));
    await using({ run: dir }, async (session) => {
      await until(session, "step 2 of 40");
      session.press("5");
      await until(session, "data/a.pairs.jsonl");
      session.press("enter");
      await until(session, /chosen.*rejected/);
      expect(session.spoken().join("\n")).toMatch(
        /first · chosen[\s\S]*image-involvement: 0\.90[\s\S]*second · rejected/,
      );
      session.press("b");
      const words = session.spoken().join("\n");
      expect(words).not.toMatch(/chosen|rejected|image-involvement|total/);
      expect(words.indexOf("nothing to see")).toBeLessThan(words.indexOf("raised segment"));
      session.press("escape");
      const list = await until(session, "enter opens it");
      expect(list).not.toMatch(/answer \d, (?:chosen|rejected)/);
    });
  });

  it("pages and searches the log, and shows events of later versions and lines that are none", async () => {
    const dir = await makeRun(workspace, "logged", [
      started(),
      ...steps(1, 300),
      { type: "warning", code: "odd", message: "a needle \u001b[31min the hay" },
      ...steps(301, 320),
    ]);
    appendFileSync(
      runPlaces.events(dir),
      '{"record":"run-event","v":1,"seq":400,"ts":"2026-01-31T13:00:00.000Z","type":"later","what":1}\nnot json\n',
    );
    await using({ run: dir }, async (session) => {
      session.press("4");
      const first = await until(session, "a needle ␛[31min the hay");
      expect(first).toMatch(/later\s+\{"what":1\}/);
      expect(first).toMatch(/not readable\s+not json/);
      expect(first).not.toContain("step-end");
      session.press("t");
      await until(session, "step 320, loss");
      session.press("/");
      for (const letter of 'step":7,') session.press(letter, letter);
      session.press("enter");
      await until(session, /step 7, loss/);
      expect(session.model().log.follow).toBe(false);
      session.press("home");
      await until(session, /run-started/);
      session.press("end");
      await until(session, "following");
    });
  });

  it("shows alarms with their cause and the next step", async () => {
    const dir = await makeRun(workspace, "alarmed", [
      started(),
      ...Array.from({ length: 30 }, (_, index) =>
        step(index + 1, { rewards: { chosen: -0.2, rejected: -0.4, margin: 0.2, accuracy: 0.9 } }),
      ),
    ]);
    await using({ run: dir }, async (session) => {
      const shown = await until(session, "squeeze");
      expect(shown).toContain("log-ratio -2.00 over the last 10 steps, below −1");
      expect(shown).toContain("→ stop at a checkpoint before it");
      session.press("2");
      await until(session, "stop before −1 (passed)");
    });
  });

  it("has a line for each of many alarms in a small window, and all of them, with what is over, behind a key", async () => {
    const bad = { rewards: { chosen: -0.2, rejected: -0.4, margin: 0.2, accuracy: 0.3 } };
    const dir = await makeRun(workspace, "ailing", [
      started(),
      ...Array.from({ length: 25 }, (_, index) => step(index + 1)),
      step(26, { loss: undefined, nonFinite: ["loss"] }),
      ...Array.from({ length: 30 }, (_, index) => step(index + 27, bad)),
      { type: "warning", code: "long-samples", message: "3 samples were cut" },
    ]);
    await using({ run: dir }, async (session) => {
      session.resize({ ...look, columns: 80, rows: 24 });
      const shown = await until(session, "a shows causes and next steps");
      const names = ["squeeze", "reward-accuracy", "both-falling"].filter((name) =>
        session.model().run!.alarms.some((alarm) => alarm.name === name),
      );
      expect(names.length).toBeGreaterThan(1);
      for (const name of names) expect(shown).toContain(name);
      session.press("a");
      const all = [await until(session, "Alarms, warnings and requests · lines 1–")];
      session.press("end");
      all.push(plain(session));
      expect(all.join("\n")).toContain("not-finite  since step 26, over now");
      expect(all.join("\n")).toContain("long-samples");
      expect(session.spoken().join("\n")).toContain("→ stop at a checkpoint before it");
      session.press("escape");
      await until(session, "a shows causes and next steps");
    });
  });

  it("shows the log of another program as it stands, bare NaN and files over many lines too", async () => {
    const swift = join(workspace, "swift-out");
    mkdirSync(swift);
    writeFileSync(
      join(swift, "logging.jsonl"),
      '{"loss": 1.5, "grad_norm": NaN, "global_step/max_steps": "1/9"}\n{"loss": "nan", "grad_norm": "inf", "global_step/max_steps": "2/9"}\n',
    );
    await using({ run: swift }, async (session) => {
      await until(session, "step 2 of 9");
      session.press("4");
      const shown = await until(session, '"grad_norm":"NaN"');
      expect(shown).toContain("The log of ms-swift of swift-out");
      expect(shown).not.toContain("not readable");
    });
    const trl = join(workspace, "trl-out");
    mkdirSync(trl);
    const log_history = [{ step: 1, loss: 0.7, "rewards/accuracies": 0.5 }];
    writeFileSync(
      join(trl, "trainer_state.json"),
      JSON.stringify({ global_step: 1, max_steps: 8, log_history }, null, 2),
    );
    await using({ run: trl }, async (session) => {
      await until(session, "step 1 of 8");
      session.press("4");
      const shown = await until(session, '"rewards/accuracies": 0.5');
      expect(shown).not.toContain("not readable");
      for (const key of ["s", "l", "S", "p"]) {
        session.press(key);
        await until(session, "transformers takes no requests");
        session.press("down");
      }
      expect(existsSync(join(trl, "control"))).toBe(false);
    });
  });

  it("lists 200 runs, filters them, and compares marked ones with what their plans differ in", async () => {
    const many = join(workspace, "many");
    const [odd, even] = [
      await makeRun(many, "run-000", [started(), ...steps(1, 3), { type: "run-finished", summary: {} }]),
      await makeRun(many, "run-001", [started(), ...steps(1, 4), { type: "run-finished", summary: {} }], {
        seed: 7,
      }),
    ];
    for (let index = 2; index < 200; index++) {
      const id = `run-${String(index).padStart(3, "0")}`;
      const [from, to] = [index % 2 ? even : odd, join(many, "runs", id)];
      cpSync(from, to, { recursive: true });
      const manifest = JSON.parse(readFileSync(runPlaces.manifest(from), "utf8")) as object;
      writeFileSync(runPlaces.manifest(to), JSON.stringify({ ...manifest, id }));
    }
    await using({ workspace: many }, async (session) => {
      await until(session, "run-000");
      session.press("/");
      for (const letter of "19[67]$| run-19[67] ") session.press(letter === " " ? "space" : letter, letter);
      session.press("enter");
      session.press("/");
      session.press("ctrl+u");
      for (const letter of "run-19[67]") session.press(letter, letter);
      session.press("enter");
      await until(session, "run-196");
      expect(plain(session)).not.toContain("run-195");
      session.press("space");
      session.press("space");
      session.press("c");
      const shown = await until(session, "Plans differ in");
      expect(shown).toMatch(/seed\s+1\s+7/);
      expect(shown).toMatch(/loss +\S* ?● run-196/);
      // what is compared may still run
      appendFileSync(
        runPlaces.events(join(many, "runs", "run-197")),
        text(eventsOf([started(2), ...steps(5, 9)])),
      );
      await until(session, /run-197.*step 9/);
    });
  });

  it("speaks every screen in sentences without drawing", async () => {
    const dir = await makeRun(workspace, "spoken", [started(), ...steps(1, 12)]);
    await using({ run: dir }, async (session) => {
      await until(session, "step 12 of 40");
      const words = session.spoken();
      expect(words[0]).toMatch(/^spoken: lost, step 12 of 40, loss 0\.167/);
      expect(words.join("\n")).toMatch(
        /^loss: 0\.167 at step 12, (?:falling|steady); from 2; lowest 0\.167 near step 12/m,
      );
      expect(words.join("\n")).not.toMatch(/[─│┌█⠀-⣿]/);
    });
  });

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
    await using({ launcher }, async (session) => {
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
    await using({ launcher }, async (session) => {
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

  it("says that a run was removed while it was watched, over what was last known of it", async () => {
    const dir = await makeRun(workspace, "removed", [started(), ...steps(1, 5)]);
    await using({ run: dir }, async (session) => {
      await until(session, "step 5 of 40");
      rmSync(dir, { recursive: true });
      const shown = await until(session, /✗ .*run\.json/);
      expect(shown).toContain("step 5 of 40");
    });
  });

  it("says what is wrong with a run instead of ending", async () => {
    const dir = await makeRun(workspace, "broken", [started()]);
    writeFileSync(runPlaces.manifest(dir), "{");
    await using({ run: dir }, async (session) => {
      await until(session, "run.json");
    });
    expect(readFileSync(runPlaces.manifest(dir), "utf8")).toBe("{");
  });
});
