import { addPoint, emptySeries } from "@mede2/runs";
import { describe, expect, it } from "vitest";
import { lineCells, plainText } from "../text/line.ts";
import { describeSeries } from "./describe.ts";
import { lineChart } from "./line-chart.ts";
import { pictureLines } from "./picture.ts";
import { smoothed } from "./smooth.ts";

const seriesOf = (values: readonly number[]) => {
  const series = emptySeries();
  for (const [index, value] of values.entries()) addPoint(series, index + 1, value);
  return series;
};
const falling = seriesOf(Array.from({ length: 200 }, (_, index) => 2 - index / 100));
const settings = {
  title: "loss",
  series: [{ title: "loss", series: falling, colour: 0 }],
  from: 1,
  to: 200,
  log: false,
  smooth: 0,
};
const look = { columns: 50, rows: 12, ascii: false, colours: true };
const body = (lines: ReturnType<typeof lineChart>) =>
  lines.slice(1, -1).map((line) => plainText(line).split("│")[1] ?? "");

describe("lineChart", () => {
  it("goes from the upper left to the lower right for a curve that falls, within its frame", () => {
    const lines = lineChart(settings, look);
    expect(lines).toHaveLength(12);
    for (const line of lines) expect(lineCells(line)).toBeLessThanOrEqual(51);
    const rows = body(lines);
    const places = rows.map((row) => row.search(/[^\s\u2800]/));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places[0]).toBeLessThan(5);
    expect(plainText(lines[1]!)).toContain("2 │");
    expect(plainText(lines.at(-2)!)).toContain("0.01 │");
    expect(plainText(lines.at(-1)!)).toMatch(/^\s+1\s+10[01]\s+200$/);
  });

  it("shows a spike of one step among a million", () => {
    const series = emptySeries();
    for (let step = 1; step <= 100_000; step++) addPoint(series, step, step === 54_321 ? 50 : 1);
    const rows = body(
      lineChart({ ...settings, series: [{ title: "loss", series, colour: 0 }], to: 100_000 }, look),
    );
    expect(rows[0]!.trim()).not.toBe("");
  });

  it("draws with ASCII alone, and tells several series apart without colours", () => {
    const two = {
      ...settings,
      series: [...settings.series, { title: "other", series: seriesOf([0, 1, 2]), colour: 1 }],
    };
    const text = body(lineChart(two, { ...look, colours: false })).join("");
    expect(text).toMatch(/\*/);
    expect(text).toMatch(/o/);
    expect(body(lineChart(settings, { ...look, ascii: true })).join("")).toMatch(/^[ *]*$/);
  });

  it("has a logarithmic axis, without what lies at 0 or below", () => {
    const series = seriesOf([1000, 100, 10, 0, 1]);
    const lines = lineChart(
      { ...settings, log: true, to: 5, series: [{ title: "loss", series, colour: 0 }] },
      look,
    );
    expect(plainText(lines[1]!)).toContain("1000 │");
    expect(plainText(lines.at(-2)!)).toContain("1 │");
  });

  it("says that there is nothing yet, and lays evaluations over the curve", () => {
    expect(
      lineChart({ ...settings, series: [{ title: "loss", series: emptySeries(), colour: 0 }] }, look)
        .map(plainText)
        .join(),
    ).toContain("no values yet");
    const overlay = [{ title: "dev/loss", series: seriesOf([1.5]) }];
    const lines = lineChart({ ...settings, overlay }, look).map(plainText);
    expect(lines.slice(1).join("")).toContain("●");
    expect(lines[0]).toContain("dev/loss 1.5");
  });
});

describe("smoothed", () => {
  it("leaves a constant as it is from the first value on", () => {
    for (const value of smoothed([3, 3, 3], 0.9)) expect(value).toBeCloseTo(3, 12);
    expect(smoothed([1, 2], 0)).toEqual([1, 2]);
    expect(smoothed([0, 1], 0.5)[1]).toBeCloseTo(2 / 3, 12);
  });
});

describe("describeSeries", () => {
  it("says in a sentence what the picture shows", () => {
    expect(describeSeries("loss", falling)).toMatch(
      /^loss: 0\.0\d+ at step 200, falling; from 1\.9\d+; lowest 0\.01 near step 200, highest 2 near step 1$/,
    );
    expect(describeSeries("loss", emptySeries())).toBe("loss: no values yet");
  });
});

describe("pictureLines", () => {
  const pixels = {
    width: 4,
    height: 4,
    channels: 1 as const,
    data: Uint8Array.from([0, 0, 255, 255, 0, 0, 255, 255, 255, 255, 0, 0, 255, 255, 0, 0]),
  };
  it("puts two pixels into a cell", () => {
    expect(pictureLines(pixels, { columns: 2, rows: 1, signs: false })).toEqual([
      [
        { text: "▀", fg: [0, 0, 0], bg: [255, 255, 255] },
        { text: "▀", fg: [255, 255, 255], bg: [0, 0, 0] },
      ],
    ]);
  });
  it("or a sign for its brightness", () => {
    expect(pictureLines({ ...pixels, height: 2 }, { columns: 4, rows: 1, signs: true })).toEqual([["  @@"]]);
  });
});
