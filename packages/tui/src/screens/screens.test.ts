import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { fakeTerminal, openOn } from "../../test/fake-terminal.ts";
import { testWorkspace } from "../../test/make-run.ts";
import { bytes, number } from "../text/format.ts";

/** Runs that an older version wrote: what is on the screen is compared with their files, read without anything of this project. */
const old = fileURLToPath(new URL("../../../runs/test/goldens/run-folders/0.1.0-bd1c339", import.meta.url));
const workspace = testWorkspace();
cpSync(old, join(workspace, "runs"), { recursive: true });

type Event = { type: string; ts: string; [field: string]: unknown };
const eventsOf = (run: string): Event[] =>
  readFileSync(join(workspace, "runs", run, "events.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Event);
const stepsOf = (run: string) =>
  eventsOf(run).filter(({ type }) => type === "step-end") as unknown as {
    step: number;
    loss: number;
    tokens: number;
    supervisedTokens: number;
    memoryBytes: number;
    learningRate: number;
    rewards?: { accuracy: number; margin: number; chosen: number; rejected: number };
    logProbs?: { chosen: number; rejected: number };
  }[];
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe.each([
  [80, 24],
  [120, 40],
  [200, 60],
])("at %i × %i", (columns, rows) => {
  it("the list, the curves and the log of a Stage I run say what its log says", async () => {
    const [run, steps] = ["1-stage1", stepsOf("1-stage1")];
    const losses = steps.map(({ loss }) => loss);
    const last = losses.at(-1)!;
    const fake = fakeTerminal(columns, rows);
    const viewer = openOn(fake, { workspace });
    const list = await fake.until(run);
    expect(list.find((line) => line.includes(run))).toMatch(
      new RegExp(`✓ finished.*${steps.length}/${steps.length}.*${number(last)}`),
    );
    expect(list.find((line) => line.includes("4-stage2"))).toContain("✓ finished");
    fake.type("\r");
    const shown = (await fake.until(`step ${steps.length} of ${steps.length}`)).join("\n");
    expect(shown).toContain("100 %");
    expect(shown).toContain(
      `loss ${number(last)} (first ${number(losses[0]!)}, lowest ${number(Math.min(...losses))})`,
    );
    if (columns >= 150) {
      const sum = (of: (step: (typeof steps)[number]) => number) =>
        steps.reduce((all, step) => all + of(step), 0);
      expect(shown).toContain(
        `${number(sum(({ tokens }) => tokens))}, ${number(sum(({ supervisedTokens }) => supervisedTokens))} of them supervised`,
      );
      expect(shown).toMatch(new RegExp(`rate +${number(steps.at(-1)!.learningRate)}`));
      for (const saved of eventsOf(run).filter(({ type }) => type === "checkpoint-saved"))
        expect(shown).toContain(`step ${saved.step}, ${bytes(saved.bytes as number)}`);
    }
    fake.type("4");
    const log = await fake.until(/run-finished +\{/);
    const told = log.filter((line) => /\d\d:\d\d:\d\d/.test(line));
    const events = eventsOf(run).filter(({ type }) => type !== "step-end" && type !== "progress");
    expect(told.map((line) => /(\d\d:\d\d:\d\d) ([a-z-]+)/.exec(line)!.slice(1))).toEqual(
      events.map(({ ts, type }) => [ts.slice(11, 19), type]),
    );
    fake.type("t");
    await fake.until(new RegExp(`step ${steps.length}, loss ${number(last)}`));
    fake.type("G"); // stays at the end
    for (const { step, loss } of steps.slice(-3)) await fake.until(`step ${step}, loss ${number(loss)}`);
    viewer.close();
    await viewer.done;
  });

  it("the preference screen of a Stage II run says what its log says", async () => {
    const [run, steps] = ["4-stage2", stepsOf("4-stage2").slice(-20)];
    const fake = fakeTerminal(columns, rows);
    const viewer = openOn(fake, { workspace, run: join(workspace, "runs", run) });
    await fake.until("step 2 of 2");
    fake.type("2");
    const shown = (await fake.until("log-ratios")).join("\n");
    const of = (key: keyof NonNullable<(typeof steps)[number]["rewards"]>) =>
      mean(steps.map(({ rewards }) => rewards![key]));
    expect(shown).toContain(`accuracy        ${(100 * of("accuracy")).toFixed(0)} %`);
    expect(shown).toContain(`margin          ${number(of("margin"))}`);
    const [chosen, rejected] = [of("chosen"), of("rejected")];
    expect(shown).toContain(`${number(chosen)} / ${number(rejected)}`);
    const { plan } = JSON.parse(readFileSync(join(workspace, "runs", run, "run.json"), "utf8")) as {
      plan: { loss: { beta: number } };
    };
    expect(shown).toContain(`${number(chosen / plan.loss.beta)} / ${number(rejected / plan.loss.beta)}`);
    const { logProbs } = steps.at(-1)!;
    expect(shown).toContain(`${number(logProbs!.chosen)} / ${number(logProbs!.rejected)}`);
    viewer.close();
    await viewer.done;
  });
});
