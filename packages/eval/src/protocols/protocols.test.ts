import { imagesOf, textOf } from "@mede2/llm";
import { evaluationRecordSchema, readAllJsonl, traceSchema } from "@mede2/schemas";
import { describe, expect, it } from "vitest";
import { reply, someQuestions } from "../../test/support/questions.ts";
import { evaluate } from "../evaluate.ts";
import { gradeTrace } from "../grading/grade-trace.ts";
import { summarise } from "../grading/summarise.ts";
import { conversationOf } from "./conversation.ts";
import { protocolNames, protocols } from "./presets.ts";

const scripted = (say: (texts: string[], call: number) => ReturnType<typeof reply>) => {
  const seen: string[][] = [];
  return {
    seen,
    model: {
      name: "scripted",
      async generate(requests: readonly { messages: readonly Parameters<typeof textOf>[0][] }[]) {
        return requests.map(({ messages }) => {
          const texts = messages.map(textOf);
          seen.push(texts);
          return say(texts, seen.length);
        });
      },
    },
  };
};

describe("conversationOf", () => {
  it("puts MedXpertQA's question in two turns, with the options once", async () => {
    const { questions } = await someQuestions(1);
    const plain = { ...questions[0]!, images: [], stem: "A man has {options} pain." };
    const { messages, followUps } = conversationOf(plain, protocols.medxpertqa);
    expect(messages.map((message) => [message.role, textOf(message)])).toEqual([
      ["system", "You are a helpful medical assistant."],
      [
        "user",
        "Q: A man has {options} pain.\nAnswer Choices: (A) amoxicillin (B) furosemide (C) rest (D) surgery\nA: Let's think step by step.",
      ],
    ]);
    expect(followUps).toEqual(["Therefore, among A through D, the answer is"]);
    const printed = {
      ...plain,
      stem: "Pain?\nAnswer Choices: (A) amoxicillin (B) furosemide (C) rest (D) surgery",
    };
    expect(textOf(conversationOf(printed, protocols.medxpertqa).messages[1]!)).toBe(
      `Q: ${printed.stem}\nA: Let's think step by step.`,
    );
  });
  it("writes what each harness writes", async () => {
    const { questions } = await someQuestions(1);
    const question = { ...questions[0]!, images: [], stem: "What $& is it?" };
    const text = (name: (typeof protocolNames)[number]) =>
      textOf(conversationOf(question, protocols[name]).messages.at(-1)!);
    expect(text("mmmu-pro")).toMatch(
      /^What \$& is it\?\nA\. amoxicillin\nB\. furosemide\nC\. rest\nD\. surgery\n\nAnswer the preceding multiple choice question\. .* Think step by step before answering\.$/,
    );
    expect(text("mmmu-pro-direct")).toMatch(
      /D\. surgery\n\nAnswer with the option letter from the given choices directly\.$/,
    );
    expect(text("medevalkit")).toBe(
      "\nQuestion: What $& is it?\nOptions: \nA. amoxicillin\nB. furosemide\nC. rest\nD. surgery\nAnswer with the option's letter from the given choices directly.",
    );
    expect(text("medvlthinker")).toMatch(
      /Question: What \$& is it\?\n\nOptions:\n\nA\. amoxicillin\n\nB\. furosemide/,
    );
    expect(text("vlmevalkit")).toBe(
      "Question: What $& is it?\nOptions:\nA. amoxicillin\nB. furosemide\nC. rest\nD. surgery\nPlease select the correct answer from the options above. \n",
    );
    const polar = { ...question, options: ["Yes", "no"], gold: { labels: ["A"] } };
    expect(textOf(conversationOf(polar, protocols.medevalkit).messages[0]!)).toContain("'yes' or 'no'");
  });
  it("sends every image of the question, where the stem says or before it", async () => {
    const { questions } = await someQuestions(2);
    for (const name of protocolNames) {
      const twice = { ...questions[0]!, images: [...questions[0]!.images, ...questions[1]!.images] };
      expect(imagesOf(conversationOf(twice, protocols[name]).messages)).toHaveLength(2);
    }
  });
  it("says where each part comes from", () => {
    for (const name of protocolNames) {
      expect(protocols[name].name).toBe(name);
      expect(protocols[name].provenance.map(({ part }) => part)).toEqual(
        expect.arrayContaining(["prompt", "reading"]),
      );
    }
  });
});

describe("two turns", () => {
  it("asks on with all that was said, grades the last reply as the peer does, and resumes", async () => {
    const { store, questions, folder } = await someQuestions(4);
    const { model, seen } = scripted((texts) =>
      texts.length === 2
        ? reply("<think>Option A is tempting.</think> It is not A.")
        : reply("B. Therefore B"),
    );
    const settings = {
      questions,
      model,
      store,
      out: `${folder}/run`,
      task: "two",
      conditions: ["real" as const],
      protocol: protocols.medxpertqa,
    };
    const { records, traces, summaries } = await evaluate(settings);
    expect(seen).toHaveLength(8);
    expect(seen[4]!.slice(2)).toEqual([
      "<think>Option A is tempting.</think> It is not A.",
      "Therefore, among A through D, the answer is",
    ]);
    const [trace] = await readAllJsonl(traces, traceSchema);
    expect(trace).toMatchObject({
      text: "<think>\nOption A is tempting. It is not A.\n</think>\n\nB. Therefore B",
      tokens: { prompt: 20, completion: 10 },
      turns: [{ finish: "stop" }, { text: "B. Therefore B", finish: "stop" }],
    });
    expect(summaries[0]).toMatchObject({
      protocol: "medxpertqa",
      correct: 1,
      n: 4,
      guesses: { drawn: 0, nearest: 0 },
    });
    const graded = await readAllJsonl(records, evaluationRecordSchema);
    expect(graded[0]).toMatchObject({
      answer: { status: "found", labels: ["B"], rule: "medxpertqa" },
      reading: "medxpertqa",
    });
    expect((await evaluate(settings)).reused).toBe(4);
    expect(seen).toHaveLength(8);
    await expect(evaluate({ ...settings, protocol: protocols.vlmevalkit })).rejects.toMatchObject({
      code: "other-evaluation",
    });
  });
  it("does not ask on after a failure", async () => {
    const { store, questions, folder } = await someQuestions(2);
    const { model, seen } = scripted((_, call) =>
      call === 1 ? reply("", { finish: "error", error: { code: "http", message: "503" } }) : reply("A"),
    );
    const { summaries } = await evaluate({
      questions,
      model,
      store,
      out: folder,
      task: "t",
      conditions: ["none"],
      protocol: protocols.medxpertqa,
    });
    expect(seen).toHaveLength(3);
    expect(summaries[0]).toMatchObject({
      n: 1,
      excluded: { error: 1 },
      incomplete: true,
      bounds: { low: 0, high: 0.5 },
    });
  });
});

describe("grading as others do", () => {
  it("marks guesses and says what the peer's score would be on average", async () => {
    const { questions } = await someQuestions(4);
    const said = [
      "A",
      "none of these words",
      "it might be this or that",
      "the answer cannot be told from it",
    ];
    const records = (["strict", "mmmu-pro", "medevalkit"] as const).flatMap((reading) =>
      questions.map((question, at) =>
        gradeTrace(
          question,
          {
            record: "trace",
            v: 1,
            id: "0".repeat(16),
            questionId: question.id,
            by: { kind: "model", name: "m" },
            stage: null,
            images: "real",
            imageHashes: [],
            promptHash: "0".repeat(64),
            sample: null,
            text: said[at]!,
            reasoning: null,
            steps: [],
            answer: { status: "unparsed", rule: "x", span: null },
            finish: "stop",
            tokens: { prompt: 1, completion: 1 },
          },
          { task: "t", protocol: reading, reading, model: { name: "m" } },
        ),
      ),
    );
    const [strict, pro, kit] = summarise(records);
    expect(strict).toMatchObject({ correct: 1, guesses: null, answers: { found: 1, unparsed: 3 } });
    expect(pro).toMatchObject({
      correct: 1,
      guesses: { drawn: 3, nearest: 0, expected: (1 + 3 / 4) / 4 },
      answers: { found: 1, unparsed: 3 },
    });
    expect(kit!.guesses).toMatchObject({ drawn: 0, nearest: 3 });
    expect(kit!.answers).toMatchObject({ found: 1, unparsed: 3 });
    expect(records[5]!.correctByRule.strict).toBe(false);
  });
});
