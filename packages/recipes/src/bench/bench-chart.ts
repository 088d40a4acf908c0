import type { BenchReport, BenchRow } from "./bench-report.ts";

/** Sizes in the units of the drawing. */
const [labelWidth, plotWidth, rowHeight, top] = [250, 420, 22, 44];

/**
 * The ratios as a bar chart in SVG, on a logarithmic axis: bars to the right of the line where we are faster, to the left where the peer is; thin lines are the 95 %
 * intervals.
 */
export function benchChart({ rows }: Pick<BenchReport, "rows">): string {
  const ends = rows.flatMap(({ ratio, ratioInterval }) => [ratio, ...ratioInterval]).map(Math.log2);
  const [low, high] = [
    Math.min(-1, Math.floor(Math.min(...ends, 0))),
    Math.max(1, Math.ceil(Math.max(...ends, 0))),
  ];
  const x = (ratio: number): number => labelWidth + ((Math.log2(ratio) - low) / (high - low)) * plotWidth;
  const height = top + rows.length * rowHeight + 12;
  const width = labelWidth + plotWidth + 70;
  const ticks = Array.from({ length: high - low + 1 }, (_, n) => 2 ** (low + n));
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="system-ui, sans-serif" font-size="12">`,
    "<title>Our speed divided by the peer's</title>",
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="${labelWidth}" y="16" fill="#333333">our speed ÷ the peer's (right of 1: ours is faster)</text>`,
    ...ticks.flatMap((tick) => [
      `<line x1="${fixed(x(tick))}" x2="${fixed(x(tick))}" y1="${top - 8}" y2="${height - 8}" stroke="${tick === 1 ? "#333333" : "#dddddd"}"/>`,
      `<text x="${fixed(x(tick))}" y="${top - 12}" text-anchor="middle" fill="#666666">${tick < 1 ? `1/${1 / tick}` : tick}×</text>`,
    ]),
    ...rows.flatMap((row, index) => bar(row, top + index * rowHeight, x)),
    "</svg>",
  ];
  return `${parts.join("\n")}\n`;
}

function bar(row: BenchRow, y: number, x: (ratio: number) => number): string[] {
  const { work, model, terms, peer, ratio, ratioInterval } = row;
  const [from, to] = [Math.min(x(1), x(ratio)), Math.max(x(1), x(ratio))];
  const [low, high] = ratioInterval.map(x) as [number, number];
  const middle = y + rowHeight / 2;
  const colour = ratio >= 1 ? "#2b7bba" : "#c2571a";
  return [
    `<text x="8" y="${middle + 4}" fill="#333333">${work} ${model}, ${terms} / ${peer}</text>`,
    `<rect class="bar" x="${fixed(from)}" y="${y + 4}" width="${fixed(Math.max(1, to - from))}" height="${rowHeight - 8}" fill="${colour}"/>`,
    `<line x1="${fixed(low)}" x2="${fixed(high)}" y1="${middle}" y2="${middle}" stroke="#111111"/>`,
    `<text x="${fixed(Math.max(to, high) + 6)}" y="${middle + 4}" fill="#333333">${ratio.toFixed(2)}×</text>`,
  ];
}

const fixed = (value: number): string => value.toFixed(1);
