import { type Question, ratingSchema, resolveSpan } from "@mede2/schemas";
import { describe, expect, it } from "vitest";
import { chain, good, goodSteps, question, traceOf } from "../test/support/traces.ts";
import { defaultRubric, linkResults, PreferenceError, type Rubric, scoreTrace } from "./index.ts";

const score = (text: string, more: Omit<Parameters<typeof scoreTrace>[0], "question" | "trace"> = {}) =>
  scoreTrace({ question, trace: traceOf(text), ...more });
const value = (rating: ReturnType<typeof scoreTrace>, criterion: string) => {
  const judged = rating.criteria[criterion]!;
  return judged.status === "scored" ? judged.value : judged.reason;
};
const failed = (text: string) => Object.keys(score(text).failures);
const replace = (at: number, step: string) => chain(goodSteps.toSpliced(at, 1, step), "doxycycline");

describe("scoreTrace", () => {
  it("passes a good trace, and quotes what it rests on", () => {
    const trace = traceOf(good);
    const rating = scoreTrace({ question, trace });
    expect(ratingSchema.parse(rating)).toEqual(rating);
    expect(rating.failures).toEqual({});
    expect(rating.gates["links-hold"]).toBe("not-applicable");
    expect(rating.total).toBeGreaterThan(0.95);
    expect(scoreTrace({ question, trace })).toEqual(rating);
    for (const judged of Object.values(rating.criteria)) {
      if (judged.status !== "scored") throw new Error("all criteria apply");
      for (const span of judged.spans)
        expect(resolveSpan(trace, span)).toMatchObject({ found: true, moved: false });
    }
  });

  it.each([
    ["parses", "doxycycline"],
    ["parses", `<think>\n${goodSteps[0]}`],
    ["answer-correct", good.replace("boxed{doxycycline}", "boxed{amoxicillin}")],
    ["conclusion-agrees", good.replace("doxycycline stands", "furosemide stands")],
    ["conclusion-agrees", chain([...goodSteps.slice(0, 4), "So the answer is C."], "doxycycline")],
    ["length", "<think>\nyes.\n</think>\n\n\\boxed{doxycycline}"],
    [
      "no-repetition",
      chain([...goodSteps, ...new Array<string>(4).fill("It may be a small patch there.")], "doxycycline"),
    ],
    ["no-key-leak", replace(2, "Given that the correct answer is doxycycline, this is pneumonia.")],
    ["no-key-leak", replace(2, "This matches the reference answer for pneumonia.")],
    ["no-unseen-context", replace(0, "The film shows right consolidation, as the caption says.")],
    [
      "no-unseen-context",
      replace(0, "According to the radiology report the film shows right consolidation."),
    ],
    ["numbers-in-stem", replace(1, "White cells 83 means leucocytosis.")],
    ["numbers-in-stem", replace(1, "White cells 4 means leucocytosis.")], // 4 is the CRP
    ["numbers-in-stem", replace(1, "White cells 38 and troponin 900 mean leucocytosis.")],
    ["history-in-stem", replace(1, "White cells 38 means leucocytosis, and he has a history of asthma.")],
  ])("closes the gate %s on %#", (gate, text) => {
    expect(failed(text)).toContain(gate);
    const { reason } = score(text).failures[gate]!;
    expect(reason.length).toBeGreaterThan(3);
  });

  it.each([
    ["a threshold is a rule", replace(1, "White cells 38, above 11, mean leucocytosis.")],
    ["a range is a rule", replace(1, "White cells 38 means leucocytosis (normal 4-11).")],
    [
      "steps may be numbered",
      chain(
        goodSteps.map((step, at) => `${at + 1}. ${step}`),
        "doxycycline",
      ),
    ],
    [
      "numbers of names are no quantities",
      replace(1, "White cells 38 means leucocytosis, as IL-6, T4, stage 3 and 10^9/L do not."),
    ],
    [
      "both numbers of a pressure",
      replace(1, "White cells 38 means leucocytosis, blood pressure 120/80 is normal."),
    ],
    ["a history of the stem", replace(1, "White cells 38 means leucocytosis, known to have an allergy.")],
    [
      "the context of something",
      replace(2, "In the context of leucocytosis this is pneumonia, which needs antibiotics."),
    ],
    ["saying it twice is no loop", chain([...goodSteps, goodSteps[4]!], "doxycycline")],
  ])("leaves all gates open: %s", (_, text) => {
    expect(failed(text)).toEqual([]);
  });

  it("sees contradictions inside the chain", () => {
    const flip = replace(2, "Left consolidation with leucocytosis is pneumonia, which needs antibiotics.");
    expect(score(flip).parts["logical-consistency"]).toMatchObject({ "no-flips": 0.5 });
    const number = replace(4, "Check: white cells 38, no, white cells 83, so doxycycline stands.");
    expect(score(number).parts["logical-consistency"]!["no-flips"]).toBeLessThan(1);
    const unit = replace(4, "Check: crp 4 mg/L, that is crp 4 g/L, so doxycycline stands.");
    expect(score(unit).parts["logical-consistency"]).toMatchObject({ "no-flips": 0.5 });
    const out = replace(3, "Doxycycline is excluded.");
    expect(score(out).parts["logical-consistency"]).toMatchObject({ "eliminated-stay-out": 0.5 });
    const told = replace(3, "Doxycycline is excluded. But on reflection that holds for children only.");
    expect(score(told).parts["logical-consistency"]).toMatchObject({ "eliminated-stay-out": 1 });
    expect(score(good).parts["logical-consistency"]).toMatchObject({
      "no-flips": 1,
      "eliminated-stay-out": 1,
    });
  });

  it("wants claims about the picture, of its own kind, and not from the stem", () => {
    const blind = chain(goodSteps.slice(1), "doxycycline");
    expect(score(blind).parts["image-involvement"]).toMatchObject({ "visual-claims": 0.4 });
    expect(score(replace(0, "The MRI shows right consolidation.")).parts["image-involvement"]).toMatchObject({
      "modality-agrees": 0,
    });
    const vague = replace(0, "The picture shows consolidation.");
    expect(score(vague).parts["image-involvement"]!["visual-claims"]).toBeLessThan(
      score(good).parts["image-involvement"]!["visual-claims"]!,
    );
    const text: Question = { ...question, images: [] };
    const judged = scoreTrace({ question: text, trace: traceOf(good) }).criteria["image-involvement"];
    expect(judged).toEqual({ status: "unscored", reason: "no-image" });
    expect(
      value(scoreTrace({ question, trace: traceOf(good, { images: "none" }) }), "image-involvement"),
    ).toBe("image-not-shown");
  });

  it("asks the log-probabilities whether the image mattered, the harder of the two", () => {
    const with_ = (counterfactual: { real: number; blank?: number; swapped?: number }) =>
      score(good, { counterfactual }).parts["image-involvement"]!.counterfactual;
    expect(with_({ real: -10, blank: -14 })).toBe(1);
    expect(with_({ real: -10, blank: -14, swapped: -11 })).toBe(0.5);
    expect(with_({ real: -10, swapped: -9 })).toBe(0);
    expect(with_({ real: Number.NaN, swapped: -9 })).toBeUndefined();
    expect(
      value(score(good, { counterfactual: { real: -10, swapped: -9 } }), "image-involvement"),
    ).toBeLessThan(0.7);
  });

  it("holds what is said to be seen against the reference findings", () => {
    const invented = replace(0, "The film shows right effusion.");
    expect(score(invented).parts["no-hallucination"]).toMatchObject({ "findings-agree": 0 });
    expect(score(good).parts["no-hallucination"]).toMatchObject({ "findings-agree": 1 });
  });

  it("counts a check of evidence and a weighed alternative, and no filler", () => {
    expect(value(score(good), "reflection")).toBe(1);
    const without = chain([...goodSteps.slice(0, 3), "So doxycycline."], "doxycycline");
    expect(value(score(without), "reflection")).toBe(0);
    const filler = chain(
      [...goodSteps.slice(0, 3), "Wait. Hmm, let me check.", "So doxycycline."],
      "doxycycline",
    );
    expect(value(score(filler), "reflection")).toBe(0);
    const thrice = chain([...goodSteps, goodSteps[3]!, "Checking the white cells 38 again."], "doxycycline");
    expect(value(score(thrice), "reflection")).toBe(1);
  });

  it("takes checked links in: a wrong one closes the gate, a missing one only costs", () => {
    const checked = {
      finding: "right",
      group: "right",
      value: "right",
      alternative: "absent",
      groupFollows: true,
      contradiction: false,
      text: "x",
    };
    const booleans = { holds: ["groupFollows"], breaks: ["contradiction"] };
    const fine = score(good, { links: linkResults(checked, booleans) });
    expect(fine.gates["links-hold"]).toBe("passed");
    expect(fine.parts.reflection).toMatchObject({ links: 0 });
    const wrong = score(good, {
      links: linkResults({ ...checked, group: "wrong", contradiction: true }, booleans),
    });
    expect(wrong.failures["links-hold"]!.reason).toBe("group: wrong; contradiction: wrong");
    expect(wrong.parts["logical-consistency"]!.links).toBeCloseTo(1 / 3, 5);
    expect(wrong.total).toBeLessThan(fine.total!);
  });

  it("does not prefer length", () => {
    const long = chain(
      [
        ...goodSteps.slice(0, 3),
        "This lung field is as described and nothing else of note is there.",
        "The remaining lung and the heart borders look unremarkable to me here.",
        ...goodSteps.slice(3),
      ],
      "doxycycline",
    );
    expect(score(long).total).toBeCloseTo(score(good).total!, 6);
  });

  it("never throws for a text, and takes time in proportion to it", () => {
    const texts = [
      "",
      "\\boxed{",
      "<think>".repeat(50),
      "1.".repeat(5000),
      "no ".repeat(5000),
      "left lung right lung ".repeat(2000),
      "history of ".repeat(3000),
      "\u{1F600}\ud800".repeat(500),
      "the figure ".repeat(3000),
      "a-".repeat(8000),
    ];
    for (const text of texts) {
      const started = performance.now();
      ratingSchema.parse(score(text));
      expect(performance.now() - started, text.slice(0, 20)).toBeLessThan(2000);
    }
  });

  it("refuses a trace of another question", () => {
    expect(() => scoreTrace({ question: { ...question, id: "test:2" }, trace: traceOf(good) })).toThrow(
      expect.objectContaining({ code: "wrong-question" }),
    );
  });
});

describe("rubric", () => {
  it("is data: a gate and a criterion of one's own", () => {
    const rubric: Rubric = {
      ...defaultRubric,
      name: "mine",
      gates: { ...defaultRubric.gates, polite: { check: "pattern", pattern: "\\bplease\\b", atLeast: 1 } },
      criteria: { brevity: { weight: 1, floor: 0, parts: [{ check: "length", maxWords: 10, weight: 1 }] } },
    };
    const rating = scoreTrace({ question, trace: traceOf(good) }, rubric);
    expect(rating.gates.polite).toBe("failed");
    expect(rating.criteria).toEqual({ brevity: { status: "scored", value: 0, anchor: 0, spans: [] } });
    expect(rating.scorer.rubric).toBe("mine@1");
  });

  it("says where it is wrong", () => {
    const broken = (part: object): Rubric => ({
      ...defaultRubric,
      criteria: { x: { weight: 1, floor: 0, parts: [part as never] } },
    });
    const at = (rubric: Rubric) => {
      try {
        scoreTrace({ question, trace: traceOf(good) }, rubric);
      } catch (error) {
        return error as PreferenceError;
      }
      throw new Error("expected a fault");
    };
    expect(at(broken({ check: "beauty", weight: 1 }))).toMatchObject({
      code: "unknown-check",
      message: expect.stringContaining("criteria.x.parts.0"),
    });
    expect(at(broken({ check: "length", weight: 1, minWords: -1 }))).toMatchObject({
      code: "invalid-rubric",
      message: expect.stringContaining("minWords"),
    });
    expect(at(broken({ check: "length", weight: 0 }))).toBeInstanceOf(PreferenceError);
  });
});
