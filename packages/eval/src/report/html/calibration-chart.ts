import { percent } from "../../tables/numbers.ts";
import type { Calibration } from "../calibration-of.ts";
import { axis, chart, mark, round, seriesClass, width } from "./chart.ts";
import { html, type Markup } from "./markup.ts";

const size = { left: 44, right: width - 16, top: 10, bottom: 236 };

/** Right answers over the confidence that was claimed. On the diagonal a model is right as often as it is sure. */
export function reliabilityChart({ bins, confidence }: Calibration): Markup | null {
  if (bins.length === 0) return null;
  const { left, right, top, bottom } = size;
  const x = axis([0, 1], left, right);
  const y = axis([0, 1], bottom, top);
  const most = Math.max(...bins.map(({ count }) => count));
  return chart(
    bottom + 40,
    "Reliability",
    bins
      .map(
        ({ meanProbability, outcomeRate, count }) =>
          `sure ${percent(meanProbability)}, right ${percent(outcomeRate)}, n ${count}`,
      )
      .join("; "),
    html`${frame(x, y)}<line class="chance" x1="${x.at(0)}" y1="${y.at(0)}" x2="${x.at(1)}" y2="${y.at(1)}"/><polyline class="s1 line" points="${bins.map(({ meanProbability, outcomeRate }) => `${x.at(meanProbability)},${y.at(outcomeRate)}`).join(" ")}"/>${bins.map(
      ({ meanProbability, outcomeRate, count }) =>
        html`<g><title>${`sure ${percent(meanProbability)} %, right ${percent(outcomeRate)} % of ${count}`}</title><circle class="s1 mark" cx="${x.at(meanProbability)}" cy="${y.at(outcomeRate)}" r="${round(4 + 5 * Math.sqrt(count / most))}"/></g>`,
    )}<text class="tick" x="${(left + right) / 2}" y="${bottom + 36}" text-anchor="middle">${confidence === "vote-share" ? "share of samples that agree" : "probability of the likeliest option"}, % (across) · right, % (up)</text>`,
  );
}

/** Error rate of the answers that are kept when the least sure ones are left out, a line for each evaluation (its place gives colour and shape). */
export function coverageChart(
  evaluations: readonly { name: string; series: number; calibration: Calibration }[],
): Markup | null {
  const lines = evaluations.filter(({ calibration }) => calibration.coverage.length > 1);
  if (lines.length === 0) return null;
  const { left, right, top, bottom } = size;
  const x = axis([0, 1], left, right);
  const y = axis(
    [0, ...lines.flatMap(({ calibration }) => calibration.coverage.map(({ risk }) => risk))],
    bottom,
    top,
  );
  const half = ({ coverage }: Calibration) => coverage.find((point) => point.coverage >= 0.5)!;
  return chart(
    bottom + 40,
    "Errors by coverage",
    lines
      .map(
        ({ name, calibration }) =>
          `${name}: ${percent(calibration.coverage.at(-1)!.risk)} % of all answers are wrong, of the surest half ${percent(half(calibration).risk)} %`,
      )
      .join("; "),
    html`${frame(x, y)}${lines.map(
      ({ name, series, calibration: { coverage, aurc } }) =>
        html`<g><title>${`${name}: area ${aurc.toFixed(3)}`}</title><polyline class="${`${seriesClass(series)} line`}" points="${coverage.map((point) => `${x.at(point.coverage)},${y.at(point.risk)}`).join(" ")}"/>${coverage
          .filter((_, at) => at > 0 && at % Math.ceil(coverage.length / 6) === 0)
          .map((point) => mark(series, x.at(point.coverage), y.at(point.risk), 4.5))}</g>`,
    )}<text class="tick" x="${(left + right) / 2}" y="${bottom + 36}" text-anchor="middle">answers kept, surest first, % (across) · wrong, % (up)</text>`,
  );
}

function frame(x: ReturnType<typeof axis>, y: ReturnType<typeof axis>): Markup {
  const { left, right, top, bottom } = size;
  return html`${y.ticks.map((tick) => html`<line class="grid" x1="${left}" x2="${right}" y1="${y.at(tick)}" y2="${y.at(tick)}"/><text class="tick" x="${left - 6}" y="${y.at(tick) + 4}" text-anchor="end">${percent(tick).replace(/\.0$/, "")}</text>`)}${x.ticks.map((tick) => html`<line class="grid" x1="${x.at(tick)}" x2="${x.at(tick)}" y1="${top}" y2="${bottom}"/><text class="tick" x="${x.at(tick)}" y="${bottom + 17}" text-anchor="middle">${percent(tick).replace(/\.0$/, "")}</text>`)}`;
}
