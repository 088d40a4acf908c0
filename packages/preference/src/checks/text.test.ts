import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { question, traceOf } from "../../test/support/traces.ts";
import { scoreTrace, textRubric } from "../index.ts";
import { arithmeticFaults } from "./arithmetic.ts";

function parts(thought: string, answer = "doxycycline", asked = question) {
  const rating = scoreTrace(
    { question: asked, trace: traceOf(`<think>\n${thought}\n</think>\n\n\\boxed{${answer}}`, {}, asked) },
    textRubric,
  );
  return Object.assign({}, ...Object.values(rating.parts)) as Record<string, number | undefined>;
}

describe("no-reversals", () => {
  it.each([
    ["The lung shows a nodule. The lung does not show a nodule.", 0.5],
    ["The kidney is small today. The kidney is enlarged today.", 0.5],
    ["The lesion is in the left lobe. The lesion is in the right lobe.", 0.5],
    ["The haemoglobin of the man was 41 then. The haemoglobin of the man was 99 then.", 0.5],
    ["The lung shows a nodule. The liver does not show a nodule.", 1],
    ["The kidney is small. If the kidney is enlarged, that would be strange.", 1],
    ["The lung shows a nodule. The lung shows a nodule.", 1],
  ])("%s", (text, value) => {
    expect(parts(text)["no-reversals"]).toBe(value);
  });
});

describe("one-conclusion", () => {
  it("hears another answer on the way, unless it is told as a turn, a thought or a denial", () => {
    expect(
      parts("Fever and cough.\nSo the answer is amoxicillin.\nIt is treated at once.")["one-conclusion"],
    ).toBe(0);
    expect(
      parts("So the answer is amoxicillin.\nBut he is allergic, so doxycycline.")["one-conclusion"],
    ).toBe(1);
    expect(parts("The answer would be amoxicillin.\nSo doxycycline.")["one-conclusion"]).toBe(1);
    expect(parts("So it is not amoxicillin.\nThe answer is doxycycline.")["one-conclusion"]).toBe(1);
  });
});

describe("answer-not-denied", () => {
  it("hears the answer denied, unless it is told as a turn", () => {
    expect(parts("Doxycycline does not fit this man.\nIt is given at once.")["answer-not-denied"]).toBe(0);
    expect(parts("It is certainly not doxycycline.\nIt is given at once.")["answer-not-denied"]).toBe(0);
    expect(
      parts("At first doxycycline does not fit.\nBut he is allergic, so doxycycline.")["answer-not-denied"],
    ).toBe(1);
    expect(parts("Amoxicillin does not fit this man.\nSo doxycycline.")["answer-not-denied"]).toBe(1);
  });
});

describe("events-in-stem", () => {
  it("knows what the case tells from what it does not", () => {
    expect(parts("A biopsy showed granulomas.\nSo doxycycline.")["events-in-stem"]).toBe(0.5);
    expect(parts("He underwent splenectomy two years ago.\nSo doxycycline.")["events-in-stem"]).toBe(0.5);
    expect(parts("The patient takes warfarin.\nSo doxycycline.")["events-in-stem"]).toBe(0.5);
    expect(parts("The patient is allergic to penicillin.\nSo doxycycline.")["events-in-stem"]).toBe(1);
    expect(parts("A biopsy would show granulomas.\nSo doxycycline.")["events-in-stem"]).toBe(1);
    expect(parts("No biopsy showed granulomas.\nSo doxycycline.")["events-in-stem"]).toBe(1);
  });
});

describe("events-in-stem, sentence by sentence", () => {
  it.each([
    ["Her grandmother was treated for pemphigus.", 0.5],
    ["On examination there is a splenic rub.", 0.5],
    ["The mother smokes and keeps parrots.", 0.5],
    ["Let me think about what the patient needs.", 1],
    ["Psoriasis can be treated with ointments.", 1],
    ["The question was read with care.", 1],
  ])("%s", (text, value) => {
    expect(parts(`${text}\nSo doxycycline.`)["events-in-stem"]).toBe(value);
  });
});

describe("opposites", () => {
  it.each([
    ["The wall of the artery is thick. The wall of the artery is thin.", 0.5],
    ["The nerve carries signals. The nerve carries no signals.", 0.5],
    ["The margin is regular in shape. The margin is irregular in shape.", 0.5],
    ["The drug prevents seizures there. The drug causes seizures there.", 0.5],
    ["The wall is thick. The artery is thin.", 1],
  ])("%s", (text, value) => {
    expect(parts(text)["no-reversals"]).toBe(value);
  });
});

describe("verdicts that say nothing of the case", () => {
  const lead = "Fever and cough for a week.\nThe infection is treated.";
  it.each([
    [`${lead}\nOnly amoxicillin remains.\nSo doxycycline.`, 0, 1],
    [`${lead}\nMy pick is amoxicillin.\nSo doxycycline.`, 0, 1],
    [`${lead}\nDoxycycline is off the table.\nSo doxycycline.`, 1, 0],
    [`${lead}\nAmoxicillin is off the table.\nSo doxycycline.`, 1, 1],
    [`${lead}\nMy pick is amoxicillin.\nBut he is allergic, so doxycycline.`, 1, 1],
  ])("%s", (text, conclusion, answer) => {
    const read = parts(text);
    expect([read["one-conclusion"], read["answer-not-denied"]]).toEqual([conclusion, answer]);
  });
});

describe("claims", () => {
  it("must be among the findings, and be used", () => {
    const used = parts(
      "The film shows right consolidation.\nFever too.\nConsolidation with fever is pneumonia.\nSo doxycycline.",
    );
    expect([used["claims-in-findings"], used["claims-carried"]]).toEqual([1, 1]);
    const unused = parts(
      "The film shows fractures of vertebral bodies.\nFever too.\nSuch cases are common.\nSo doxycycline.",
    );
    expect(unused["claims-in-findings"]).toBeLessThan(0.5);
    expect(unused["claims-carried"]).toBe(0);
  });
});

describe("arithmetic", () => {
  it.each([
    ["140 - 65 = 75", 0],
    ["140 − 65 = 70", 1],
    ["2 × 133 + 18 ≈ 284", 0],
    ["8.9 / 0.7 = 12.71428", 0],
    ["a score of 0 + 1 + 2 = 4 points.", 1],
  ])("%s", (text, wrong) => {
    expect(arithmeticFaults(text)).toMatchObject({ sums: 1, wrong: { length: wrong } });
  });

  it.each([
    "2.8-3.5 = 2 points",
    "136 + 13.89 ≈ 136 + 13.9",
    "x^2 + 3 = 7",
    "1 + 2 = 3.2.1",
    "- 3 = 2\n- 4 + 1",
    "120/80 mmHg",
  ])("leaves %s alone", (text) => {
    expect(arithmeticFaults(text).wrong).toEqual([]);
  });
});

describe("scoreTrace by the rubric for text", () => {
  it("never throws and never hangs, whatever a model wrote", () => {
    const piece = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.constantFrom(
        "<think>",
        "</think>",
        "\\boxed{",
        "}",
        "doxycycline",
        "not ",
        "no ",
        "left lung ",
        "38 + ",
        "= 4",
        ". ",
        "\n",
        "So the answer is ",
        "The film shows ",
        "the patient has ",
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const rating = scoreTrace({ question, trace: traceOf(pieces.join("")) }, textRubric);
        expect(rating.total === null || (rating.total >= 0 && rating.total <= 1)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("takes time in proportion to the text", () => {
    const time = (text: string) => {
      const trace = traceOf(text);
      const started = process.cpuUsage().user;
      scoreTrace({ question, trace }, textRubric);
      return process.cpuUsage().user - started;
    };
    for (const unit of [
      "1 + ",
      "the patient has no ",
      "a ",
      "left lung right lung ",
      "The film shows a nodule. ",
      "biopsy biopsy ",
      "12 - ",
    ]) {
      const make = (times: number) => `<think>\n${unit.repeat(times)}\n</think>\n\n\\boxed{doxycycline}`;
      time(make(2000));
      const [short, long] = [time(make(2000)), time(make(16_000))];
      expect(long, unit).toBeLessThan(30 * Math.max(short, 4000));
    }
  });
});
