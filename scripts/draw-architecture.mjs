// Draws docs/images/architecture.svg. The layers and packages in it come from the manifests, so that it cannot go stale
// unnoticed: a test compares the committed file with a fresh drawing.
//   node scripts/draw-architecture.mjs
import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { packagesOf, root } from "./lib/workspace.mjs";

const WIDTH = 1040;
const MARGIN = 28;
const STYLE = `
  .page { fill: #ffffff; stroke: #d1d9e0; }  .ink { fill: #1f2328; }  .muted { fill: #59636e; }
  .record { fill: #f6f8fa; stroke: #8c959f; }  .band { fill: #f6f8fa; }  .chip { fill: #ffffff; stroke: #d1d9e0; }
  .one { fill: #ddf4ff; stroke: #0969da; }  .two { fill: #fbefff; stroke: #8250df; }  .check { fill: #dafbe1; stroke: #1a7f37; }
  .line { stroke: #59636e; fill: none; stroke-width: 1.4; }  .head { fill: #59636e; }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117; stroke: #3d444d; }  .ink { fill: #f0f6fc; }  .muted { fill: #9198a1; }
    .record { fill: #151b23; stroke: #656c76; }  .band { fill: #151b23; }  .chip { fill: #0d1117; stroke: #3d444d; }
    .one { fill: #0c2d4d; stroke: #4493f8; }  .two { fill: #2f1d4d; stroke: #ab7df8; }  .check { fill: #0f3320; stroke: #3fb950; }
    .line { stroke: #9198a1; }  .head { fill: #9198a1; }
  }
  text { font-family: system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
  .heading { font-size: 17px; font-weight: 600; }  .name { font-size: 13px; font-weight: 600; }
  .note { font-size: 11px; }  .label { font-size: 12px; }`;

const xml = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
const text = (x, y, className, words, anchor = "middle") =>
  `<text x="${x}" y="${y}" class="${className}" text-anchor="${anchor}">${xml(words)}</text>`;

/** A box with a name and one line below it. */
const box = ([x, y, width, kind, name, note]) =>
  [
    `<rect x="${x}" y="${y}" width="${width}" height="50" rx="8" class="${kind}"/>`,
    text(x + width / 2, y + 21, "ink name", name),
    text(x + width / 2, y + 38, "muted note", note),
  ].join("");

/** An arrow through points. */
const arrow = (...points) =>
  `<path class="line" marker-end="url(#head)" d="M${points.map((it) => it.join(" ")).join(" L")}"/>`;

const FLOW = [
  [28, 132, 130, "record", "source data", "sets, films, the ward"],
  [196, 132, 118, "record", "Question", "@mede2/data"],
  [360, 84, 134, "one", "Demonstration", "reasoned, text only"],
  [532, 84, 134, "one", "Stage I plan", "supervised"],
  [360, 180, 134, "two", "K answers each", "by Stage I, with image"],
  [532, 180, 134, "two", "PreferencePair", "@mede2/preference"],
  [704, 180, 134, "two", "Stage II plan", "DPO with NLL"],
  [876, 132, 136, "record", "@mede2/trainer", "one graph a step"],
  [704, 276, 308, "record", "checkpoints", "Hugging Face folders: base, Stage I, Stage II"],
  [360, 276, 306, "check", "answers on held-out questions", "images real, blank and swapped · @mede2/eval"],
  [28, 276, 286, "check", "report", "intervals and paired comparisons · @mede2/stats"],
];

const ARROWS = [
  arrow([158, 157], [194, 157]),
  arrow([314, 150], [337, 150], [337, 109], [358, 109]),
  arrow([314, 164], [337, 164], [337, 205], [358, 205]),
  arrow([494, 109], [530, 109]),
  arrow([494, 205], [530, 205]),
  arrow([666, 205], [702, 205]),
  arrow([666, 109], [857, 109], [857, 148], [874, 148]),
  arrow([838, 205], [857, 205], [857, 166], [874, 166]),
  arrow([944, 182], [944, 274]),
  arrow([704, 301], [668, 301]),
  arrow([360, 301], [316, 301]),
];

const LAYER_NOTES = {
  0: "records and mathematics",
  1: "runs, images, answers, chat",
  2: "models, data, preference",
  3: "training and evaluation",
  4: "plans and engines",
  5: "viewers",
  6: "the command",
};

/** One band for each layer that has a package, the highest first. */
function layers(packages, top) {
  const numbers = [...new Set(packages.map(({ manifest }) => manifest.layer))].sort((a, b) => b - a);
  const parts = numbers.map((layer, row) => {
    const y = top + row * 46;
    const names = packages.filter(({ manifest }) => manifest.layer === layer).map(({ dir }) => basename(dir));
    const chips = names.map((name, i) => {
      const x = 330 + i * 138;
      return `<rect x="${x}" y="${y + 6}" width="128" height="26" rx="6" class="chip"/>${text(x + 64, y + 24, "ink name", name)}`;
    });
    return [
      `<rect x="${MARGIN}" y="${y}" width="${WIDTH - 2 * MARGIN}" height="38" rx="8" class="band"/>`,
      text(MARGIN + 14, y + 24, "ink name", `Layer ${layer}`, "start"),
      text(MARGIN + 76, y + 24, "muted label", LAYER_NOTES[layer] ?? "", "start"),
      ...chips,
    ].join("\n");
  });
  return { svg: parts.join("\n"), bottom: top + numbers.length * 46 };
}

/** The drawing of the workspace's packages. */
export function drawing(packages = packagesOf()) {
  const bands = layers(packages, 468);
  const height = bands.bottom + 20;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title description">
<title id="title">The architecture of MedE²</title>
<desc id="description">Above, how data flows: source data become questions; questions become text-only demonstrations for Stage I, and sampled, scored and paired answers for Stage II; the trainer writes checkpoints; the evaluation compares base, Stage I and Stage II and writes a report. Below, the layers of packages; imports go to strictly lower layers.</desc>
<style>${STYLE}
</style>
<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto"><path class="head" d="M0 0 L10 5 L0 10 z"/></marker></defs>
<rect x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="12" class="page"/>
${text(MARGIN, 44, "ink heading", "How data flows", "start")}
${text(MARGIN, 64, "muted label", "Packages meet in files: the records of @mede2/schemas, and model folders.", "start")}
${FLOW.map(box).join("\n")}
${ARROWS.join("\n")}
<rect x="${MARGIN}" y="350" width="${WIDTH - 2 * MARGIN}" height="38" rx="8" class="band"/>
${text(MARGIN + 14, 374, "ink name", "run folder", "start")}
${text(MARGIN + 92, 374, "muted label", "run.json · events.jsonl · control/ · traces/ · checkpoints/ — every long job appends to it; commands and viewers only read it and put requests", "start")}
${text(MARGIN, 432, "ink heading", "Layers", "start")}
${text(MARGIN, 452, "muted label", "An import goes to a strictly lower layer. A check enforces it.", "start")}
${bands.svg}
</svg>
`;
}

if (process.argv[1] && import.meta.url.endsWith(basename(process.argv[1])))
  writeFileSync(join(root, "docs/images/architecture.svg"), drawing());
