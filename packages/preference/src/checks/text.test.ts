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
    // the closed class of negators
    ["The margin is sharp everywhere. The margin is hardly sharp everywhere.", 0.5],
    ["The margin is sharp everywhere. The margin is by no means sharp everywhere.", 0.5],
    ["The margin isn't sharp everywhere. The margin is sharp everywhere.", 0.5],
    // the same sentence with one word changed, whatever the words mean
    [
      "The wall of the vessel shows deposits near the valve. The wall of the vessel conceals deposits near the valve.",
      0.75,
    ],
    // … but the case tells of both
    [
      "The man of 60 got amoxicillin for the cough today. The man of 60 got doxycycline for the cough today.",
      1,
    ],
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

describe("sentences-tied", () => {
  const lead = "White cells of 38 mean infection.\nInfection of the man is treated with doxycycline.";
  it.each([
    ["Sneezing follows every walk downstairs.", 1 - 1 / 12],
    ["The eyelids droop by evening.", 1 - 1 / 12],
    ["The mammogram from May was suspicious.", 1 - 1 / 12],
    ["The infection shows in the white cells.", 1],
    ["Blood pressure counts too.", 1],
    ["Malaria would bring shaking chills.", 1],
    ["Kidneys can excrete potassium.", 1],
    ["Let me weigh the remaining drugs.", 1],
    ["So it must be.", 1],
  ])("%s", (text, value) => {
    expect(parts(`${lead}\n${text}\nSo doxycycline.`)["sentences-tied"]).toBeCloseTo(value, 6);
  });

  it("has nothing to say of a chain of two sentences", () => {
    expect(parts("Sneezing follows every walk.\nSo doxycycline.")["sentences-tied"]).toBeUndefined();
  });
});

describe("signs-kept", () => {
  it.each([
    ["There is an effusion on the film.\nThe lungs are clear.\nThere is no effusion.", 0.5],
    ["No fracture is seen.\nThe fracture explains the pain.", 0.5],
    ["There is an effusion on the left.\nThere is no effusion on the right.", 1],
    ["There is no effusion.\nOn reflection there is an effusion.", 1],
    ["There is no effusion.\nHeart failure would give an effusion.", 1],
    ["There was no effusion then.\nNow there is an effusion.", 1],
    ["We are asked about an effusion.\nThere is no effusion.", 1],
    ["There is no effusion.\nThe idea of an effusion finds no support in the film.", 1],
  ])("%s", (text, value) => {
    expect(parts(text)["signs-kept"]).toBe(value);
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
    // "would" before the option is a verdict, after it a thought
    [`${lead}\nSo much for the story so far.\nEverybody would settle on amoxicillin.\nSo doxycycline.`, 0, 1],
    [`${lead}\nI would bet against doxycycline.\nSo doxycycline.`, 1, 0],
    [`${lead}\nAmoxicillin would do as well.\nSo doxycycline.`, 1, 1],
    [`${lead}\nMaybe amoxicillin fits.\nSo doxycycline.`, 1, 1],
    [
      `${lead}\nSo much for the story so far.\nBy elimination one arrives at amoxicillin.\nSo doxycycline.`,
      0,
      1,
    ],
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
    ["(140 − 60) × 70 / (72 × 1.2) = 64.8", 0],
    ["(140-60) * 70 kg / (72 * 1.2) = 81 mL/min", 1],
    ["\\left(2 + 3\\right) \\times 4 \\approx 20", 0],
    ["70 / 1.75^2 = 22.9", 0],
    ["142 × (0.9/0.7)^-1.2 = 105", 0],
    ["12 − 20 = −8", 0],
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
    "((((((((((((((((1 + 1 = 3",
    "1,2 + 3 = 9",
    "(1 + 2 = 4",
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
      "(1 + ",
      "1 = ",
      "\\left(",
      "there is no effusion. there is an effusion. ",
      "by elimination doxycycline ",
      "sneezing droops. ",
    ]) {
      const make = (times: number) => `<think>\n${unit.repeat(times)}\n</think>\n\n\\boxed{doxycycline}`;
      time(make(2000));
      const [short, long] = [time(make(2000)), time(make(16_000))];
      expect(long, unit).toBeLessThan(30 * Math.max(short, 4000));
    }
  });
});
