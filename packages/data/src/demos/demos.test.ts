import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeTrace } from "@mede2/answers";
import { type ChatModel, type ChatReply, functionModel, textOf } from "@mede2/llm";
import { demonstrationSchema, type Question, readAllJsonl, writeJsonlAtomic } from "@mede2/schemas";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { aPicture, aQuestion } from "../../test/support/questions.ts";
import type { SetCard } from "../cards/set-card.ts";
import { wardCases } from "../ward/case.ts";
import { wardQuestion } from "../ward/question.ts";
import { type ChainCheck, rightAnswer, sectionsPresent, writtenForm } from "./chain-check.ts";
import { type DemosOptions, makeDemonstrations } from "./demos.ts";
import { maskAnswer } from "./mask-answer.ts";
import { parseOrchestration, teacherPrompt } from "./orchestration.ts";
import { reconstructionPrompt } from "./reconstruction.ts";
import { orchestrations } from "./templates.ts";
import { wardTeacher } from "./ward-teacher.ts";

const short = orchestrations.short!;
const paper = orchestrations.paper!;

const traceOf = (question: Question, text: string, finish: ChatReply["finish"] = "stop") =>
  makeTrace({
    ...{ question, text, finish, tokens: { prompt: 0, completion: 0 }, by: { kind: "teacher", name: "t" } },
    ...{ stage: null, images: "none", imageHashes: [], promptHash: "0".repeat(64), sample: null },
  });
const verdict = (check: ChainCheck, text: string, finish?: ChatReply["finish"]) => {
  const question = aQuestion(1);
  return check.run(question, traceOf(question, text, finish))?.rejected ?? "passed";
};
const chain = (thought: string, answer = "effusion") =>
  `<think>\n${thought}\n</think>\n\nThe answer is \\boxed{${answer}}`;

const good = [
  "The key findings are a blunted angle and dullness to percussion in a patient who is short of breath, with the history of two weeks and no fever at all.",
  "The differential could be an effusion, a consolidation or a nodule, as each can make the lower zone white on a film of this kind.",
  "A consolidation is less likely, because air bronchograms would be seen; a nodule is excluded, as the shadow has a meniscus and not a rounded edge.",
  "Therefore an effusion is what is left.",
  "Check: the meniscus named above fits fluid, and nothing in the case argues for another reading.",
].join("\n");

describe("checks of a chain", () => {
  it("want the written form", () => {
    expect(verdict(writtenForm, chain("it is so."))).toBe("passed");
    expect(verdict(writtenForm, chain("it is so."), "length")).toBe("cut-off");
    expect(verdict(writtenForm, "It is so. \\boxed{effusion}")).toBe("format");
    expect(verdict(writtenForm, `${chain("so.")} or \\boxed{nodule}`)).toBe("format");
    expect(verdict(writtenForm, chain("so \\boxed{nodule}."))).toBe("format");
    expect(verdict(writtenForm, chain(" "))).toBe("format");
    expect(verdict(writtenForm, "<think>a</think><think>b</think> \\boxed{effusion}")).toBe("format");
  });

  it("want the right answer", () => {
    expect(verdict(rightAnswer, chain("so."))).toBe("passed");
    expect(verdict(rightAnswer, chain("so.", "nodule"))).toBe("wrong-answer");
    expect(verdict(rightAnswer, "<think>so</think> I cannot say.")).toBe("no-answer");
  });

  it("want the sections of the template in order", () => {
    const check = sectionsPresent(paper);
    const without = (line: number) =>
      chain(
        good
          .split("\n")
          .filter((_, at) => at !== line)
          .join("\n"),
      );
    expect(verdict(check, chain(good))).toBe("passed");
    expect(verdict(check, without(1))).toBe("missing-differential");
    expect(verdict(check, without(4))).toBe("no-self-check");
    expect(verdict(check, chain(good.split("\n").toReversed().join("\n")))).toBe("sections-out-of-order");
    expect(
      verdict(sectionsPresent({ ...paper, ordered: false }), chain(good.split("\n").toReversed().join("\n"))),
    ).toBe("passed");
    expect(verdict(check, chain("Check it."))).toBe("too-short");
    expect(verdict(check, chain(good.repeat(12)))).toBe("too-long");
  });

  it("never throw, whatever a teacher writes", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "<think>",
        "</think>",
        "\\boxed{",
        "}",
        "effusion",
        "A",
        "check ",
        "(B)",
        "\n",
        "option a ",
        "ﬁ",
        "\u{1f600}",
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join("")),
        (text) => {
          for (const check of [writtenForm, rightAnswer, sectionsPresent(short), sectionsPresent(paper)])
            verdict(check, text);
          maskAnswer(aQuestion(1), text);
        },
      ),
    );
    const started = performance.now();
    for (const text of [
      "(".repeat(200_000),
      "<think>".repeat(30_000),
      "option A ".repeat(20_000),
      "check ".repeat(30_000),
    ]) {
      verdict(sectionsPresent({ ...paper, words: [1, 1_000_000] }), chain(text));
      maskAnswer(aQuestion(1), chain(text));
    }
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

describe("masking", () => {
  it("takes every naming of the right option out, and no other", () => {
    const text = chain(
      "An Effusion fits; option A, or (A), not a nodule. So the answer is A. Effusions bulge. A meniscus is seen: \\boxed{A}",
    );
    expect(maskAnswer(aQuestion(1), text)).toBe(
      "An […] fits; option […], or ([…]), not a nodule. So the answer is […]. Effusions bulge. A meniscus is seen: \\boxed{[…]}",
    );
  });

  it("leaves no key in any prompt", () => {
    const question = aQuestion(1, { options: ["qqq one", "qqq two", "qqq three"], gold: { labels: ["B"] } });
    const asked = teacherPrompt(question, paper).map(textOf).join("\n");
    expect(asked).not.toMatch(/correct answer|gold/i);
    const again = reconstructionPrompt(question, chain("Clearly qqq two.", "B"), paper, "check")
      .map(textOf)
      .join("\n");
    expect(again.split("qqq two")).toHaveLength(2); // among the options alone
  });
});

describe("templates", () => {
  it("are valid, and one's own names its faults", () => {
    expect(Object.keys(orchestrations)).toEqual(["paper", "short"]);
    for (const [name, template] of Object.entries(orchestrations)) {
      expect(template.name).toBe(name);
      expect(parseOrchestration(JSON.stringify(template), "own.json")).toEqual(template);
    }
    expect(() => parseOrchestration('{"name":"x","version":"1"}', "own.json")).toThrow(/own\.json/);
  });
});

describe("makeDemonstrations", () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "demos-"));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  const cases = (count: number) =>
    wardCases({ split: "stage1", seed: 3, count }).map((drawn) => wardQuestion(drawn, { form: "text" }));
  const run = async (
    teacher: ChatModel,
    questions: readonly Question[],
    options: Partial<DemosOptions> = {},
    name = "out",
  ) => {
    const data = join(dir, "cases.questions.jsonl");
    await writeJsonlAtomic(data, questions);
    const out = join(dir, `${name}.demonstrations.jsonl`);
    const result = await makeDemonstrations({
      ...{ teacher, data, out, orchestration: short, samples: 3, temperature: 1, topP: 1, maxTokens: 256 },
      ...{ seed: 5, reconstruction: "check", count: 20, perCase: 1, similarity: 0.9, ...options },
    });
    const card = JSON.parse(await readFile(join(dir, `${name}.card.json`), "utf8")) as SetCard;
    return {
      ...result,
      card,
      demonstrations: await readAllJsonl(out, demonstrationSchema),
      bytes: await readFile(out, "utf8"),
    };
  };

  it("teaches the ward offline: exactly as many, different, right, with a check, and the card adds up", async () => {
    const questions = cases(60);
    const { written, dropped, demonstrations, card, tokens } = await run(wardTeacher(questions), questions);
    expect([
      written,
      demonstrations.length,
      new Set(demonstrations.map(({ question }) => question.id)).size,
    ]).toEqual([20, 20, 20]);
    expect(tokens).toBeGreaterThan(1000);
    for (const { trace, checks, orchestration } of demonstrations) {
      expect(trace.text).toMatch(/^<think>\n[\s\S]*check[\s\S]*<\/think>\n\n.*\\boxed\{[^}]+\}$/);
      expect(trace).toMatchObject({ by: { kind: "teacher", name: "ward-chain" }, images: "none" });
      expect(checks.map(({ name }) => name)).toEqual([
        "format",
        "answer",
        "orchestration",
        "reconstruction-check",
      ]);
      expect(orchestration).toEqual({ name: "short", version: "1" });
    }
    expect(dropped["no-self-check"]).toBeGreaterThan(5); // 15 % of the ward's chains have none
    expect(dropped["case-has-enough"]).toBeGreaterThan(20);
    expect(dropped["reconstructed-no-answer"]).toBeUndefined(); // every chain of the ward carries its answer
    for (const { in: entered, out, dropped: lost } of card.steps)
      expect(out + Object.values(lost).reduce((sum, n) => sum + n, 0)).toBe(entered);
    expect(card.steps.at(-1)).toMatchObject({ name: "selection", out: 20 });
    const specialties = Object.values(card.balance.specialty!);
    const fewest = Math.min(
      ...specialties.filter(({ available, chosen }) => chosen < available).map(({ chosen }) => chosen),
    );
    for (const { chosen } of specialties) expect(chosen).toBeLessThanOrEqual(fewest + 2);
  });

  it("turns chains down for each fault, and reconstruction catches reasoning that does not carry its answer", async () => {
    const questions = Array.from({ length: 12 }, (_, i) =>
      aQuestion(i, { tags: { language: "en", specialty: "chest" } }),
    );
    const texts = [
      chain(good),
      chain(good.replaceAll("effusion", "opacity").replace("Therefore an opacity", "Therefore that")), // its answer comes from nowhere
      chain(good, "nodule"),
      good,
      chain(good.replace("Check: ", "")),
    ];
    const teacher = functionModel("t", ({ messages, sampling }): ChatReply => {
      const asked = messages.map(textOf).join("\n");
      const number = Number(/number (\d+)/.exec(asked)?.[1]);
      if (asked.includes("Reasoning with its answer masked"))
        return {
          text: asked.includes("Therefore an […]") ? "\\boxed{A}" : "\\boxed{D}",
          finish: "stop",
          tokens: { prompt: 1, completion: 1 },
        };
      const text = texts[(number + (sampling.seed ?? 0)) % texts.length]!;
      return {
        text: text.replace(
          "two weeks",
          `${number} weeks and ${sampling.seed} days of ${"x".repeat((number * 7) % 90)}`,
        ),
        finish: "stop",
        tokens: { prompt: 1, completion: 1 },
      };
    });
    const options = { orchestration: paper, samples: 5, similarity: 1 };
    const { dropped, written, card } = await run(teacher, questions, { ...options, count: 12 });
    expect([written, dropped]).toEqual([
      12,
      { format: 12, "wrong-answer": 12, "no-self-check": 12, "reconstructed-wrong-answer": 12 },
    ]);
    expect(card.examples.length).toBeGreaterThan(3);
    const off = await run(teacher, questions, { ...options, count: 12, reconstruction: "off" }, "off");
    expect(off.dropped).toEqual({
      format: 12,
      "wrong-answer": 12,
      "no-self-check": 12,
      "case-has-enough": 12,
    });
    expect(off.card.caveats).toContain("No chain was reconstructed with its answer masked.");
    const extra: ChainCheck = {
      name: "no-weeks",
      about: "no weeks",
      run: () => ({ rejected: "weeks", detail: "it speaks of weeks" }),
    };
    await expect(run(teacher, questions, { ...options, checks: [extra] }, "extra")).rejects.toMatchObject({
      code: "demos-too-few",
      message: expect.stringContaining("weeks 36"),
    });
  });

  it("goes on where it was killed: nothing is asked twice, and the bytes are the same", async () => {
    const questions = cases(25);
    const options = { count: 10 };
    const counting = (killAt: number) => {
      const inner = wardTeacher(questions);
      const state = { calls: 0 };
      const teacher: ChatModel = {
        name: inner.name,
        async generate(requests, more) {
          state.calls += 1;
          if (state.calls === killAt) throw new Error("killed");
          return inner.generate(requests, more);
        },
      };
      return { teacher, state };
    };
    const whole = counting(-1);
    const expected = await run(whole.teacher, questions, options, "whole");
    let name = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: whole.state.calls }), async (killAt) => {
        const at = `killed-${++name}`;
        const first = counting(killAt);
        await expect(run(first.teacher, questions, options, at)).rejects.toThrow("killed");
        const recorded =
          (await readFile(join(dir, `${at}.chains.jsonl`), "utf8").catch(() => "")).split("\n").length - 1;
        const again =
          (await readFile(join(dir, `${at}.reconstructions-check.jsonl`), "utf8").catch(() => "")).split("\n")
            .length - 1;
        const second = counting(-1);
        const result = await run(second.teacher, questions, options, at);
        expect(result.bytes).toBe(expected.bytes);
        expect(result.card.steps).toEqual(expected.card.steps);
        expect(second.state.calls + recorded + Math.max(0, again)).toBe(whole.state.calls);
      }),
      { numRuns: 6 },
    );
    const third = counting(-1);
    expect((await run(third.teacher, questions, options, "whole")).tokens).toBe(0);
    expect(third.state.calls).toBe(0);
  });

  it("leaves pictures out, and says what a failing teacher and too few cases mean", async () => {
    const questions = cases(4);
    const pictured = [...questions, { ...questions[0]!, id: "ward:p", images: [aPicture(1)] }, questions[1]!];
    const { card } = await run(wardTeacher(questions), pictured, { count: 3, samples: 8 });
    expect(card.steps[0]).toMatchObject({ in: 6, out: 4, dropped: { "has-picture": 1, "duplicate-id": 1 } });
    await expect(run(wardTeacher(questions), questions, { count: 50 }, "few")).rejects.toMatchObject({
      code: "demos-too-few",
    });
    await expect(run(wardTeacher(questions), [aQuestion(1)], {}, "other")).rejects.toMatchObject({
      code: "teacher-failed",
    });
    await expect(
      run(wardTeacher([]), [aQuestion(1, { images: [aPicture(1)] })], {}, "none"),
    ).rejects.toMatchObject({ code: "demos-too-few" });
    expect(() => wardTeacher([aQuestion(1)])).toThrow(/no case of the ward/);
  });
});
