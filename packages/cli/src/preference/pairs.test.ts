import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { makeTrace } from "@mede2/answers";
import { wardCases, wardChain, wardQuestion } from "@mede2/data";
import { encodePng, openImageStore } from "@mede2/images";
import { type Candidates, type PreferencePair, type Verdict, withId, writeJsonlAtomic } from "@mede2/schemas";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mede2, testFolder } from "../../test/run-cli.ts";
import { linesOf } from "../../test/tiny-world.ts";

let cwd: string;
let judge: { url: string; asked: number; close(): Promise<void> };

/** A server that judges: it quotes the first line of the reasoning and gives 2, or prefers the first of two. */
async function judgeServer() {
  const seen = { asked: 0 };
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { messages } = JSON.parse(Buffer.concat(parts).toString()) as {
      messages: { content: string | { text?: string }[] }[];
    };
    seen.asked += 1;
    const texts = messages.map(({ content }) =>
      typeof content === "string" ? content : content.map(({ text }) => text ?? "").join(""),
    );
    const line = /<think>\n(.+)/.exec(texts[1]!)![1];
    const reply = texts[0]!.startsWith("Two models")
      ? '{"choice": "first"}'
      : JSON.stringify(
          Object.fromEntries(
            ["logical-consistency", "image-involvement", "no-hallucination", "reflection"].map((name) => [
              name,
              { anchor: 2, evidence: [line] },
            ]),
          ),
        );
    response.writeHead(200, { "content-type": "application/json" });
    response.end(
      JSON.stringify({
        choices: [{ index: 0, message: { content: reply }, finish_reason: "stop" }],
        usage: { prompt_tokens: 100, completion_tokens: 20 },
      }),
    );
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    get asked() {
      return seen.asked;
    },
    close: () => new Promise<void>((done) => server.close(() => done())),
  };
}

beforeAll(async () => {
  cwd = await testFolder();
  judge = await judgeServer();
  const store = openImageStore(join(cwd, ".mede2/images"));
  const candidates: Candidates[] = [];
  for (const [at, one] of wardCases({ split: "stage2", count: 12, seed: 0 }).entries()) {
    const image = await store.put(
      await encodePng({ width: 8, height: 8, channels: 1, data: new Uint8Array(64).fill(at * 16) }),
    );
    const question = { ...wardQuestion(one, { form: "image" }), images: [image] };
    const chain = (text: string) =>
      makeTrace({
        ...{
          question,
          text,
          by: { kind: "model" as const, name: "qwen" },
          stage: "stage1" as const,
          images: "real" as const,
          promptHash: "b".repeat(64),
        },
        ...{
          sample: null,
          finish: "stop" as const,
          tokens: { prompt: 50, completion: Math.ceil(text.length / 4) },
        },
      });
    const right = wardChain(one, { seed: 1, alternative: true, check: true });
    const wrong = right.replaceAll(one.answer, one.options.find((option) => option !== one.answer)!);
    candidates.push({
      record: "candidates",
      v: 1,
      question,
      traces: [chain(right), chain(wrong)],
      ratings: [],
    });
  }
  await writeJsonlAtomic(join(cwd, "s2.candidates.jsonl"), candidates);
});
afterAll(() => judge.close());

describe("mede2 pairs", () => {
  it("scores with constructed negatives, and makes pairs of every kind with a statistics file", async () => {
    const argv = [
      "pairs",
      "score",
      "s2.candidates.jsonl",
      "--negatives",
      "all",
      "--seed",
      "1",
      "--out",
      "rated.candidates.jsonl",
      "--json",
    ];
    const scored = await mede2(argv, { cwd });
    expect(scored.err).not.toContain("mede2:");
    expect(scored.json()).toMatchObject({ questions: 12, criteria: { reflection: expect.any(Number) } });
    const { constructed } = scored.json<{ constructed: number }>();
    expect(constructed).toBeGreaterThanOrEqual(12 * 5);
    const first = await linesOf(join(cwd, "rated.candidates.jsonl"));
    await mede2(["pairs", "score", "rated.candidates.jsonl", ...argv.slice(3)], { cwd });
    expect(await linesOf(join(cwd, "rated.candidates.jsonl"))).toEqual(first);

    const built = await mede2(
      [
        "pairs",
        "build",
        "rated.candidates.jsonl",
        "--out",
        "s2.pairs.jsonl",
        "--per-case",
        "7",
        "--settings",
        "settings.json",
        "--json",
      ],
      { cwd },
    );
    expect(built.code).toBe(2);
    // a single invented fact moves the total by less than the default margin
    await writeFile(join(cwd, "settings.json"), '{"perChosen": 7, "margin": 0.01}');
    const again = await mede2(
      [
        "pairs",
        "build",
        "rated.candidates.jsonl",
        "--out",
        "s2.pairs.jsonl",
        "--per-case",
        "7",
        "--settings",
        "settings.json",
        "--json",
      ],
      { cwd },
    );
    const { kinds, pairs } = again.json<{ kinds: Record<string, number>; pairs: number }>();
    expect(Object.keys(kinds).sort()).toEqual([
      "contradiction",
      "corrupted-image",
      "fabricated-fact",
      "no-image-completion",
      "reflection-removed",
      "swapped-image",
      "wrong-answer",
    ]);
    expect(JSON.parse(await readFile(join(cwd, "s2.statistics.json"), "utf8"))).toMatchObject({
      pairs,
      kinds,
      rubric: "mmrp-text@3",
    });
    const even = await mede2(
      [
        "pairs",
        "build",
        "rated.candidates.jsonl",
        "--out",
        "even.pairs.jsonl",
        "--per-case",
        "7",
        "--settings",
        "settings.json",
        "--kind-share",
        "0.15",
        "--json",
      ],
      { cwd },
    );
    const evenKinds = even.json<{ kinds: Record<string, number>; pairs: number }>();
    expect(Math.max(...Object.values(evenKinds.kinds))).toBeLessThanOrEqual(0.2 * evenKinds.pairs);
  });

  it("a judge over HTTP is asked once for each trace, keeps its replies, and never sees a key it was not given", async () => {
    const argv = [
      "pairs",
      "score",
      "s2.candidates.jsonl",
      "--mode",
      "judge",
      "--judge",
      `gemma-3@${judge.url}`,
      "--out",
      "judged.candidates.jsonl",
      "--json",
    ];
    const scored = await mede2(argv, { cwd });
    expect(scored.json()).toMatchObject({
      judges: { requests: 24, tokens: { prompt: 2400, completion: 480 } },
    });
    expect(judge.asked).toBe(24);
    const first = await readFile(join(cwd, "judged.candidates.jsonl"), "utf8");
    expect((await mede2(argv, { cwd })).json()).toMatchObject({ judges: { requests: 0 } });
    expect(judge.asked).toBe(24);
    expect(await readFile(join(cwd, "judged.candidates.jsonl"), "utf8")).toBe(first);
    const relatives = await mede2(
      [
        "pairs",
        "score",
        "s2.candidates.jsonl",
        "--mode",
        "jury",
        "--judge",
        `gemma-3@${judge.url}`,
        "--judge",
        `medgemma@${judge.url}`,
        "--out",
        "x.jsonl",
      ],
      { cwd },
    );
    expect(relatives.code).not.toBe(0);
    expect(relatives.err).toContain("two families");
    for (const wrong of [
      ["--mode", "judge"],
      ["--judge", `a@${judge.url}`],
      ["--counterfactual"],
      ["--negatives", "typos"],
      ["--rubric", "none.yaml"],
    ])
      expect(
        (await mede2(["pairs", "score", "s2.candidates.jsonl", "--out", "x.jsonl", ...wrong], { cwd })).code,
        wrong.join(" "),
      ).toBe(2);
  });

  it("audits: judges in both orders once, people's verdicts, doubts to review, a calibration that build reads", async () => {
    const pairs = (await linesOf(join(cwd, "s2.pairs.jsonl"))) as PreferencePair[];
    const verdicts = pairs.flatMap((pair, at) =>
      ["ana", "ben"].map(
        (reviewer): Verdict =>
          withId({
            ...{
              record: "verdict" as const,
              v: 1 as const,
              pairId: pair.id,
              reviewer,
              choice: at % 9 === 0 && reviewer === "ben" ? ("second" as const) : ("first" as const),
            },
            ...{ order: "chosen-first" as const, blind: true, seconds: 1, ts: "2026-01-01T00:00:00.000Z" },
          }),
      ),
    );
    await writeJsonlAtomic(join(cwd, "s2.verdicts.jsonl"), verdicts);
    const argv = [
      "pairs",
      "audit",
      "s2.pairs.jsonl",
      "--judge",
      `gemma-3@${judge.url}`,
      "--doubtful",
      "4",
      "--doubtful-out",
      "doubt.pairs.jsonl",
      "--calibration-out",
      "s2.calibration.json",
      "--json",
    ];
    const before = judge.asked;
    const audit = (await mede2(argv, { cwd })).json<
      Record<"agreement" | "bias", Record<string, { value: number; n: number }>> & { doubtful: unknown[] }
    >();
    expect(judge.asked - before).toBe(2 * pairs.length);
    expect(audit.agreement["cohen:ana/ben"]!.n).toBe(pairs.length);
    expect(audit.bias["position:judges"]!.value).toBe(0.5);
    expect(audit.doubtful).toHaveLength(4);
    expect(await linesOf(join(cwd, "doubt.pairs.jsonl"))).toHaveLength(4);
    await mede2(argv, { cwd });
    expect(judge.asked - before).toBe(2 * pairs.length);
    const built = await mede2(
      [
        "pairs",
        "build",
        "rated.candidates.jsonl",
        "--calibration",
        "s2.calibration.json",
        "--settings",
        "settings.json",
        "--out",
        "c.pairs.jsonl",
        "--json",
      ],
      { cwd },
    );
    expect(built.code).toBe(0);
  });

  it("exports to three engines with the pictures' paths and an index", async () => {
    for (const format of ["trl", "ms-swift", "llama-factory"]) {
      const ran = await mede2(
        ["pairs", "export", "s2.pairs.jsonl", "--to", format, "--out", `to-${format}`, "--json"],
        { cwd },
      );
      const { pairs, files } = ran.json<{ pairs: number; files: string[] }>();
      const rows = (await linesOf(join(cwd, files[0]!))) as { images: string[] }[];
      expect(rows).toHaveLength(pairs);
      await readFile(rows[0]!.images[0]!);
      expect(await linesOf(join(cwd, files[1]!))).toHaveLength(pairs);
    }
  });

  it("sample asks a server, and puts its reasoning into the text", async () => {
    const questions = ((await linesOf(join(cwd, "s2.candidates.jsonl"))) as Candidates[])
      .slice(0, 2)
      .map(({ question }) => question);
    await writeJsonlAtomic(join(cwd, "q.questions.jsonl"), questions);
    const server = createServer((request, response) => {
      request.resume();
      response.writeHead(200, { "content-type": "application/json" });
      const message = { content: "\\boxed{iron}", reasoning: "The picture shows nodules." };
      response.end(
        JSON.stringify({
          choices: [{ message, finish_reason: "stop" }],
          usage: { prompt_tokens: 9, completion_tokens: 3 },
        }),
      );
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    const ran = await mede2(
      [
        "sample",
        "--model",
        url,
        "--served",
        "vl",
        "--data",
        "q.questions.jsonl",
        "--samples",
        "2",
        "--out",
        "served.candidates.jsonl",
        "--json",
      ],
      { cwd },
    );
    server.closeAllConnections();
    server.close();
    expect(ran.json()).toMatchObject({ written: 2, tokens: 12 });
    const [first] = (await linesOf(join(cwd, "served.candidates.jsonl"))) as Candidates[];
    expect(first!.traces[0]).toMatchObject({
      text: "<think>\nThe picture shows nodules.\n</think>\n\n\\boxed{iron}",
      by: { checkpoint: `vl at ${url}` },
    });
    expect(first!.traces[0]!.reasoning).not.toBeNull();
  });
});
