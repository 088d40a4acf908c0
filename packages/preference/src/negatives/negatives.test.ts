import { readdirSync, readFileSync } from "node:fs";
import { functionModel, promptStyles } from "@mede2/llm";
import { describe, expect, it } from "vitest";
import { question, traceOf } from "../../test/support/traces.ts";
import {
  constructedKinds,
  constructNegative,
  fabricateWrongAnswer,
  modelNegatives,
  scoreTrace,
  textRubric,
} from "../index.ts";

const chain = `<think>
The film shows right consolidation.
White cells of 38 mean infection.
Consolidation with infection is pneumonia.
Amoxicillin would be the usual choice, but he is allergic to penicillin, so it is excluded.
Check: white cells 38, allergic to penicillin, so doxycycline stands.
</think>

\\boxed{doxycycline}`;
const trace = traceOf(chain);
const donor = traceOf(
  "<think>\nThe smear shows many blasts.\nThat is leukaemia.\n</think>\n\n\\boxed{furosemide}",
);

describe("constructed negatives", () => {
  it("come from files that import nothing of the scorer", () => {
    const folder = new URL(".", import.meta.url);
    for (const file of readdirSync(folder).filter((name) => name.endsWith(".ts") && !name.includes(".test.")))
      for (const [, from] of readFileSync(new URL(file, folder), "utf8").matchAll(/from "([^"]+)"/g))
        expect(from, file).toMatch(
          /^(?:@mede2\/(?:answers|llm|schemas|stats)|\.\/(?:templates|contradiction-words|trace-text|contradict|construct-negative)\.ts)$/,
        );
  });

  it.each(constructedKinds)(
    "%s: another text of about the same length with the same answer, and its origin",
    (kind) => {
      for (const templates of ["a", "b", "c"] as const)
        for (let seed = 0; seed < 20; seed++) {
          const negative = constructNegative(kind, { question, trace, donor }, { seed, templates })!;
          expect(negative.text).not.toBe(trace.text);
          expect(negative.answer).toMatchObject({ status: "found", labels: trace.answer.labels });
          expect(negative.id).not.toBe(trace.id);
          expect(Math.abs(Math.log(negative.text.length / trace.text.length))).toBeLessThan(0.5);
          expect(negative).toMatchObject({
            negative: { kind, from: trace.id, method: "template", templates },
            by: { kind: "template" },
          });
          expect(constructNegative(kind, { question, trace, donor }, { seed, templates })).toEqual(negative);
        }
    },
  );

  it("are worse by MMRP than what they were made from, in the criterion that they are about", () => {
    const criterion = {
      "fabricated-fact": "no-hallucination",
      contradiction: "logical-consistency",
      "reflection-removed": "reflection",
      "corrupted-image": "no-hallucination",
      "swapped-image": "no-hallucination",
      "no-image-completion": "reflection",
    } as const;
    const value = (one: typeof trace, name: string) => {
      const judged = scoreTrace({ question, trace: one }, textRubric).criteria[name]!;
      return judged.status === "scored" ? judged.value : Number.NaN;
    };
    for (const kind of constructedKinds) {
      const negative = constructNegative(kind, { question, trace, donor }, { seed: 3, templates: "a" })!;
      expect(value(negative, criterion[kind]), kind).toBeLessThan(value(trace, criterion[kind]));
    }
  });

  it("a fabricated fact is none that the case holds, and a wrong answer is another option with its chain", () => {
    for (let seed = 0; seed < 40; seed++) {
      const { text } = constructNegative("fabricated-fact", { question, trace }, { seed })!;
      const added = text.split("\n").find((line) => !chain.includes(line))!;
      expect(chain).not.toContain(added);
    }
    const wrong = fabricateWrongAnswer({ question, trace }, { seed: 1, templates: "b" })!;
    expect(wrong.answer.labels).not.toEqual(trace.answer.labels);
    expect(wrong.text).not.toContain("doxycycline");
  });

  it("are null where a trace offers no place", () => {
    const bare = traceOf("\\boxed{doxycycline}");
    for (const kind of constructedKinds)
      expect(constructNegative(kind, { question, trace: bare, donor }, { seed: 1 })).toBeNull();
    const plain = traceOf("<think>\nIt is an infection.\nIt is treated.\n</think>\n\n\\boxed{doxycycline}");
    expect(constructNegative("reflection-removed", { question, trace: plain }, { seed: 1 })).toBeNull();
    expect(constructNegative("swapped-image", { question, trace }, { seed: 1 })).toBeNull();
  });
});

describe("negatives by a model", () => {
  it("goes on from half a trace without the picture, and answers with noise and another picture in its place", async () => {
    const [noise, swapped] = ["b", "c"].map((hex) => ({
      sha256: hex.repeat(64),
      mime: "image/png",
      width: 8,
      height: 8,
    }));
    const seen: string[][] = [];
    const model = functionModel("m", ({ messages }) => {
      seen.push(
        messages.flatMap(({ content }) =>
          content.flatMap((part) => (part.type === "image" ? [part.image.sha256[0]!] : [])),
        ),
      );
      return {
        text: "it is a guess.\n</think>\n\n\\boxed{doxycycline}",
        finish: "stop",
        tokens: { prompt: 1, completion: 1 },
      };
    });
    const made = await modelNegatives(question, [trace], {
      ...{
        model,
        style: promptStyles.reason,
        kinds: ["no-image-completion", "corrupted-image", "swapped-image"],
      },
      pictures: async () => ({ noise: [noise!], swapped: [swapped!] }),
    });
    expect(seen).toEqual([[], ["b"], ["c"]]);
    // the second and third reply are the same text: one of them is enough
    expect(made.map((one) => (one as unknown as { negative: { kind: string } }).negative.kind)).toEqual([
      "no-image-completion",
      "corrupted-image",
    ]);
    expect(made[0]!.text.startsWith("<think>\nThe film shows right consolidation.\n")).toBe(true);
    expect(made[0]!.text).not.toContain("Check:");
    expect(made.map(({ images }) => images)).toEqual(["none", "noise"]);
  });
});
