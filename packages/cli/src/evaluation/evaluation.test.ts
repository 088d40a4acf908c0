import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { mede2, testFolder } from "../../test/run-cli.ts";
import { randomModel, wardFolder } from "../../test/tiny-world.ts";

let cwd: string;
const sampling = ["--threads", "1", "--max-tokens", "6"];

beforeAll(async () => {
  cwd = await testFolder();
  await randomModel(join(cwd, "model"));
  await wardFolder(join(cwd, "source"));
  await mede2(["data", "import", "ward", "source", "--split", "test-case", "--out", "test.questions.jsonl"], {
    cwd,
  });
  const task = {
    ...{
      name: "my-ward",
      title: "Mine",
      import: { name: "ward" },
      protocol: "vlmevalkit",
      by: ["modality"],
      expected: 5,
    },
    ...{ images: ["real", "blank", "swapped"], multimodal: true, swap: { key: "finding" } },
  };
  await writeFile(join(cwd, "task.json"), JSON.stringify(task));
  await writeFile(
    join(cwd, "task.mjs"),
    `export default ${JSON.stringify({ ...task, protocol: "nothing" })};`,
  );
});

const run = (out: string, task: string, ...more: string[]) => [
  ...[
    "eval",
    "run",
    "--model",
    "model",
    "--data",
    "test.questions.jsonl",
    "--task",
    task,
    "--out",
    out,
    "--json",
  ],
  ...sampling,
  ...more,
];

describe("eval run with a task", () => {
  it("takes a file, puts its questions by its protocol, audits the images and rates the reasoning", async () => {
    const ran = await mede2(run("ev/one", "task.json", "--images", "audit", "--quality"), { cwd });
    expect(ran.err).toContain("my-ward has 5 questions as published, here are 4");
    const result = ran.json<Record<string, unknown> & { audit: { reliance: object } }>();
    expect(result).toMatchObject({
      ...{ n: 4, task: "my-ward", protocol: "vlmevalkit", incomplete: false, left: {} },
      baselines: { n: 4, random: expect.any(Number) },
      guesses: { drawn: expect.any(Number), expected: expect.any(Number) },
      by: { modality: expect.any(Object) },
    });
    expect(Object.keys(result.audit.reliance)).toEqual(["blank", "swapped"]);
    expect(result.quality).toMatchObject({ n: expect.any(Number) });
    expect(await readdir(join(cwd, "ev/one"))).toEqual(
      expect.arrayContaining(["audit.json", "quality.json", "my-ward.evaluation.jsonl"]),
    );
    const text = await readFile(join(cwd, "ev/one/answers.trace.jsonl"), "utf8");
    expect(text.trim().split("\n")).toHaveLength(12);
    const shown = await mede2(
      run("ev/one", "task.json", "--images", "audit").filter((word) => word !== "--json"),
      { cwd },
    );
    expect(shown.out).toMatch(/real − blank .* of the answers change/);
    expect(shown.out).toMatch(/knowing nothing, on the 4 with options: guessing \d/);
  });
  it("says how well votes are calibrated where there are several samples", async () => {
    const ran = await mede2(run("ev/many", "task.json", "--samples", "4", "--temperature", "1"), { cwd });
    expect(ran.json()).toMatchObject({
      n: 4,
      calibration: { n: 4, samples: [4, 4], ece: { value: expect.any(Number) } },
    });
    expect(await readdir(join(cwd, "ev/many"))).toContain("calibration.json");
  });
  it("ends with 2 for a bad task, an unknown protocol, and a built-in task of another source", async () => {
    for (const [argv, said] of [
      [run("ev/x", "task.mjs"), "the task is not valid: protocol"],
      [run("ev/x", "task.json", "--protocol", "luck"), 'there is no protocol "luck"'],
      [run("ev/x", "slake"), "none of the 4 questions belongs to slake"],
      [run("ev/x", "task.json", "--style", "direct", "--protocol", "direct"), "exclude each other"],
      [run("ev/x", "task.json", "--images", "real,audit"), "Expected a list"],
    ] as const) {
      const { code, err } = await mede2([...argv], { cwd });
      expect(err).toContain(said);
      expect(code).toBe(2);
    }
  });
  it("grades its answers as another harness does, without a model", async () => {
    const argv = [
      "eval",
      "grade",
      "--run",
      "ev/one",
      "--data",
      "test.questions.jsonl",
      "--protocol",
      "medevalkit",
      "--out",
      "ev/kit",
      "--json",
    ];
    const ran = await mede2(argv, { cwd });
    expect(ran.err).toBe("");
    expect(ran.json<{ summaries: object[] }>().summaries).toHaveLength(3);
    expect(ran.json()).toMatchObject({ n: 4, guesses: { drawn: 0, nearest: expect.any(Number) } });
    const [line] = (await readFile(join(cwd, "ev/kit/my-ward.evaluation.jsonl"), "utf8")).split("\n");
    expect(JSON.parse(line!)).toMatchObject({
      protocol: "vlmevalkit, read as medevalkit",
      reading: "medevalkit",
      byRule: { strict: {} },
    });
    expect((await mede2(["eval", "grade", "--run", "ev/one"], { cwd })).code).toBe(2);
    expect((await mede2(["eval", "grade"], { cwd })).err).toContain("give --answers or --run");
  });
  it("lets a judge read what the rules could not, as a second score", async () => {
    const ran = await mede2(
      [
        "eval",
        "judge",
        "ev/one",
        "--model",
        "model",
        "--data",
        "test.questions.jsonl",
        "--statuses",
        "truncated,unparsed",
        "--json",
        ...sampling,
      ],
      { cwd },
    );
    expect(ran.json()).toMatchObject({
      judge: "model",
      n: 4,
      strict: expect.any(Number),
      withJudge: expect.any(Number),
      unscored: { "off-menu": expect.any(Number) },
    });
    expect(await readFile(join(cwd, "ev/one/judge.jsonl"), "utf8")).toContain('"record":"judge-verdict"');
    const kept = JSON.parse(await readFile(join(cwd, "ev/one/judge.json"), "utf8")) as object;
    expect(kept).toMatchObject({ judge: "model", images: "real", low: expect.any(Number) });
    expect(kept).not.toHaveProperty("verdicts");
  });
  it("draws questions by seed, and goes on with more of them", async () => {
    const asked = async (...more: string[]) => {
      const ran = await mede2(run("ev/drawn", "task.json", "--shuffle", "--limit", ...more), { cwd });
      expect(ran.json()).toMatchObject({ n: Number(more[0]) });
      const lines = (await readFile(join(cwd, "ev/drawn/my-ward.evaluation.jsonl"), "utf8"))
        .trim()
        .split("\n");
      return lines.map((line) => (JSON.parse(line) as { questionId: string }).questionId);
    };
    const two = await asked("2");
    expect(await asked("3")).toEqual(expect.arrayContaining(two));
    const answers = await readFile(join(cwd, "ev/drawn/answers.trace.jsonl"), "utf8");
    expect(answers.trim().split("\n")).toHaveLength(3);
    const bare = await mede2(run("ev/x", "task.json", "--shuffle"), { cwd });
    expect(bare).toMatchObject({ code: 2 });
    expect(bare.err).toContain("--shuffle needs --limit");
  });
  it("tells calibration by the options' probabilities, and the report draws it", async () => {
    const argv = ["eval", "calibrate", "ev/one", "--model", "model", "--data", "test.questions.jsonl"];
    const ran = await mede2([...argv, "--threads", "1", "--json"], { cwd });
    expect(ran.json()).toMatchObject({
      ...{ n: 4, accuracy: expect.any(Number), low: expect.any(Number), brier: expect.any(Number) },
      ece: { value: expect.any(Number) },
    });
    const { confidence } = ran.json<{ confidence: number }>();
    expect(confidence).toBeGreaterThan(0.2);
    expect(confidence).toBeLessThanOrEqual(1);
    expect(await readdir(join(cwd, "ev/one"))).toContain("options.json");
    const shown = await mede2([...argv, "--threads", "1", "--limit", "2"], { cwd });
    expect(shown.out).toMatch(/^2 questions: the likeliest option is right in /);
    expect((await mede2(["eval", "calibrate", "ev/one", "--model", "model"], { cwd })).code).toBe(2);
  });
});

it("eval reorder writes questions with their options in another order, which compare with the others", async () => {
  const argv = ["eval", "reorder", "test.questions.jsonl", "--seed", "1", "--out", "other.questions.jsonl"];
  expect((await mede2([...argv, "--json"], { cwd })).json()).toEqual({ written: 4, reordered: 4, kept: {} });
  const ran = run("ev/reordered", "task.json").map((word) =>
    word === "test.questions.jsonl" ? "other.questions.jsonl" : word,
  );
  expect((await mede2(ran, { cwd })).code).toBe(0);
  const compared = await mede2(["compare", "ev/one", "ev/reordered", "--resamples", "100", "--json"], {
    cwd,
  });
  expect(compared.json()).toMatchObject({ comparisons: [{ n: 4 }] });
  expect((await mede2(argv, { cwd })).out).toContain("4 questions, 4 with their options in another order");
});

it("eval tasks lists tasks and protocols with where they come from", async () => {
  const { tasks, protocols } = (await mede2(["eval", "tasks", "--json"], { cwd })).json<{
    tasks: { name: string }[];
    protocols: Record<string, object>;
  }>();
  expect(tasks.map(({ name }) => name)).toContain("mmmu-pro-health-10");
  expect(Object.keys(protocols).length).toBeGreaterThan(5);
  expect((await mede2(["eval", "tasks", "medxpertqa", "--json"], { cwd })).json()).toMatchObject({
    protocol: { provenance: [{ part: "prompt" }, { part: "reading" }, {}] },
  });
  expect((await mede2(["eval", "tasks"], { cwd })).out).toContain(
    "mede2 data import slake DIR --part en --split test",
  );
  expect((await mede2(["eval", "tasks", "none"], { cwd })).code).toBe(2);
  const checked = ["eval", "tasks", "task.json", "--data", "test.questions.jsonl"];
  expect((await mede2([...checked, "--json"], { cwd })).json()).toMatchObject({
    task: "my-ward",
    questions: 4,
    left: {},
    baselines: { n: 4 },
    detectable: [{ discordance: 0.15, difference: null }, {}, { discordance: 0.35, difference: null }],
  });
  expect((await mede2(checked, { cwd })).out).toContain("note: my-ward has 5 questions as published");
});

describe("compare with gates", () => {
  const line = (id: number, images: string, correct: boolean) =>
    JSON.stringify({
      ...{
        record: "evaluation-record",
        v: 1,
        questionId: `q:${id}`,
        task: "t",
        protocol: "reason",
        model: { name: "m" },
        stage: null,
        images,
      },
      ...{
        sample: 0,
        traceId: "0".repeat(16),
        answer: { status: "found", labels: [correct ? "A" : "B"], rule: "boxed", span: null },
      },
      ...{ outcome: { correct }, byRule: {}, group: {}, tags: { language: "en" } },
    });
  const folder = async (name: string, real: number, blind: number) => {
    await mkdir(join(cwd, name), { recursive: true });
    const rows = Array.from({ length: 300 }, (_, id) => [
      line(id, "real", id < real),
      line(id, "swapped", id < blind),
    ]).flat();
    await writeFile(join(cwd, name, "t.evaluation.jsonl"), `${rows.join("\n")}\n`);
  };
  it("fails a stage that gains by the text alone, and passes one that gains by the image", async () => {
    await folder("g/base", 120, 90);
    await folder("g/text", 210, 180);
    await folder("g/image", 210, 100);
    const argv = (to: string) => [
      "compare",
      "g/base",
      to,
      "--require-image-use",
      "--margin",
      "0.05",
      "--resamples",
      "500",
      "--json",
    ];
    const failed = await mede2(argv("g/text"), { cwd });
    expect(failed.code).toBe(1);
    expect(failed.json()).toMatchObject({
      comparisons: [{ won: 90, lost: 0, nonInferior: { margin: 0.05, verdict: "shown" } }],
      gates: [
        {
          gate: "image-use",
          passed: false,
          checks: [{}, {}, {}, { name: "gain-from-image", status: "failed" }],
        },
      ],
    });
    expect((await mede2(argv("g/image"), { cwd })).code).toBe(0);
    const regression = await mede2(
      ["compare", "g/text", "g/image", "g/base", "--require-no-regression", "--resamples", "500"],
      { cwd },
    );
    expect(regression.code).toBe(1);
    expect(regression.out).toMatch(/no-regression, text to image: passed/);
    expect(regression.out).toMatch(/no-regression, text to base: not passed/);
    const flips = (await mede2([...argv("g/image"), "--flips"], { cwd })).json<{
      comparisons: { wonIds: string[] }[];
    }>();
    expect(flips.comparisons[0]!.wonIds).toHaveLength(90);
  });
});

describe("eval run with a server", () => {
  it("asks it with images, keeps replies by content, and says when the run is incomplete", async () => {
    const asked: { messages: { content: unknown }[] }[] = [];
    let broken = true;
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => {
        asked.push(JSON.parse(body));
        if (broken && asked.length === 1) {
          response.writeHead(400, { "content-type": "application/json" });
          return void response.end(JSON.stringify({ error: { message: "no" } }));
        }
        response.writeHead(200, { "content-type": "text/event-stream" });
        const choice = { index: 0, delta: { content: "\\boxed{A}" }, finish_reason: "stop" };
        response.write(
          `data: ${JSON.stringify({ choices: [choice], usage: { prompt_tokens: 9, completion_tokens: 4 } })}\n\n`,
        );
        response.end("data: [DONE]\n\n");
      });
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/v1`;
    const argv = (out: string) => [
      ...[
        "eval",
        "run",
        "--model",
        url,
        "--served",
        "tiny-vl",
        "--data",
        "test.questions.jsonl",
        "--task",
        "ward",
        "--protocol",
        "direct-labels",
      ],
      ...["--out", out, "--cache", "replies", "--json"],
    ];
    const first = await mede2(argv("ev/server"), { cwd });
    expect(first.code).toBe(1);
    expect(first.json()).toMatchObject({
      n: 3,
      incomplete: true,
      excluded: { error: 1 },
      bounds: { low: expect.any(Number) },
    });
    expect(first.json()).not.toHaveProperty("accuracy");
    broken = false;
    const again = await mede2(argv("ev/server"), { cwd });
    expect(again.json()).toMatchObject({ n: 4, incomplete: false, accuracy: expect.any(Number) });
    expect(JSON.stringify(asked.at(-1)!.messages)).toContain("data:image/png;base64,");
    const count = asked.length;
    expect((await mede2(argv("ev/server-2"), { cwd })).json()).toMatchObject({ n: 4 });
    expect(asked).toHaveLength(count); // all from the cache
    const blind = await mede2([...argv("ev/blind"), "--probe"], { cwd });
    expect(blind.code).toBe(2);
    expect(blind.err).toContain("does not see pictures (no:");
    expect(JSON.parse(await readFile(join(cwd, "ev/blind/endpoint.json"), "utf8"))).toMatchObject({
      served: "tiny-vl",
      image: { sees: "no" },
    });
    const probed = await mede2(["eval", "probe", url, "--served", "tiny-vl", "--words", "80", "--json"], {
      cwd,
    });
    expect(probed.json()).toMatchObject({
      served: "tiny-vl",
      image: { sees: "no" },
      reasoning: "none",
      determinism: { same: true, replies: 3 },
      longPrompt: { words: 80 },
    });
    expect((await mede2(["eval", "probe", "models/tiny", "--served", "tiny"], { cwd })).code).toBe(2);
    expect(
      (
        await mede2(
          argv("x").filter((word) => word !== "--served" && word !== "tiny-vl"),
          { cwd },
        )
      ).err,
    ).toContain("--served");
  });
});
