// Exports of a full training and of one with LoRA, opened by transformers, PEFT and the Hub's library. Needs a built workspace and the checking environment (scripts/parity-env.sh).
//   node scripts/check-export.mjs
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { closingLine } from "./lib/counts.mjs";
import { checker } from "./lib/pack.mjs";
import { root } from "./lib/workspace.mjs";

const load = (name) => import(pathToFileURL(join(root, `packages/${name}/dist/index.js`)).href);
const environment =
  process.env.MEDE2_PARITY_ENV ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "mede2/parity");
const workspace = mkdtempSync(join(tmpdir(), "mede2-export-"));
const { check, counts } = checker();

function mede2(...argv) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "packages/cli/bin/mede2.mjs"), ...argv, "--json"],
    { cwd: workspace, encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`mede2 ${argv.join(" ")} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout.trim().split("\n").at(-1));
}

try {
  const [{ tinyFolder }, { wardCases, wardDemonstration }, { writeJsonlAtomic }] = await Promise.all(
    ["recipes", "data", "schemas"].map(load),
  );
  cpSync(tinyFolder, join(workspace, "base"), { recursive: true });
  const records = wardCases({ split: "stage1", count: 16, seed: 1 }).map((each) =>
    wardDemonstration(each, 1),
  );
  await writeJsonlAtomic(join(workspace, "a.demonstrations.jsonl"), records);
  const train = (id, ...more) => {
    mede2(
      ...["plan", "demo-stage1", "--model", "base", "--data", "a.demonstrations.jsonl", "--steps", "3"],
      ...["--set", "batch.size=4", "--threads", "1", "--no-time", "--out", `${id}.plan.json`, ...more],
    );
    mede2("train", `${id}.plan.json`, "--out", `runs/${id}`);
  };
  const lora = '{"rank":4,"alpha":8,"targets":["model.layers.*_proj"],"dropout":0}';
  await check("a full training and one with LoRA", () => {
    train("full");
    train("lora", "--learning-rate", "0.01", "--set", `lora=${lora}`);
  });
  await check("exports", () => {
    mede2("export", "full", "model", "--licence", "apache-2.0");
    mede2("export", "lora", "adapter", "--base-model", "org/base");
    // the base has weights in half precision; rounded to it, the sum cannot be compared to the digit
    mede2("export", "lora", "merged", "--merge", "--dtype", "float32");
  });
  await check("transformers, PEFT and the Hub's library open them", () => {
    const python = join(environment, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
    const folders = ["base", "model", "adapter", "merged"].map((name) => join(workspace, name));
    const ran = spawnSync(python, [join(root, "python/check_export.py"), ...folders], {
      encoding: "utf8",
      env: { ...process.env, HF_HUB_OFFLINE: "1", CUDA_VISIBLE_DEVICES: "" },
    });
    if (ran.status !== 0) throw new Error(ran.stderr.trim().split("\n").slice(-5).join("\n"));
    const found = JSON.parse(ran.stdout.trim().split("\n").at(-1));
    console.log(
      `     merged − (base + adapter): ${found.merged}, what the adapter changes: ${found.adapter}, what the training changed: ${found.trained}`,
    );
    if (!(found.merged < 1e-4 && found.adapter > 0.01 && found.trained > 0.01))
      throw new Error("the logits are not those that they must be");
    const { model, adapter, merged } = found.cards;
    const wrong = [
      model.license !== "apache-2.0" || model.library_name !== "transformers" || model.base_model !== "base",
      adapter.library_name !== "peft" || adapter.base_model !== "org/base",
      merged.pipeline_tag !== "image-text-to-text" || !merged.tags.includes("research-only"),
    ];
    if (wrong.includes(true)) throw new Error(JSON.stringify(found.cards));
  });
  await check("cards name no folder of this machine", () => {
    for (const name of ["model", "adapter", "merged"])
      if (readFileSync(join(workspace, name, "README.md"), "utf8").includes(workspace)) throw new Error(name);
  });
} finally {
  rmSync(workspace, { recursive: true, force: true });
}
console.log(closingLine(counts));
process.exitCode = counts.failed ? 1 : 0;
