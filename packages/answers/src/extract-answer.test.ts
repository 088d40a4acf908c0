import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerRuleNames } from "./answer-rules.ts";
import { extractAnswer, extractByRule } from "./extract-answer.ts";

const drugs = ["Amoxicillin", "Doxycycline", "Amoxicillin-clavulanate", "Watchful waiting", "No treatment"];
const label = (text: string, options: readonly string[] = drugs, more = {}) => {
  const { status, labels, rule } = extractAnswer(text, { options, ...more });
  return `${status} ${(labels ?? []).join("")} ${rule}`;
};

describe("the strict cascade", () => {
  it.each([
    // our own format
    ["<think>\nPneumonia, so \\boxed{A}?\n</think>\n\nTherefore \\boxed{B}", "found B boxed"],
    ["<think>x</think>\\boxed{amoxicillin}", "found A boxed"],
    ["<think>x</think>\\boxed{Amoxicillin–Clavulanate}", "found C boxed"],
    ["no opening tag</think>\n\\boxed{\\text{Watchful waiting.}}", "found D boxed"],
    ["\\boxed{B. Doxycycline}", "found B boxed"],
    ["\\boxed{(b)}", "found B boxed"],
    ["$\\boxed{\\textbf{(E)}\\ \\text{No treatment}}$", "found E boxed"],
    ["\\boxed{amoxicillin 500 mg}", "found A boxed"],
    ["\\boxed{B} … after a check \\boxed{B}", "found B boxed"],
    // tags
    ["<answer>C</answer>", "found C answer-tag"],
    ["<Answer>\n\\boxed{C}\n</Answer>", "found C answer-tag"],
    ["<answer>the watchful waiting</answer>", "found D answer-tag"],
    // announced
    ["So the answer is B.", "found B announced"],
    ["**Answer: (C)**", "found C announced"],
    ["Final answer:\n**D. Watchful waiting**", "found D announced"],
    ["The correct answer is: B) Doxycycline, because it covers atypicals.", "found B announced"],
    ["The answer is A because the film is clear.", "found A announced"],
    [
      "The most likely answer is amoxicillin-clavulanate, which covers anaerobes better than amoxicillin.",
      "found C announced",
    ],
    ["The answer to this question is option B.", "found B announced"],
    ["Answer: A. Wait, the cough is atypical. Final answer: B", "found B announced"],
    ["If the answer is A, we would see fever. The answer is D.", "found D announced"],
    ["答案是B。", "found B announced"],
    ["因此选（Ｃ）。", "found C announced"],
    ["正确答案：Ｄ", "found D announced"],
    ["Therefore, the answer is B, not A.", "found B announced"],
    ["**Answer:** B\n\nExplanation: A would not cover it.", "found B announced"],
    ["Fever argues against A. Option (B) is therefore the best answer.", "found B announced"],
    ["Thinking of it all, B is correct.", "found B announced"],
    ["By process of elimination we are left with doxycycline.", "found B option-text"],
    ["So A is wrong and B is correct.", "found B announced"],
    ["I would choose option C.", "found C announced"],
    ["My choice: D", "found D announced"],
    // bare
    ["B because it covers atypical organisms", "found B bare"],
    ["### Answer\n\nB", "found B bare"],
    ["B", "found B bare"],
    [" (b) ", "found B bare"],
    ["B. Doxycycline", "found B bare"],
    ["doxycycline", "found B bare"],
    ["B. Doxycycline\n\nIt covers atypical organisms, unlike amoxicillin.", "found B bare"],
    ["We weighed all five.\n\nB", "found B bare"],
    // the only option named
    ["This patient should receive doxycycline.", "found B option-text"],
    ["Amoxicillin is not appropriate here. Doxycycline covers it.", "found B option-text"],
    ["I would give amoxicillin-clavulanate for ten days.", "found C option-text"],
    ["Rather than amoxicillin, the guideline recommends watchful waiting.", "found D option-text"],
  ])("%j → %s", (text, expected) => expect(label(text)).toBe(expected));

  it.each([
    ["\\boxed{A} or \\boxed{B}", "ambiguous AB boxed"],
    ["\\boxed{A or B}", "ambiguous AB boxed"],
    ["\\boxed{A, B}", "ambiguous AB boxed"],
    ["\\boxed{A. Doxycycline}", "ambiguous AB boxed"],
    ["The answer is A or B.", "ambiguous AB announced"],
    ["<answer>A</answer><answer>B</answer>", "ambiguous AB answer-tag"],
    ["Amoxicillin and doxycycline both work.", "ambiguous AB option-text"],
    ["A. Amoxicillin\nB. Doxycycline", "ambiguous AB bare"],
    ["\\boxed{G}", "unparsed  boxed"],
    ["Neither A nor B is correct.", "unparsed  none"],
    ["A or B is correct.", "unparsed  none"],
    ["\\boxed{E. coli}", "unparsed  boxed"],
    ["The answer is E. coli", "unparsed  announced"],
    ["E. coli", "unparsed  none"],
    ["C. diff colitis is common", "unparsed  none"],
    ["A. I do not know", "unparsed  none"],
    ["\\boxed{Azithromycin}. Doxycycline would be wrong", "unparsed  boxed"],
    ["The answer is not B.", "unparsed  announced"],
    ["b. C\nd. B\nf. H", "unparsed  none"],
    ["The value is 42", "unparsed  none"],
    ["", "unparsed  none"],
    ["A 45-year-old man presents with cough.", "unparsed  none"],
    ["The answer is a combination of antibiotics.", "unparsed  announced"],
    ["Is it doxycycline?", "unparsed  none"],
    ["Doxycycline is unlikely to help.", "unparsed  none"],
    ["I'm sorry, but I can't help with medical images.", "refused  refusal"],
    ["I cannot provide a diagnosis; doxycycline needs a prescription.", "refused  refusal"],
    ["抱歉，我无法回答。", "refused  refusal"],
  ])("never guesses: %j → %s", (text, expected) => expect(label(text)).toBe(expected));

  it.each([
    ["<think>The film shows \\boxed{A}", "length", "truncated  reasoning"],
    ["<think>The film shows", undefined, "truncated  reasoning"],
    ["<think>It is \\boxed{A}", "stop", "found A boxed"],
    ["<think>It is amoxicillin", "stop", "unparsed  reasoning"],
    ["<think>a</think>The drug of choice is doxycycline and", "length", "truncated  finish"],
    ["<think>a</think>The answer is B", "length", "truncated  finish"],
    ["<think>a</think>\\boxed{B} because of", "length", "found B boxed"],
    ["<think>a</think>\\boxed{B", "length", "truncated  finish"],
    ["B", "refused", "refused  finish"],
    ["B", "error", "error  finish"],
  ])("cut off: %j with finish %s → %s", (text, finish, expected) =>
    expect(label(text, drugs, { finish })).toBe(expected),
  );

  it("knows labels by position, 2 to 12", () => {
    const twelve = Array.from({ length: 12 }, (_, index) => `choice number ${index * 7}`);
    expect(label("\\boxed{L}", twelve)).toBe("found L boxed");
    expect(label("\\boxed{M}", twelve)).toBe("unparsed  boxed");
    expect(label("\\boxed{C}", ["present", "absent"])).toBe("unparsed  boxed");
  });
  it("sees that labels and words can disagree, as with blood groups", () => {
    expect(label("\\boxed{B}", ["B", "A", "AB", "O"])).toBe("ambiguous AB boxed");
    expect(label("So the answer is B.", ["B", "A", "AB", "O"])).toBe("ambiguous AB announced");
    expect(label("\\boxed{A. B}", ["B", "A", "AB", "O"])).toBe("found A boxed");
    expect(label("The answer is E. coli.", ["S. aureus", "E. coli", "C", "D", "E"])).toBe(
      "found B announced",
    );
    expect(label("The answer is A.V. fistula.", ["aneurysm", "A.V. fistula"])).toBe("found B announced");
    expect(label("They all have it.", ["aneurysm", "All"])).toBe("unparsed  none");
    expect(label("\\boxed{>91 dB}", ["91 dB", ">91 dB"])).toBe("found B boxed");
    expect(label("\\boxed{A positive}", ["A positive", "O positive"])).toBe("found A boxed");
  });
  it("takes an option that sounds like a refusal", () => {
    const options = ["I am sorry, I cannot discuss your son's results", "Your son is well"];
    expect(label(`He should say: "${options[0]}" and leave.`, options)).toBe("found A option-text");
  });
  it("keeps numbers, signs and equal options apart", () => {
    expect(label("\\boxed{1.5 mg}", ["15 mg", "1.5 mg"])).toBe("found B boxed");
    expect(label("\\boxed{-2}", ["2", "-2"])).toBe("found B boxed");
    expect(label("\\boxed{β-blocker}", ["Beta blocker", "Nitrate"])).toBe("found A boxed");
    expect(label("\\boxed{↓ ↑ ↑}", ["↓ ↓ ↓", "↓ ↑ ↑"])).toBe("found B boxed");
    expect(label("\\boxed{same}", ["same", "Same"])).toBe("ambiguous AB boxed");
    expect(label("\\boxed{25\\%}", ["5%", "25%"])).toBe("found B boxed");
  });
  it("gives several labels when several may be right", () => {
    expect(label("\\boxed{A, C}", drugs, { multiple: true })).toBe("found AC boxed");
    expect(label("\\boxed{ACD}", drugs, { multiple: true })).toBe("found ACD boxed");
    expect(label("\\boxed{A or C}", drugs, { multiple: true })).toBe("ambiguous AC boxed");
  });
  it("answers yes and no only where they stand as an answer", () => {
    const polar = ["yes", "no", "maybe"];
    expect(label("Yes, there is an effusion.", polar)).toBe("found A bare");
    expect(label("No evidence of effusion", polar)).toBe("unparsed  none");
    expect(label("The answer is: no.", polar)).toBe("found B announced");
    expect(label("\\boxed{maybe}", polar)).toBe("found C boxed");
    expect(label("\\boxed{B}", polar)).toBe("found B boxed");
    expect(extractAnswer("No.", { options: [], kind: "yes-no" })).toMatchObject({
      status: "found",
      text: "no",
      rule: "bare",
    });
  });
  it.each([
    // labels by position
    ["B", "found B bare"],
    ["(b)", "found B bare"],
    ["B.", "found B bare"],
    ["B. No", "found B bare"],
    ["A: yes", "found A bare"],
    ["B because there is none", "found B bare"],
    ["The lungs are clear.\n\nB", "found B bare"],
    ["The answer is B.", "found B announced"],
    ["The answer is B. There is no effusion.", "found B announced"],
    ["The answer is (B) no, the film is clear.", "found B announced"],
    ["Answer: A", "found A announced"],
    ["Option (B) is correct.", "found B announced"],
    ["The answer is a yes.", "found A announced"],
    // never guessed
    ["A. No", "ambiguous AB bare"],
    ["The answer is A: no effusion.", "ambiguous AB announced"],
    ["The answer is A or B.", "ambiguous AB announced"],
    ["The answer is not B.", "unparsed  announced"],
    ["The answer is C.", "unparsed  announced"],
    ["The answer is a small effusion.", "unparsed  announced"],
    ["The answer is A small effusion.", "unparsed  announced"],
    ["The answer is that there is no effusion.", "unparsed  announced"],
    ["A small effusion", "unparsed  none"],
    ["A small effusion.\nThere is no fracture.", "unparsed  none"],
    ["A. I do not know", "unparsed  none"],
    ["Neither A nor B is correct.", "unparsed  none"],
    ["C", "unparsed  none"],
  ])("reads a label where the options are yes and no: %j → %s", (text, expected) =>
    expect(label(text, ["Yes", "No"])).toBe(expected),
  );
  it("keeps words and labels apart where the options are no and yes", () => {
    expect(label("The answer is A yes.", ["no", "yes"])).toBe("unparsed  announced");
    expect(label("The answer is yes.", ["no", "yes"])).toBe("found B announced");
    expect(label("B", ["no", "yes"])).toBe("found B bare");
    expect(label("The answer is A.", ["no", "yes"])).toBe("found A announced");
  });
  it("has no labels where there are no options", () => {
    expect(label("B", [], { kind: "yes-no" })).toBe("unparsed  none");
    expect(label("The answer is B.", [], { kind: "yes-no" })).toBe("unparsed  announced");
  });
  it("answers open questions by text and number", () => {
    expect(extractAnswer("<think>x</think>\\boxed{left lower lobe}", { options: [] })).toMatchObject({
      status: "found",
      text: "left lower lobe",
    });
    expect(extractAnswer("The answer is the left lung. It is hazy.", { options: [] })).toMatchObject({
      text: "the left lung",
      rule: "announced",
    });
    expect(extractAnswer("left lung", { options: [] })).toMatchObject({ text: "left lung", rule: "bare" });
    expect(extractAnswer("The answer is 12.5 mg/dL.", { options: [], kind: "number" })).toMatchObject({
      status: "found",
      text: "12.5 mg/dL",
    });
    expect(extractAnswer("Between many things", { options: [], kind: "number" })).toMatchObject({
      status: "unparsed",
    });
  });
});

it("quotes what it matched, in the text itself", () => {
  const text = "<think>是</think>\n答案：Ｂ";
  const { span } = extractAnswer(text, { options: drugs });
  expect(span).toEqual({ field: "text", start: text.indexOf("Ｂ"), end: text.length, quote: "Ｂ" });
});

describe("named rules", () => {
  it("show how a score depends on them", () => {
    const text = "A fever points to (C). ANSWER: B\nOr is it D";
    const by = (rule: Parameters<typeof extractByRule>[0]) =>
      extractByRule(rule, text, { options: drugs }).labels?.join();
    expect([
      by("strict"),
      by("inspect"),
      by("mmmu"),
      by("first-capital"),
      by("last-capital"),
      by("boxed"),
    ]).toEqual(["B", undefined, "C", "A", "D", undefined]);
    expect(extractByRule("inspect", "x\nANSWER: B", { options: drugs })).toMatchObject({
      status: "found",
      labels: ["B"],
      rule: "inspect",
    });
    expect(extractByRule("boxed", text, { options: drugs })).toEqual({
      status: "unparsed",
      rule: "boxed",
      span: null,
    });
  });
});

describe("whatever comes in", () => {
  const pieces = [
    "<think>",
    "</think>",
    "<answer>",
    "</answer>",
    "\\boxed{",
    "}",
    "{",
    "answer is ",
    "Answer: ",
    "答案",
    "A",
    "B.",
    " or ",
    "not ",
    "amoxicillin",
    "\n",
    " ",
    "(",
    "**",
    "1,000",
    ".",
    "?",
    "😀",
    "\ud800",
    "\\text{",
    "no ",
  ];
  const messy = fc
    .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: "binary", maxLength: 8 })), {
      maxLength: 40,
    })
    .map((parts) => parts.join(""));
  it("never throws, labels are among the options, the span is true", () => {
    fc.assert(
      fc.property(
        messy,
        fc.array(fc.oneof(fc.constantFrom(...drugs, "", "A", "aa"), fc.string()), { maxLength: 12 }),
        fc.constantFrom("stop", "length", undefined),
        (text, options, finish) => {
          for (const rule of ["strict", ...answerRuleNames] as const) {
            const answer = extractByRule(rule, text, { options, ...(finish ? { finish } : {}) });
            for (const one of answer.labels ?? [])
              expect(one.charCodeAt(0) - 65).toBeLessThan(options.length);
            if (answer.span) expect(text.slice(answer.span.start, answer.span.end)).toBe(answer.span.quote);
            if (answer.status === "found") expect(answer.labels ?? answer.text).toBeDefined();
          }
        },
      ),
      { numRuns: 1500 },
    );
  });
  it.each([" ", "answer is ", "\\boxed{A}", "<answer>", "A B ", "a ", "\\text{", "not amoxicillin "])(
    "a quarter of a megabyte of %j ends within ten seconds in all ten rules", // quadratic time would be minutes
    (piece) => {
      const text = piece.repeat(Math.ceil(250_000 / piece.length));
      const options = [...drugs, "a".repeat(3000), `${"a".repeat(3000)}b`];
      const before = performance.now();
      for (const rule of ["strict", ...answerRuleNames] as const) extractByRule(rule, text, { options });
      extractByRule("strict", `<think>x</think>${text}`, { options, finish: "stop" });
      expect(performance.now() - before).toBeLessThan(10_000);
    },
  );
});
