// Reads and writes again every model that the onnx package ships or generates, and lets that package compare them.
//   node scripts/parity-onnx.mjs PYTHON DIR
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { closingLine } from "./lib/counts.mjs";
import { root } from "./lib/workspace.mjs";

const [python, dir] = process.argv.slice(2);
if (!python || !dir) {
  console.error("usage: node scripts/parity-onnx.mjs PYTHON DIR");
  process.exit(2);
}
const codec = join(root, "packages/onnx/dist/codec");
const { decodeModel } = await import(join(codec, "decode-model.js"));
const { encodeModel } = await import(join(codec, "encode-model.js"));

mkdirSync(dir, { recursive: true });
const listed = execFileSync(python, [join(root, "python/onnx_models.py"), join(dir, "nodes")], {
  encoding: "utf8",
  maxBuffer: 1 << 26,
  stdio: ["ignore", "pipe", "ignore"],
});
const pairs = [];
let failed = 0;
for (const [i, path] of listed.trim().split("\n").entries()) {
  const written = join(dir, `${i}.onnx`);
  try {
    writeFileSync(written, encodeModel(decodeModel(readFileSync(path))));
    pairs.push(`${path}\t${written}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${path}: ${error.message}`);
  }
}
writeFileSync(join(dir, "pairs.txt"), `${pairs.join("\n")}\n`);
const compared = spawnSync(
  python,
  [join(root, "packages/onnx/test/compare-models.py"), join(dir, "pairs.txt")],
  {
    encoding: "utf8",
    maxBuffer: 1 << 26,
  },
);
console.log(compared.stdout + compared.stderr);
const bad = compared.stdout.match(/^(no longer valid|differs):/gm)?.length ?? 0;
if (compared.status !== 0 && bad === 0) failed += 1;
console.log(closingLine({ passed: Math.max(0, pairs.length - bad), failed: failed + bad, skipped: 0 }));
process.exitCode = failed + bad || pairs.length < 149 ? 1 : 0;
