import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { fromInspect } from "./from-inspect.ts";
import { openInspectLog } from "./open-inspect-log.ts";

const golden = (name: string) => fileURLToPath(new URL(`../test/goldens/${name}`, import.meta.url));

/** Logs that Inspect 0.3.285 wrote; see test/goldens/generate.py. */
describe.each(["mockllm-zstd.eval", "mockllm-chunked.eval"])("%s", (name) => {
  it("opens by its directory and header", async () => {
    const log = await openInspectLog(golden(name));
    expect(log.header.status).toBe("success");
    expect(log.header.eval).toMatchObject({ task: "tiny", model: "mockllm/model" });
    expect(log.samples).toHaveLength(6);
    expect(log.samples).toContainEqual({ id: "a/b:c", epoch: 2 });
    const [choice] = log.header.results!.scores!;
    expect(choice).toMatchObject({ name: "choice", scored_samples: 3 });
    expect(choice!.metrics!.accuracy!.value).toBeCloseTo(1 / 3, 12);
    log.close();
  });

  it("reads one sample, its attachments in place", async () => {
    const log = await openInspectLog(golden(name));
    const sample = await log.sample({ id: 1, epoch: 2 });
    expect(sample.choices).toEqual(["cat", "dog", "é\u2028"]);
    const input = sample.input as { content: { type: string; text?: string; image?: string }[] }[];
    expect(input[0]!.content[0]!.text).toMatch(/^What is it\? long /);
    expect(input[0]!.content[1]!.image).toMatch(/^data:image\/png;base64,/);
    expect(sample.messages!.map(({ role }) => role)).toEqual(["user", "assistant"]);
    expect(sample.scores!.choice).toMatchObject({ value: "C", answer: "B" });
    expect(JSON.stringify(sample)).not.toContain("attachment://");
    log.close();
  });

  it("reads NaN, which is no JSON, as a score that is none", async () => {
    const log = await openInspectLog(golden(name));
    const sample = await log.sample({ id: 2, epoch: 1 });
    expect(sample.scores!.odd!.value).toBeNaN();
    expect(fromInspect(log.header, sample, { scorer: "odd" }).record.outcome).toEqual({
      excluded: "unscored",
    });
    const summaries = await log.summaries();
    expect(summaries).toHaveLength(6);
    log.close();
  });

  it("becomes records of ours, with the verdict as it is", async () => {
    const log = await openInspectLog(golden(name));
    const answers = [];
    for await (const sample of log.eachSample()) answers.push(fromInspect(log.header, sample));
    const first = answers.find(({ record }) => record.questionId === "tiny:1" && record.sample === 0)!;
    expect(first.record.answer).toMatchObject({ status: "found", labels: ["B"], text: "dog" });
    expect(first.record.outcome).toEqual({ correct: true });
    expect(first.question.gold).toEqual({ labels: ["B"] });
    expect(first.pictures).toHaveLength(1);
    expect(first.trace.imageHashes).toHaveLength(1);
    const silent = answers.find(({ record }) => record.questionId === "tiny:a/b:c")!;
    expect(silent.record.answer.status).toBe("unparsed");
    expect(silent.record.outcome).toEqual({ correct: false });
    log.close();
  });
});
