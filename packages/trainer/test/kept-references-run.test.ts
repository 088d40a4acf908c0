import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Fixture, openFixture, pair } from "./training-fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.remove());

it("a second run with the same reference and data reads the log-probabilities of the first", async () => {
  const data = [await fixture.data("pairs.jsonl", [pair(0, [fixture.images[0]!]), pair(1)])];
  const schedule = { name: "constant", learningRate: 1e-3, steps: 2 } as const;
  const plan = fixture.plan({ kind: "preference", loss: { name: "dpo" }, data, schedule });
  const folder = join(fixture.workspace, ".mede2/references");
  const [first, second, third] = [await fixture.run(plan), await fixture.run(plan), await fixture.run(plan)];
  await first.start();
  const [name, ...others] = readdirSync(folder);
  expect(others).toEqual([]);
  const file = join(folder, name!);
  const written = statSync(file).mtimeMs;
  await second.start();
  expect(readdirSync(folder)).toEqual([name]);
  expect(statSync(file).mtimeMs).toBe(written);
  expect(second.files(2)).toEqual(first.files(2));
  // other numbers in the file are believed, and the first step shows that they are another model's
  const kept = JSON.parse(readFileSync(file, "utf8")) as { scores: [number, number][] };
  kept.scores = kept.scores.map(([own, other]) => [own - 3, other]);
  writeFileSync(file, JSON.stringify(kept));
  await expect(third.start()).rejects.toThrow();
});
