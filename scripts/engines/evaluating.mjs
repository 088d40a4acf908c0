// An adapter of ms-swift is evaluated here and behind an OpenAI-compatible server, with the same words; and not with another template than that of its training.
import { spawn } from "node:child_process";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const questions = 4;

export async function evaluating({ check, mede2, checkpointOf, work, swift }) {
  const pairs = readFileSync(join(work, "data/stage2-dev.pairs.jsonl"), "utf8").trim().split("\n");
  const lines = pairs.slice(0, questions).map((line) => `${JSON.stringify(JSON.parse(line).question)}\n`);
  writeFileSync(join(work, "data/held-out.questions.jsonl"), lines.join(""));
  const asked = ["--task", "all", "--data", join(work, "data/held-out.questions.jsonl"), "--style", "reason"];
  const decoding = ["--temperature", "0", "--max-tokens", "24"];
  const adapter = checkpointOf("dpo-ms-swift");
  const evaluate = (out, ...model) =>
    mede2("eval", "run", ...model, ...asked, ...decoding, "--out", join(work, out)).done;
  const textsOf = (out) => {
    const folder = join(work, out);
    const file = readdirSync(folder, { recursive: true }).find((name) => name.endsWith(".trace.jsonl"));
    const traces = readFileSync(join(folder, file), "utf8").trim().split("\n").map(JSON.parse);
    return traces.sort((a, b) => (a.questionId < b.questionId ? -1 : 1)).map(({ text }) => text);
  };

  const here = await evaluate("evaluation-here", "--model", join(work, "model"), "--adapter", adapter);
  check(
    "mede2 eval run on ms-swift's adapter",
    here.code === 0 && here.json.n === questions,
    here.errors.slice(-300),
  );

  const other = join(work, "model-of-another-template");
  cpSync(join(work, "model"), other, { recursive: true });
  const template = join(other, "chat_template.jinja");
  writeFileSync(
    template,
    readFileSync(template, "utf8").replace("You are a helpful assistant.", "You are a doctor."),
  );
  const locked = await evaluate("evaluation-locked", "--model", other, "--adapter", adapter);
  check(
    "another chat template than that of the training: refused by name",
    locked.code === 2 && /template/.test(locked.json.error?.message ?? ""),
    locked.json.error?.message,
  );

  const port = await freePort();
  const server = spawn(
    join(resolve(swift, ".."), "swift"),
    [
      ...[
        "deploy",
        "--model",
        join(work, "model"),
        "--template",
        "qwen2_5_vl",
        "--adapters",
        `tuned=${adapter}`,
      ],
      ...[
        "--infer_backend",
        "transformers",
        "--torch_dtype",
        "float32",
        "--attn_impl",
        "sdpa",
        "--load_args",
        "false",
      ],
      ...["--host", "127.0.0.1", "--port", String(port), "--served_model_name", "base", "--verbose", "false"],
    ],
    {
      ...{ cwd: work, detached: true, stdio: ["ignore", "pipe", "pipe"] },
      env: {
        ...process.env,
        ...{ HF_HUB_OFFLINE: "1", CUDA_VISIBLE_DEVICES: "", OMP_NUM_THREADS: "1" },
        ...{ IMAGE_MIN_TOKEN_NUM: "4", IMAGE_MAX_TOKEN_NUM: "16" },
      },
    },
  );
  let said = "";
  for (const stream of [server.stdout, server.stderr])
    stream.on("data", (text) => (said = (said + text).slice(-4000)));
  try {
    const url = `http://127.0.0.1:${port}/v1`;
    const ready = await answers(`${url}/models`, server);
    check("swift deploy serves the adapter", ready, ready ? "" : said.slice(-800));
    if (!ready) return;
    const there = await evaluate("evaluation-there", "--model", url, "--served", "tuned");
    check(
      "mede2 eval run on the server",
      there.code === 0 && there.json.n === questions,
      there.errors.slice(-300),
    );
    const [own, served] = [textsOf("evaluation-here"), textsOf("evaluation-there")];
    const same = own.filter((text, index) => text === served[index]).length;
    check("the same words here and there", same === questions, `${same} of ${questions} answers`);
  } finally {
    process.kill(-server.pid, "SIGTERM");
  }
}

function freePort() {
  return new Promise((settle) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => settle(port));
    });
  });
}

async function answers(url, server) {
  for (let waited = 0; waited < 180 && server.exitCode === null; waited++) {
    const reply = await fetch(url).catch(() => undefined);
    if (reply?.ok) return true;
    await sleep(1000);
  }
  return false;
}
