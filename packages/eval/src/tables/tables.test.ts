import { describe, expect, it } from "vitest";
import { recordOf } from "../../test/support/records.ts";
import {
  compare,
  comparisonTable,
  poolComparisons,
  pooledTable,
  summarise,
  summaryTable,
  textTable,
} from "../index.ts";

describe("textTable", () => {
  const columns = [
    { title: "name", cell: ({ name }: { name: string; n: number }) => name },
    { title: "n", cell: ({ n }: { name: string; n: number }) => String(n), align: "right" as const },
  ];

  it("aligns, in the terminal and in Markdown", () => {
    const rows = [
      { name: "肺炎", n: 12 },
      { name: "a|b", n: 3 },
    ];
    expect(textTable(columns, rows)).toBe("name   n\n────  ──\n肺炎  12\na|b    3");
    expect(textTable(columns, rows, "markdown")).toBe(
      "| name |   n |\n| ---- | --: |\n| 肺炎 |  12 |\n| a\\|b |   3 |",
    );
  });

  it("lets no cell break out", () => {
    expect(textTable(columns, [{ name: "a\nb\u001b[31m", n: 1 }])).toContain("a b [31m");
    expect(textTable(columns, [{ name: "<script>", n: 1 }], "markdown")).toContain("\\<script\\>");
  });
});

describe("report tables", () => {
  const a = Array.from({ length: 100 }, (_, at) => recordOf(at, at < 40));
  const b = Array.from({ length: 100 }, (_, at) => recordOf(at, at >= 10 && at < 70, { stage: "stage1" }));

  it("say all that belongs beside an accuracy", () => {
    expect(summaryTable(summarise([...a, ...b]))).toMatchInlineSnapshot(`
      "model   prompt  images  right          95 %    n  band over rules  not answered
      ──────  ──────  ──────  ─────  ────────────  ───  ───────────────  ────────────
      base    reason  real     40.0  [30.9, 49.8]  100                –  0
      stage1  reason  real     60.0  [50.2, 69.1]  100                –  0"
    `);
  });

  it("say all that belongs beside a difference", () => {
    expect(comparisonTable([compare(a, b)])).toMatchInlineSnapshot(`
      "comparison     images  difference           95 %        p  McNemar  won  lost  detectable    n
      ─────────────  ──────  ──────────  ─────────────  ───────  ───────  ───  ────  ──────────  ───
      stage1 − base  real         +20.0  [+9.0, +32.0]  < 0.001    0.002   30    10        17.5  100"
    `);
    expect(
      pooledTable(
        [{ label: "Stage I − base", pooled: poolComparisons([{ name: "seed 1", a, b }]) }],
        "markdown",
      ),
    ).toMatchInlineSnapshot(`
      "| comparison     | run    | difference |          95 % |        p |
      | -------------- | ------ | ---------: | ------------: | -------: |
      | Stage I − base | all 1  |      +20.0 | [+9.0, +32.0] | \\< 0.001 |
      |                | seed 1 |      +20.0 | [+9.0, +32.0] | \\< 0.001 |"
    `);
  });
});
