import { jsonSchemas } from "@mede2/schemas";
import { expect, it } from "vitest";
import { setFields } from "./set-field.ts";

const schema = jsonSchemas().plan;
const plan = {
  kind: "sft",
  loss: { name: "cross-entropy" },
  schedule: { name: "constant", learningRate: 1e-3, epochs: 2 },
  data: [{ path: "a.jsonl", split: "stage1" }],
  freeze: ["visual."],
};

it("changes fields at any depth, adds optional ones and takes them out", () => {
  const changed = setFields(
    plan,
    [
      ...["schedule.epochs=", "schedule.steps=20", "data.0.split=train", "freeze=[]", "recipe=my own"],
      ...['lora={"rank":8,"alpha":16,"targets":["q_proj"],"dropout":0}', "lora.rank=4"],
      ...[
        "settings.recompute=true",
        "settings.count.test=3",
        "loss.weights.quality=0.2",
        "decoding.maxTokens=9",
      ],
    ],
    schema,
  );
  expect(changed).toEqual({
    ...{ kind: "sft", recipe: "my own", freeze: [] },
    loss: { name: "cross-entropy", weights: { quality: 0.2 } },
    schedule: { name: "constant", learningRate: 1e-3, steps: 20 },
    data: [{ path: "a.jsonl", split: "train" }],
    lora: { rank: 4, alpha: 16, targets: ["q_proj"], dropout: 0 },
    settings: { recompute: true, count: { test: 3 } },
    decoding: { maxTokens: 9 },
  });
  expect(plan.schedule).toEqual({ name: "constant", learningRate: 1e-3, epochs: 2 });
});

it.each([
  ["schedul.epochs=2", /a plan has no field "schedul" there/],
  ["schedule.epoch=2", /no field "epoch" there/],
  ["schedule.epochs.x=2", /epochs holds no fields/],
  ["data.first.split=x", /no field "first" there/],
  ["epochs", /there is no value/],
])("refuses %s, which would change nothing", (assignment, message) => {
  expect(() => setFields(plan, [assignment], schema)).toThrow(message);
});
