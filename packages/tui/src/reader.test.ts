import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readAllJsonl, spanOf, verdictSchema } from "@mede2/schemas";
import { describe, expect, it } from "vitest";
import { makePairs } from "../test/make-pairs.ts";
import { makeRun, started, steps, testWorkspace, text } from "../test/make-run.ts";
import { plain, until, using } from "../test/session-on.ts";
import { orderOf } from "./data/pair-order.ts";
import { researchOnly } from "./screens/research-only.ts";

const workspace = testWorkspace();

describe("the reader", () => {
  it("reads a pair with its picture and its passages, and records verdicts into the review file", async () => {
    const { file, pair } = await makePairs(workspace);
    const dir = await makeRun(workspace, "pairs", [started(), ...steps(1, 2)]);
    await using({ workspace, run: dir }, async (session) => {
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
    const { pair } = await makePairs(workspace);
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
    await using({ workspace, run: dir }, async (session) => {
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
    const { file, pair } = await makePairs(workspace);
    const dir = await makeRun(workspace, "heard-blind", [started(), ...steps(1, 2)]);
    // an id whose sides are turned
    const turned = { ...pair, id: "d".repeat(16) };
    let letter = 0;
    while (orderOf(turned.id, true) !== "rejected-first")
      turned.id = (letter++).toString(16).padStart(16, "0");
    writeFileSync(file, text([turned]));
    await using({ workspace, run: dir }, async (session) => {
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
});
