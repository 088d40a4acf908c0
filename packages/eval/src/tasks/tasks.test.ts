import { describe, expect, it } from "vitest";
import { someQuestions } from "../../test/support/questions.ts";
import { baselinesOf } from "./baselines.ts";
import { taskNames, tasks } from "./benchmarks.ts";
import { drawQuestions } from "./draw-questions.ts";
import { defineTask, importCommand, selectQuestions, taskSwap } from "./task.ts";

describe("tasks", () => {
  it("are there for every benchmark of the paper and more, each under its name", () => {
    expect(taskNames).toEqual(
      expect.arrayContaining(
        "medqa medbullets-4 medbullets-5 medxpertqa-mm medxpertqa-text mmmu-health mmmu-pro-health-4 mmmu-pro-health-10 vqa-rad vqa-rad-disjoint slake path-vqa pmc-vqa medmcqa pubmedqa omnimedvqa chest-xray ward-case ward-combination".split(
          " ",
        ),
      ),
    );
    for (const name of taskNames) expect(tasks[name]!.name).toBe(name);
    expect(tasks["medxpertqa-mm"]).toMatchObject({
      expected: 2000,
      protocol: "medxpertqa",
      by: ["type", "task", "specialty"],
    });
    expect(JSON.parse(JSON.stringify(tasks))).toEqual(tasks); // plain data
  });
  it("say how their questions are made", () =>
    expect(importCommand(tasks["mmmu-pro-health-10"]!)).toBe(
      "mede2 data import mmmu-pro DIR --part standard-10",
    ));
  it("tell what is wrong with a task of a user", () => {
    const mine = { name: "mine", title: "Mine", import: { name: "generic" }, protocol: "direct-labels" };
    expect(defineTask(mine)).toMatchObject({ images: ["real"], cluster: "auto", by: [], metric: "accuracy" });
    expect(() => defineTask({ ...mine, protocol: "guess" })).toThrow(/protocol.*add-a-task/);
    expect(() => defineTask({ ...mine, name: "../x" })).toThrow(/name: expected letters/);
    expect(() => defineTask({ ...mine, extra: 1 })).toThrow(/not valid/);
    expect(() => defineTask(null)).toThrow(/not valid/);
  });
});

describe("selectQuestions", () => {
  it("takes what belongs to the task, counts the rest, and says when the number is another", async () => {
    const { questions } = await someQuestions(6);
    const task = defineTask({
      name: "mine",
      title: "Mine",
      import: { name: "generic" },
      protocol: "direct",
      expected: 5,
      select: { sources: ["test"], tags: { modality: ["film"] } },
    });
    const { questions: kept, left, warnings } = selectQuestions(task, questions);
    expect(kept).toHaveLength(3);
    expect(left).toEqual({ "other-modality": 3 });
    expect(warnings).toEqual([
      "mine has 5 questions as published, here are 3: do not compare the number with published ones",
    ]);
  });
  it("gives swaps as the task says", async () => {
    const { questions } = await someQuestions(2);
    const swap = taskSwap(
      defineTask({
        name: "m",
        title: "M",
        import: { name: "g" },
        protocol: "direct",
        swap: { group: "modality", key: "finding" },
      }),
    )!;
    const [one, two] = [{ ...questions[0]!, facts: { finding: "nodule" } }, questions[1]!];
    expect([swap.group!(one), swap.key!(one), swap.group!(two)]).toEqual(["film", '"nodule"', "strip"]);
    expect(swap.key!(two)).toBe(two.images[0]!.sha256);
  });
});

describe("drawQuestions", () => {
  it("draws by seed, whatever the order, and keeps what it drew when more are wanted", async () => {
    const { questions } = await someQuestions(30);
    const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id);
    const ten = ids(drawQuestions(questions, 10, 1));
    expect(ten).toHaveLength(10);
    expect(ten).not.toEqual(ids(questions.slice(0, 10)));
    expect(ids(questions).filter((id) => ten.includes(id))).toEqual(ten);
    expect(ids(drawQuestions([...questions].reverse(), 10, 1)).reverse()).toEqual(ten);
    expect(ids(drawQuestions(questions, 20, 1))).toEqual(expect.arrayContaining(ten));
    expect(ids(drawQuestions(questions, 10, 2))).not.toEqual(ten);
    expect(drawQuestions(questions, 99, 1)).toEqual(questions);
  });
});

describe("baselinesOf", () => {
  it("says what knows nothing scores", async () => {
    const { questions } = await someQuestions(5); // right: A B C D A
    expect(baselinesOf(questions)).toEqual({
      n: 5,
      random: 0.25,
      majorityLabel: { label: "A", accuracy: 0.4 },
      majorityText: { text: "amoxicillin", accuracy: 0.4 },
    });
    expect(baselinesOf([{ ...questions[0]!, options: [], gold: { text: "x", aliases: [] } }])).toBeNull();
  });
});
