import { describe, expect, test } from "vitest";
import {
  combinationSet,
  wardCases,
  wardChain,
  wardDiagnoses,
  wardFact,
  wardFinding,
  wardGroups,
  wardPassages,
  wardPrompt,
  wardQuestion,
  wardVisionItems,
  wardVisionLabels,
} from "./index.ts";

const passages = [
  ...wardPassages({ count: 16_000, seed: 1 }),
  ...wardPassages({ count: 6_000, seed: 1, topics: ["paragraph", "told", "restate", "apply", "conclude"] }),
];

describe("passages", () => {
  test("are the same for the same seed, in portions too", () => {
    expect(wardPassages({ count: 50, seed: 1 })).toEqual(passages.slice(0, 50));
    expect(wardPassages({ count: 50, seed: 1, from: 25 }).slice(0, 25)).toEqual(passages.slice(25, 50));
    expect(wardPassages({ count: 50, seed: 2 })).not.toEqual(passages.slice(0, 50));
  });

  test("state every rule, also the held-out ones, in the words of chains", () => {
    const rules = new Set(
      passages.filter((item) => item.topic === "rules").flatMap((item) => item.completion.split("\n")),
    );
    for (const { finding, fact, name } of wardDiagnoses) {
      const [seen, meaning] = [wardFinding(finding).name, wardFact(fact).meaning];
      const wordings = [`${seen} with ${meaning} is ${name}.`, `${seen} and ${meaning} make ${name}.`];
      expect(
        wordings.some((wording) => rules.has(wording)),
        name,
      ).toBe(true);
    }
    for (const group of wardGroups)
      for (const { drug } of Object.values(group.choices))
        expect([...rules].some((rule) => rule.includes(group.name) && rule.includes(drug))).toBe(true);
  });

  test("never ask about a held-out combination, nor show one", () => {
    const held = wardDiagnoses.filter((rule) => combinationSet(rule) !== "train");
    for (const item of passages) {
      if (item.topic === "rules" || item.topic === "paragraph") continue;
      for (const rule of held) {
        const names = `${wardFinding(rule.finding).name} with ${wardFact(rule.fact).meaning}`;
        expect(item.prompt.includes(names)).toBe(false);
        const shown =
          item.image?.finding === rule.finding || item.completion.includes(wardFinding(rule.finding).name);
        if (!shown || item.topic === "choice") continue;
        const cited = wardFact(rule.fact).abnormal.some((value) =>
          new RegExp(`${wardFact(rule.fact).name} ${value}(?![0-9/])`).test(item.prompt),
        );
        expect(cited).toBe(false);
      }
    }
  });

  test("answer directly only questions of the pool", () => {
    const pool = new Set(
      wardCases({ split: "pretrain", count: 40, seed: 0 }).flatMap((item) =>
        (["image", "text"] as const).map(
          (form) => wardPrompt(wardQuestion(item, { form }), { style: "direct" }).text,
        ),
      ),
    );
    const direct = wardPassages({ count: 600, seed: 3, pool: 40, topics: ["direct"] });
    for (const item of direct) expect(pool.has(item.prompt)).toBe(true);
    expect(new Set(direct.map((item) => item.prompt)).size).toBe(80);
  });

  test("come without pictures when asked, and say so when nothing is left", () => {
    for (const item of wardPassages({ count: 500, seed: 1, images: false }))
      expect(item.image).toBeUndefined();
    expect(() => wardPassages({ count: 1, seed: 1, images: false, topics: ["caption"] })).toThrow(
      /needs images/,
    );
    for (const item of passages) expect(item.image !== undefined).toBe(item.prompt.includes("<image>"));
  });

  test("the whole vocabulary is small: lower-case ASCII, below 900 words and numbers", () => {
    const chains = wardCases({ split: "stage1", count: 3000, seed: 1 }).map((item) =>
      wardChain(item, { seed: 1 }),
    );
    const tests = wardCases({ split: "test-combination", count: 1500, seed: 1 }).map(
      (item) => wardPrompt(wardQuestion(item, { form: "text" }), { style: "reason" }).text,
    );
    const all = [...passages.map((item) => `${item.prompt}\n${item.completion}`), ...chains, ...tests].join(
      "\n",
    );
    expect(/^[\n -@[-~]*$/.test(all)).toBe(true);
    const words = new Set(all.match(/[a-z]+|\d+/g));
    expect(words.size).toBeLessThan(900);
  });
});

describe("vision items", () => {
  test("have each of the 32 appearances once in 32, with the label of its name", () => {
    const items = wardVisionItems({ count: 64, seed: 5 });
    expect(new Set(items.slice(0, 32).map((item) => item.label)).size).toBe(32);
    expect(new Set(items.slice(32).map((item) => item.label)).size).toBe(32);
    expect(new Set(items.map((item) => item.image.seed)).size).toBe(64);
    for (const { image, label } of items)
      expect(wardVisionLabels[label]).toBe(`${image.kind} ${image.finding} ${image.modifier}`);
    expect(wardVisionItems({ count: 8, seed: 5, from: 40 })).toEqual(items.slice(40, 48));
  });
});
