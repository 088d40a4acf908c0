// Runs `mede2 demo` in an empty folder and checks the object that it promises under --json: every key, every range,
// intervals around their estimates, and that the run kept its time.
//   node scripts/check-demo.mjs [--quick] [--out DIR | --keep DIR]     after a build; --keep: DIR is emptied first, and the demo stays there
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { closingLine } from "./lib/counts.mjs";
import { root } from "./lib/workspace.mjs";

const quick = process.argv.includes("--quick");
const given = Math.max(process.argv.indexOf("--out"), process.argv.indexOf("--keep"));
const out = given > 0 ? process.argv[given + 1] : mkdtempSync(join(tmpdir(), "mede2-demo-"));
if (process.argv.includes("--keep")) rmSync(out, { recursive: true, force: true });
const MODELS = ["base", "stage1", "stage2"];
const IMAGES = ["real", "blank", "swapped"];
const LIMIT_SECONDS = quick ? 180 : 720;
const counts = { passed: 0, failed: 0, skipped: 0 };

function check(what, holds, detail = "") {
  counts[holds ? "passed" : "failed"]++;
  console.log(`${holds ? "ok  " : "FAIL"} ${what}${holds || !detail ? "" : `: ${detail}`}`);
}

const rate = (value) => typeof value === "number" && value >= 0 && value <= 1;

/** The accuracies and comparisons of one held-out set. */
function checkSet(where, set) {
  for (const model of MODELS)
    for (const images of IMAGES) {
      const cell = set?.models?.[model]?.[images];
      const holds =
        Number.isInteger(cell?.correct) && Number.isInteger(cell.n) && cell.n > 0 && cell.correct <= cell.n;
      check(`${where}: ${model}, ${images} images: correct of n`, holds, JSON.stringify(cell));
      const mean = cell?.correct / cell?.n;
      const around = rate(cell?.low) && rate(cell?.high) && cell.low <= mean && mean <= cell.high;
      check(`${where}: ${model}, ${images} images: interval around the rate`, around, JSON.stringify(cell));
    }
  const comparisons = Array.isArray(set?.comparisons) ? set.comparisons : [];
  for (const [from, to] of [
    ["base", "stage1"],
    ["stage1", "stage2"],
  ])
    check(
      `${where}: compares ${from} with ${to}`,
      comparisons.some((it) => it.from === from && it.to === to),
    );
  for (const { from, to, images, difference, low, high, p } of comparisons)
    check(
      `${where}: ${from} → ${to}, ${images} images`,
      low <= difference && difference <= high && rate(p) && IMAGES.includes(images),
    );
}

/** Runs the demo; its exit code and what it printed to standard output. Its progress goes to ours. */
function runDemo() {
  const args = [
    join(root, "packages/cli/bin/mede2.mjs"),
    "demo",
    "--json",
    "--seed",
    "1",
    "--out",
    out,
    ...(quick ? ["--quick"] : []),
  ];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text;
    });
    child.on("close", (code) => resolve({ code, stdout }));
  });
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const begin = performance.now();
const { code, stdout } = await runDemo();
const seconds = (performance.now() - begin) / 1000;
const last = parse(stdout.trim().split("\n").at(-1));
check("ends with 0", code === 0, `exit code ${code}`);
check("its last line is one JSON object", last !== null && typeof last === "object", stdout.slice(-300));
if (last) {
  checkSet("by combination", last);
  checkSet("by case", last.byCase);
  check("says its seconds", last.seconds > 0 && last.seconds <= seconds, String(last.seconds));
  let report = null;
  try {
    report = parse(readFileSync(join(out, "report.json"), "utf8"));
  } catch {}
  check("writes the same to report.json", isDeepStrictEqual(report, last));
}
console.log(`took ${seconds.toFixed(0)} s; the promise for two idle cores is ${LIMIT_SECONDS} s`);
check(
  `takes at most twice ${LIMIT_SECONDS} s, on a machine that may be busy`,
  seconds <= 2 * LIMIT_SECONDS,
  `${seconds.toFixed(0)} s`,
);
if (given < 0) rmSync(out, { recursive: true, force: true });
console.log(closingLine(counts));
process.exitCode = counts.failed ? 1 : 0;
