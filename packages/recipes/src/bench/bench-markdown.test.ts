import { describe, expect, it } from "vitest";
import { benchChart } from "./bench-chart.ts";
import { benchMarkdown, replaceBenchPart } from "./bench-markdown.ts";
import type { BenchReport } from "./bench-report.ts";

const report: BenchReport = {
  rows: [
    {
      work: "sft-full",
      model: "30m",
      terms: "float32",
      ours: 1234.4,
      theirs: 1000,
      peer: "trl",
      ratio: 1.2344,
      ratioInterval: [1.1, 1.3],
      floorShare: 0.525,
      memoryRatio: 0.5,
      memoryBytes: { ours: 2 ** 30, theirs: 2 ** 31 },
      firstStepSeconds: { ours: 1, theirs: 4.25 },
      unit: "supervised tokens/s",
      rounds: 9,
      agreement: { kind: "loss", difference: 6e-8 },
      batch: "4 × 256 random tokens",
      settings: { ours: "float32", theirs: "float32, sdpa" },
    },
  ],
  missing: [
    { work: "dpo-lora", model: "tiny", terms: "best", peer: "ms-swift", reason: "there is none" },
    { work: "dpo-lora", model: "tiny", terms: "float32", peer: "ms-swift", reason: "there is none" },
  ],
  machine: { cpu: "A CPU", cores: 2, memoryBytes: 24 * 2 ** 30 },
  gemmGflops: 160.4,
  threads: 2,
  quick: false,
  versions: { onnxruntime: "1.30.0" },
  models: { "30m": { parameters: 30_000_000, weights: "random" } },
  seconds: 61,
};

describe("the bench as Markdown", () => {
  const text = benchMarkdown(report, "mede2 bench", "2026-01-02");

  it("says what was measured, on what, and by which command", () => {
    for (const part of [
      "`mede2 bench` on 2026-01-02",
      "A CPU, 2 cores",
      "160 GFLOPS",
      "onnxruntime 1.30.0",
      "30.0 M",
    ])
      expect(text).toContain(part);
    expect(text).toContain(
      "| sft-full | 30m | float32 | 1,234 | 1,000 | supervised tokens/s | trl | **1.23** | 1.10–1.30 | 53 % | 0.50 (1,024 / 2,048 MiB) | 1.0 / 4.3 | 9 | loss within 6e-8 | 4 × 256 random tokens |",
    );
  });

  it("says how the sides were set, and what could not be measured and why", () => {
    expect(text).toContain("* sft-full, float32: ours float32; trl float32, sdpa\n");
    expect(text).toContain(
      "* dpo-lora tiny best against ms-swift; dpo-lora tiny float32 against ms-swift: there is none\n",
    );
  });

  it("draws a bar for each row, from the side that is slower", () => {
    const svg = benchChart(report);
    expect(svg).toMatch(/^<svg [^>]*viewBox/);
    expect(svg).toContain("1.23×");
    expect(svg.match(/<rect class="bar/g)).toHaveLength(1);
  });

  it("replaces its own part of a page and leaves the rest", () => {
    const page = replaceBenchPart("# Benchmarks\n", "old\n");
    const made = replaceBenchPart(`${page}after\n`, text);
    expect(made).toMatch(/^# Benchmarks\n\n<!-- bench: begin -->\n/);
    expect(made).toContain("1,234");
    expect(made).not.toContain("old");
    expect(made.endsWith("after\n")).toBe(true);
  });
});
