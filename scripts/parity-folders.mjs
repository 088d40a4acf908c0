// Trains small models with our trainer, scores and generates with the results, and writes both down for Python.
//   node scripts/parity-folders.mjs PYTHON DIR     then: python live_parity.py folders DIR/cases.json
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, relative, resolve } from "node:path";
import { root } from "./lib/workspace.mjs";
import { casesOf, storePictures } from "./parity/cases.mjs";
import { images } from "./parity/packages.mjs";
import { train, writeData } from "./parity/training.mjs";

const [python, target] = process.argv.slice(2);
if (!python || !target) {
  console.error("usage: node scripts/parity-folders.mjs PYTHON DIR");
  process.exit(2);
}
const out = resolve(target);
const goldens = join(root, "packages/nn/test/goldens");
for (const folder of ["checkpoint", "checkpoint-untied", "adapter"])
  cpSync(join(goldens, "qwen2-5-vl", folder), join(out, "models", folder), { recursive: true });
mkdirSync(out, { recursive: true });
const store = images.openImageStore(join(out, ".mede2/images"));
const refs = await storePictures(store, goldens);
const data = writeData(out, refs);

const lora = {
  rank: 4,
  alpha: 8,
  dropout: 0,
  targets: ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
};
const sft = { kind: "sft", loss: { name: "cross-entropy" } };
const dpo = { kind: "preference", loss: { name: "dpo", beta: 0.1, nllWeight: 0.5 }, freeze: ["visual."] };
const mpo = { kind: "preference", loss: { name: "mpo", beta: 0.1 } };

const cases = [];
const add = async (name, model, adapter, pictures = refs) => {
  const folder = (path) => (path === undefined ? undefined : join(out, path));
  const path = (file) => relative(out, file);
  const settings = { model: folder(model), adapter: folder(adapter), store, refs: pictures, path };
  cases.push(...(await casesOf(out, name, settings)));
};

// Folders of others, read by us.
await add("golden-adapter", "models/checkpoint", "models/adapter");
execFileSync(
  python,
  [
    join(root, "python/live_parity.py"),
    "save",
    join(out, "models/checkpoint-untied"),
    join(out, "models/v5"),
  ],
  {
    stdio: "inherit",
  },
);
await add("saved-by-transformers", "models/v5");

// Folders of ours, read by others.
const stage1 = await train(out, "sft-full", data.sft, { ...sft, model: "models/checkpoint" });
await add("sft-full", stage1);
await add(
  "sft-full-untied",
  await train(out, "sft-full-untied", data.sft, { ...sft, model: "models/checkpoint-untied" }),
);
await add("dpo-full", await train(out, "dpo-full", data.preference, { ...dpo, model: stage1 }));
await add(
  "sft-lora",
  "models/checkpoint",
  await train(out, "sft-lora", data.sft, { ...sft, model: "models/checkpoint", lora }),
);
await add("mpo-lora", stage1, await train(out, "mpo-lora", data.preference, { ...mpo, model: stage1, lora }));

// Whole folders of the other families, with tokenizers, templates and image processors as they are published: an adapter is trained on each, by a pattern of names, each kind twice.
const kinds = {
  ...{ llama3: {}, idefics3: { base: "nf4" }, internvl: { dora: true }, qwen2: { dora: true } },
  ...{ qwen3: { base: "nf4" }, qwen3_vl: { bRate: 8 }, smollm2: { rs: true }, smolvlm: { rs: true } },
};
execFileSync(python, [join(root, "python/family_folders.py"), join(out, "models/families")], {
  stdio: "inherit",
});
const blind = writeData(out, [], 8, undefined, "blind");
const byPattern = { ...lora, targets: ["model.layers.*_proj"] };
for (const family of readdirSync(join(out, "models/families"))) {
  const model = `models/families/${family}`;
  const sees = existsSync(join(out, model, "preprocessor_config.json"));
  const adapter = await train(out, `sft-${family}`, (sees ? data : blind).sft, {
    ...{ ...sft, model, lora: { ...byPattern, ...kinds[family] } },
    batch: { size: 2, accumulation: 2, maxTokens: 1024 },
  });
  await add(`sft-${family}`, model, adapter, sees ? refs : []);
}

// The models that the repository ships.
const shipped = join(root, "packages/recipes/models");
for (const name of readdirSync(shipped)) {
  cpSync(join(shipped, name), join(out, "models", `shipped-${name}`), { recursive: true });
  await add(`shipped-${name}`, `models/shipped-${name}`);
}

// A published model, where scripts/smollm2.sh has made its folder.
const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
const published = process.env.MEDE2_SMOLLM2 || join(cache, "mede2/smollm2-135m-instruct");
if (existsSync(join(published, "model.safetensors"))) {
  symlinkSync(published, join(out, "models/smollm2-135m"));
  await add("smollm2-135m", "models/smollm2-135m", undefined, []);
}

writeFileSync(join(out, "cases.json"), `${JSON.stringify({ cases }, null, 1)}\n`);
console.log(`${cases.length} cases in ${join(out, "cases.json")}`);
