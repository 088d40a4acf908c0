import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { mede2, testFolder } from "../test/run-cli.ts";
import { linesOf, randomModel, wardFolder } from "../test/tiny-world.ts";
import { printable } from "./printable.ts";

let cwd: string;
const sampling = ["--threads", "1", "--max-tokens", "6"];

beforeAll(async () => {
  cwd = await testFolder();
  await randomModel(join(cwd, "model"));
  await wardFolder(join(cwd, "source"));
});

describe("data import", () => {
  it("imports a known source with its card and pictures", async () => {
    const argv = [
      "data",
      "import",
      "ward",
      "source",
      "--split",
      "stage2",
      "--out",
      "data/s2.questions.jsonl",
      "--json",
    ];
    const ran = await mede2(argv, { cwd });
    expect(ran.code).toBe(0);
    expect(ran.json()).toMatchObject({
      record: "question",
      kept: 3,
      images: 3,
      card: join(cwd, "data/s2.card.json"),
    });
    expect(await linesOf(join(cwd, "data/s2.questions.jsonl"))).toHaveLength(3);
    expect(await readFile(join(cwd, ".gitignore"), "utf8")).toContain("/.mede2/");
    const test = [
      "data",
      "import",
      "ward",
      "source",
      "--split",
      "test-case",
      "--out",
      "data/test.questions.jsonl",
    ];
    expect((await mede2(test, { cwd })).out).toMatch(/questions +4 in data\/test/);
  });
});

describe("sample and pairs", () => {
  const argv = [
    ...["sample", "--model", "model", "--data", "data/s2.questions.jsonl", "--out", "s2.candidates.jsonl"],
    ...["--samples", "2", "--stage", "stage1", "--json", ...sampling],
  ];

  it("samples K answers to every question, and asks none twice", async () => {
    const first = await mede2(argv, { cwd });
    expect(first.err).not.toContain("mede2:");
    expect(first.json()).toMatchObject({ written: 3, dropped: {}, kept: 0 });
    const text = await readFile(join(cwd, "s2.candidates.jsonl"), "utf8");
    const [one] = (await linesOf(join(cwd, "s2.candidates.jsonl"))) as {
      traces: Record<string, unknown>[];
    }[];
    expect(one!.traces).toHaveLength(2);
    expect(one!.traces[0]).toMatchObject({ by: { checkpoint: "model" }, stage: "stage1" });
    expect((await mede2(argv, { cwd })).json()).toMatchObject({ written: 0, kept: 3, tokens: 0 });
    await writeFile(join(cwd, "s2.candidates.jsonl"), `${text.split("\n")[0]}\n{"record":"cand`);
    expect((await mede2(argv, { cwd })).json()).toMatchObject({ written: 2, kept: 1 });
    expect(await readFile(join(cwd, "s2.candidates.jsonl"), "utf8")).toBe(text);
    const other = await mede2([...argv, "--temperature", "1"], { cwd });
    expect(other.code).toBe(2);
    expect(other.err).toContain("whose temperature is 0.8, not 1");
    const otherPrompt = await mede2([...argv, "--style", "direct"], { cwd });
    expect(otherPrompt.code).toBe(2);
    expect(otherPrompt.err).toContain("another prompt than that of --style direct");
  });

  it("drops what cannot be asked, with the reason", async () => {
    const elsewhere = await testFolder();
    const ran = await mede2(
      [
        ...argv.map((each) => (each === "s2.candidates.jsonl" ? "x.candidates.jsonl" : each)),
        "--workspace",
        elsewhere,
      ],
      { cwd },
    );
    expect(ran.code).toBe(2);
    expect(ran.err).toContain("image-missing 3");
  });

  it("scores the answers and builds pairs of them", async () => {
    const scored = await mede2(
      [
        "pairs",
        "score",
        "s2.candidates.jsonl",
        "--links",
        "ward",
        "--out",
        "rated.candidates.jsonl",
        "--json",
      ],
      { cwd },
    );
    expect(scored.err).not.toContain("mede2:");
    const result = scored.json<{ scored: number; criteria: Record<string, number>; unscored: object }>();
    expect(result.scored).toBe(6);
    expect(Object.keys(result.criteria)).toEqual(
      expect.arrayContaining(["logical-consistency", "image-involvement", "no-hallucination", "reflection"]),
    );
    const built = await mede2(
      ["pairs", "build", "rated.candidates.jsonl", "--out", "s2.pairs.jsonl", "--json"],
      { cwd },
    );
    expect(built.code).toBe(0);
    // nonsense passes no gate, and a pair needs an answer that passes all
    expect(built.json()).toMatchObject({ pairs: 0, kinds: {} });
    expect(Object.keys(built.json<{ dropped: object }>().dropped).length).toBeGreaterThan(0);
    expect(
      (await mede2(["pairs", "build", "s2.candidates.jsonl", "--out", "y.pairs.jsonl"], { cwd })).code,
    ).toBe(2);
  });
});

describe("eval and compare", () => {
  const run = (out: string, model: string) => [
    ...[
      "eval",
      "run",
      "--model",
      model,
      "--data",
      "data/test.questions.jsonl",
      "--task",
      "ward",
      "--out",
      out,
    ],
    ...["--images", "real,blank,swapped", "--json", ...sampling],
  ];

  it("answers and grades under every condition, and goes on where it stood", async () => {
    const ran = await mede2(run("evaluations/one", "model"), { cwd });
    expect(ran.err).not.toContain("mede2:");
    const result = ran.json<
      Record<string, unknown> & { answers: Record<string, number>; tokensPerSecond: number }
    >();
    expect(result).toMatchObject({
      n: 4,
      accuracy: expect.any(Number),
      low: expect.any(Number),
      high: expect.any(Number),
    });
    expect(Object.keys(result.answers).sort()).toEqual(
      "ambiguous error found refused truncated unparsed".split(" "),
    );
    expect(result.band).toMatchObject({ low: expect.any(Number), high: expect.any(Number) });
    expect((result.summaries as { images: string }[]).map(({ images }) => images)).toEqual([
      "real",
      "blank",
      "swapped",
    ]);
    expect(result.tokensPerSecond).toBeGreaterThan(0);
    const again = (await mede2(run("evaluations/one", "model"), { cwd })).json<Record<string, unknown>>();
    expect(again).toMatchObject({ n: 4, accuracy: result.accuracy });
    expect(again).not.toHaveProperty("tokensPerSecond");
    const other = await mede2([...run("evaluations/one", "model"), "--style", "direct"], { cwd });
    expect(other.code).toBe(2);
  });

  it("compares evaluations pair by pair", async () => {
    await randomModel(join(cwd, "model-2"), 2);
    await mede2(run("evaluations/two", "model-2"), { cwd });
    const argv = ["compare", "evaluations/one", "evaluations/two", "evaluations/one", "--reliance", "--json"];
    const { comparisons, reliance } = (await mede2(argv, { cwd })).json<{
      comparisons: object[];
      reliance: object[];
    }>();
    expect(comparisons).toHaveLength(3);
    const keys = ["from", "to", "difference", "low", "high", "p", "holm", "won", "lost"];
    for (const each of comparisons) expect(Object.keys(each)).toEqual(expect.arrayContaining(keys));
    expect(reliance).toHaveLength(3);
    expect((await mede2(argv.slice(0, -1), { cwd })).out).toContain("difference");
    expect((await mede2(["compare", "evaluations/one", "data"], { cwd })).code).toBe(2);
  });

  it("grades answers of others, and says which line is wrong", async () => {
    const row = (id: number, answer: string, response: string) =>
      JSON.stringify({ id, question: "Which?", options: ["yes", "no"], answer, response });
    const file = join(cwd, "answers.jsonl");
    const rows = [row(1, "A", "<think>x</think>\\boxed{A}"), row(2, "A", "\\boxed{B}"), row(3, "B", "Hm.")];
    rows.push(row(4, "B", "B"), row(5, "B", "The answer is B."), row(6, "B", "A small effusion."));
    await writeFile(file, `${rows.join("\n")}\n`);
    const graded = await mede2(["eval", "grade", "--answers", file, "--json"], { cwd });
    expect(graded.json()).toMatchObject({ n: 6, correct: 3, answers: { found: 4, unparsed: 2 } });
    expect(graded.json<{ accuracy: number }>().accuracy).toBeCloseTo(1 / 2);
    await writeFile(file, `${rows[0]}\n${row(9, "C", "x")}\n`);
    const bad = await mede2(["eval", "grade", "--answers", file], { cwd });
    expect(bad.code).toBe(2);
    expect(bad.err).toContain("answers.jsonl:2: answer: expected a letter from A to B");
  });
});

describe("ask", () => {
  it("answers one question about a picture, and keeps the picture nowhere", async () => {
    const picture = join(cwd, "film.png");
    const { encodePng } = await import("@mede2/images");
    const pixels = {
      data: new Uint8Array(64 * 64 * 3).fill(90),
      width: 64,
      height: 64,
      channels: 3 as const,
    };
    await writeFile(picture, await encodePng(pixels));
    const argv = [
      "ask",
      "model",
      "What does it show?",
      "--image",
      picture,
      "--option",
      "yes",
      "--option",
      "no",
      ...sampling,
    ];
    const asked = await mede2([...argv, "--json"], { cwd });
    expect(asked.err).toBe("For research only: not a medical device, no advice about patients.\n");
    expect(asked.json()).toMatchObject({
      finish: expect.stringMatching(/stop|length/),
      answer: { status: expect.any(String) },
    });
    expect(asked.json<{ tokens: { completion: number } }>().tokens.completion).toBeGreaterThan(0);
    const pieces: string[] = [];
    const shown = await mede2(argv, { cwd, stdout: { write: (text) => pieces.push(text) } });
    expect(shown.code).toBe(0);
    // token by token, and in the end just what the reply holds
    expect(pieces.length).toBeGreaterThan(4);
    expect(pieces.join("").startsWith(`${printable(asked.json<{ text: string }>().text).trimEnd()}\n`)).toBe(
      true,
    );
    expect(pieces.at(-1)).toContain("answer: ");
    expect((await mede2(["ask", "https://host/v1", "x"], { cwd })).code).toBe(2);
    expect((await mede2(["ask", "data", "x"], { cwd })).err).toContain("no config.json");
  });

  it("asks a server, shows its reasoning as it comes, and says what the server said went wrong", async () => {
    const deltas = [
      { reasoning: "Look" },
      { reasoning: " closely." },
      { content: "\\boxed{" },
      { content: "yes}" },
    ];
    let body = "";
    const server = createServer((request, response) => {
      request.on("data", (piece) => {
        body += piece;
      });
      request.on("end", () => {
        if (request.url !== "/v1/chat/completions") return void response.writeHead(404).end();
        response.writeHead(200, { "content-type": "text/event-stream" });
        const send = (choice: object, more: object = {}) =>
          response.write(`data: ${JSON.stringify({ choices: [{ index: 0, ...choice }], ...more })}\n\n`);
        for (const delta of deltas) send({ delta });
        send({ delta: {}, finish_reason: "stop" }, { usage: { prompt_tokens: 9, completion_tokens: 5 } });
        response.end("data: [DONE]\n\n");
      });
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const argv = ["ask", `${url}/v1`, "Which?", "--served", "m", "--option", "no", "--option", "yes"];
      const pieces: string[] = [];
      const shown = await mede2(argv, { cwd, stdout: { write: (text) => pieces.push(text) } });
      expect(shown.err).not.toContain("mede2:");
      expect(pieces.slice(0, 4)).toEqual(["<think>\nLook", " closely.", "\n</think>\n\n\\boxed{", "yes}"]);
      const asked = await mede2([...argv, "--json"], { cwd });
      expect(asked.json()).toMatchObject({
        ...{ text: "<think>\nLook closely.\n</think>\n\n\\boxed{yes}", finish: "stop" },
        ...{ answer: { status: "found", labels: ["B"] }, tokens: { prompt: 9, completion: 5 } },
      });
      expect(JSON.parse(body.slice(body.indexOf("}{") + 1))).toMatchObject({ model: "m", stream: true });
      const lost = await mede2(["ask", `${url}/v2`, "Which?", "--served", "m"], { cwd });
      expect(lost.code).toBe(1);
      expect(lost.err).toContain("does not know m");
    } finally {
      server.close();
    }
  });
});
