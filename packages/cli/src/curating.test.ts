import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { readQuestions, wardTeacher } from "@mede2/data";
import { chatMessage } from "@mede2/llm";
import { beforeAll, describe, expect, it } from "vitest";
import { mede2, testFolder } from "../test/run-cli.ts";
import { linesOf } from "../test/tiny-world.ts";

let cwd: string;
const run = (...argv: string[]) => mede2([...argv, "--json"], { cwd });
type Counts = Record<string, number>;

beforeAll(async () => {
  cwd = await testFolder();
  await writeFile(
    join(cwd, "ward.json"),
    JSON.stringify({ seed: 1, counts: { stage1: 40, stage2: 30, "test-case": 6 } }),
  );
  const made = await Promise.all(
    [
      ["image", "stage2", "pool"],
      ["image", "test-case", "test"],
      ["text", "stage1", "cases"],
    ].map(([part, split, name]) =>
      run(
        "data",
        "import",
        "ward",
        ".",
        "--part",
        part!,
        "--split",
        split!,
        "--out",
        `${name}.questions.jsonl`,
      ),
    ),
  );
  expect(made.map(({ code }) => code)).toEqual([0, 0, 0]);
});

describe("data audit", () => {
  it("counts what a set shares with a benchmark, and writes report, hits and the clean set", async () => {
    const [pool, test] = await Promise.all(
      ["pool", "test"].map((name) => readFile(join(cwd, `${name}.questions.jsonl`), "utf8")),
    );
    await writeFile(join(cwd, "leaky.questions.jsonl"), pool! + test!.split("\n").slice(0, 4).join("\n"));
    const { code, json } = await run(
      "data",
      "audit",
      "leaky.questions.jsonl",
      "--against",
      "test.questions.jsonl",
      "--out",
      "leaky.audit",
      "--clean",
      "clean.questions.jsonl",
    );
    expect(code).toBe(0);
    const report = json<Counts & { optionForm: Counts; findings: string[] }>();
    expect(report).toMatchObject({
      exact: 4,
      near: 0,
      ngram: expect.any(Number),
      images: 4,
      optionForm: { length: 0, absolute: 0, position: expect.any(Number) },
    });
    expect(report.findings[0]).toBe(
      "4 of the 6 pictures of test.questions.jsonl are in leaky.questions.jsonl too.",
    );
    expect(await readFile(join(cwd, "clean.questions.jsonl"), "utf8")).toBe(pool);
    expect(JSON.parse(await readFile(join(cwd, "leaky.audit.json"), "utf8"))).toMatchObject({ exact: 4 });
    expect((await linesOf(join(cwd, "leaky.audit.hits.jsonl"))).length).toBeGreaterThanOrEqual(4);
    expect(
      (await mede2(["data", "audit", "pool.questions.jsonl", "--against", "test.questions.jsonl"], { cwd }))
        .out,
    ).toMatch(/exact +0/);
  });

  it("ends with 2 for options that make no sense", async () => {
    for (const [argv, said] of [
      [["data", "audit", "pool.questions.jsonl", "--clean", "x.questions.jsonl"], "--against"],
      [
        [
          "data",
          "audit",
          "pool.questions.jsonl",
          "--against",
          "test.questions.jsonl",
          "--clean",
          "x.questions.jsonl",
          "--remove",
          "all",
        ],
        "--remove takes",
      ],
      [["data", "audit", "none.questions.jsonl"], "none.questions.jsonl"],
      [
        ["data", "split", "pool.questions.jsonl", "--shares", "a=0.5", "--out", "x.questions.jsonl"],
        "must make 1",
      ],
      [
        [
          "data",
          "split",
          "pool.questions.jsonl",
          "--shares",
          "a=1",
          "--by",
          "moon",
          "--out",
          "x.questions.jsonl",
        ],
        "--by takes",
      ],
    ] as const) {
      const { code, err } = await mede2(argv, { cwd });
      expect([code, err]).toEqual([2, expect.stringContaining(said)]);
    }
  });
});

describe("data split", () => {
  it("writes the set with splits that share nothing", async () => {
    const { code, json } = await run(
      "data",
      "split",
      "pool.questions.jsonl",
      "--shares",
      "train=0.7,test=0.3",
      "--out",
      "split.questions.jsonl",
    );
    expect(code).toBe(0);
    const { kept, splits } = json<{ kept: number; splits: Record<string, { questions: number }> }>();
    expect([kept, splits.train!.questions + splits.test!.questions]).toEqual([30, 30]);
    expect(json()).toMatchObject({ kept: 30 });
    const audited = await run("data", "audit", "split.questions.jsonl");
    expect(audited.json<{ splits: object[] }>().splits).toEqual([]);
  });
});

describe("data curate", () => {
  it("picks exactly as many as the plan says, the same each time", async () => {
    const plan = { seed: 3, data: [{ path: "pool.questions.jsonl" }], settings: { count: 12 } };
    await writeFile(join(cwd, "stage2.plan.json"), JSON.stringify(plan));
    const first = await run("data", "curate", "stage2.plan.json", "--out", "one.questions.jsonl");
    expect(first.code).toBe(0);
    const { kept, dropped, card, sha256 } = first.json<{
      kept: number;
      dropped: Counts;
      card: string;
      sha256: string;
    }>();
    expect([kept, kept + Object.values(dropped).reduce((sum, n) => sum + n, 0)]).toEqual([12, 30]);
    expect(JSON.parse(await readFile(card, "utf8"))).toMatchObject({
      kind: "curated",
      file: { count: 12, sha256 },
    });
    // the complete plan that was written gives the same bytes again
    expect(
      (await run("data", "curate", "one.plan.json", "--out", "two.questions.jsonl")).json(),
    ).toMatchObject({ sha256 });
    await writeFile(join(cwd, "much.plan.json"), JSON.stringify({ ...plan, settings: {} }));
    const much = await mede2(["data", "curate", "much.plan.json", "--out", "much.questions.jsonl"], { cwd });
    expect([much.code, much.err]).toEqual([2, expect.stringContaining("1500 cases are wanted and")]);
  });
});

describe("demos", () => {
  it("makes exactly as many on the ward, and asks nothing a second time", async () => {
    const argv = [
      "demos",
      "--data",
      "cases.questions.jsonl",
      "--teacher",
      "ward",
      "--orchestration",
      "short",
      "--count",
      "15",
      "--samples",
      "3",
      "--out",
      "s1.demonstrations.jsonl",
    ];
    const first = await run(...argv);
    expect([first.code, first.err.includes("error")]).toEqual([0, false]);
    const { written, dropped, tokens } = first.json<{
      written: number;
      dropped: Counts;
      tokens: number;
      seconds: number;
    }>();
    expect([written, (await linesOf(join(cwd, "s1.demonstrations.jsonl"))).length]).toEqual([15, 15]);
    expect(tokens).toBeGreaterThan(0);
    expect(dropped["no-self-check"]).toBeGreaterThan(0);
    const bytes = await readFile(join(cwd, "s1.demonstrations.jsonl"), "utf8");
    expect((await run(...argv)).json()).toMatchObject({ written: 15, tokens: 0, asked: 0, dropped });
    expect(await readFile(join(cwd, "s1.demonstrations.jsonl"), "utf8")).toBe(bytes);
    const checks = (JSON.parse(bytes.split("\n")[0]!) as { checks: { name: string }[] }).checks.map(
      ({ name }) => name,
    );
    expect(checks).toEqual(
      expect.arrayContaining([
        "answer",
        "key-leak",
        "repetition",
        "conclusion",
        "orchestration",
        "reconstruction-check",
      ]),
    );
  });

  it("asks a teacher behind a server, and again only for what failed", async () => {
    const cases = [];
    for await (const { question } of readQuestions(join(cwd, "cases.questions.jsonl"))) cases.push(question);
    const ward = wardTeacher(cases);
    let [calls, broken] = [0, true];
    const server = createServer(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      calls += 1;
      if (broken && calls % 5 === 0) {
        response.writeHead(400, { "content-type": "application/json" }).end('{"error":{"message":"no"}}');
        return;
      }
      const { messages, seed = 0 } = JSON.parse(body) as { messages: { content: unknown }[]; seed?: number };
      const asked = messages
        .map(({ content }) =>
          typeof content === "string" ? content : JSON.stringify(content).replaceAll("\\n", "\n"),
        )
        .join("\n");
      const [reply] = await ward.generate([
        {
          messages: [chatMessage("user", asked)],
          sampling: { temperature: 1, topP: 1, maxTokens: 99, seed },
        },
      ]);
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(
        `data: ${JSON.stringify({ id: "1", model: "m", choices: [{ index: 0, delta: { content: reply!.text }, finish_reason: "stop" }], usage: { prompt_tokens: 9, completion_tokens: 9 } })}\n\n`,
      );
      response.end("data: [DONE]\n\n");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
      const argv = [
        "demos",
        "--data",
        "cases.questions.jsonl",
        "--teacher",
        url,
        "--served",
        "m",
        "--orchestration",
        "short",
        "--count",
        "10",
        "--samples",
        "2",
        "--out",
        "served.demonstrations.jsonl",
      ];
      const first = await mede2(argv, { cwd });
      expect([first.code, first.err]).toEqual([1, expect.stringMatching(/the teacher failed \d+ times/)]);
      const failed = Number(/failed (\d+) times/.exec(first.err)![1]);
      broken = false;
      const again = await run(...argv);
      expect(again.code).toBe(0);
      const recorded = await linesOf(join(cwd, "served.chains.jsonl"));
      expect(recorded.length - failed).toBe(80); // 40 cases, 2 chains each: every one answered once
      expect(again.json()).toMatchObject({ written: 10 });
    } finally {
      server.close();
    }
    const unnamed = await mede2(
      [
        "demos",
        "--data",
        "cases.questions.jsonl",
        "--teacher",
        "http://127.0.0.1:1/v1",
        "--out",
        "s.demonstrations.jsonl",
      ],
      { cwd },
    );
    expect([unnamed.code, unnamed.err]).toEqual([2, expect.stringContaining("--served")]);
  });

  it("ends with 2 when there are too few, or the template is unknown", async () => {
    const argv = [
      "demos",
      "--data",
      "cases.questions.jsonl",
      "--teacher",
      "ward",
      "--out",
      "s.demonstrations.jsonl",
    ];
    const few = await mede2([...argv, "--orchestration", "short"], { cwd });
    expect([few.code, few.err]).toEqual([2, expect.stringContaining("2000 demonstrations are wanted")]);
    const unknown = await mede2([...argv, "--orchestration", "long"], { cwd });
    expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining("paper, short")]);
  });
});
