// The table of docs/papers.md: what the papers' plans take on graphics processors. Needs a build.
//   node packages/recipes/scripts/paper-table.mjs [--write]
import { readFileSync, writeFileSync } from "node:fs";
import { estimateOnGpus, gpuMachines, medE2Stage1Plan, medE2Stage2Plan, paperModel } from "../dist/index.js";

const names = ["qwen2.5-vl-7b", "qwen2.5-vl-32b", "qwen2.5-vl-72b", "internvl3-8b", "internvl3-38b"];
const stages = [
  ["I", medE2Stage1Plan, { records: 2000, meanTokens: 900, longestTokens: 4096, patches: 0 }],
  ["II", medE2Stage2Plan, { records: 1500, meanTokens: 1200, longestTokens: 4096, patches: 3000 }],
];
const settings = {
  ...{ workspace: "/w", model: "/w/base", seed: 1, threads: 1 },
  processor: { template: { hash: "0".repeat(64) }, images: { minPixels: 3136, maxPixels: 12_845_056 } },
  data: { path: "data.jsonl", sha256: "0".repeat(64) },
};
const methods = { qlora: "QLoRA", lora: "LoRA", full: "full" };
const time = (seconds) =>
  seconds < 5400 ? `${Math.max(1, Math.round(seconds / 60))} min` : `${(seconds / 3600).toFixed(1)} h`;
const cell = ({ fits, sharding, bytesPerGpu, seconds }) => {
  const memory = `${Math.round(bytesPerGpu / 2 ** 30)} GiB`;
  if (!fits) return `no: ${memory}`;
  return `${memory}${sharding === "none" ? "" : `, ${sharding === "zero2" ? "ZeRO-2" : "ZeRO-3"}`}; ${time(seconds.low)}–${time(seconds.high)}`;
};
const rows = names.flatMap((name) =>
  stages.flatMap(([stage, make, data]) =>
    ["qlora", "lora", "full"].map((method) => {
      const plan = make({ ...settings, method });
      const cells = gpuMachines.map((machine) =>
        cell(estimateOnGpus(plan, paperModel(name).config, data, machine)),
      );
      return `| ${name} | ${stage} | ${methods[method]} | ${cells.join(" | ")} |`;
    }),
  ),
);
const head = `| model | stage | method | ${gpuMachines.map(({ name }) => name).join(" | ")} |\n|${"---|".repeat(3 + gpuMachines.length)}`;
const table = `${head}\n${rows.join("\n")}`;
if (process.argv.includes("--write")) {
  const page = new URL("../../../docs/papers.md", import.meta.url);
  const text = readFileSync(page, "utf8");
  const [begin, end] = ["<!-- gpus: begin -->", "<!-- gpus: end -->"];
  const before = text.slice(0, text.indexOf(begin) + begin.length);
  writeFileSync(page, `${before}\n${table}\n${text.slice(text.indexOf(end))}`);
} else console.log(table);
