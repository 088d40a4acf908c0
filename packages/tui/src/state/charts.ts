import { metrics, type RunSeries, type TrackedRun } from "@mede2/runs";
import type { ChartSeries } from "../chart/line-chart.ts";
import { axisNumber, bytes, number, percent, shortBytes } from "../text/format.ts";
import { matcher } from "./listed-runs.ts";
import type { Ui } from "./ui.ts";

/** A chart of a run: one metric or several that belong together. */
export interface Chart {
  title: string;
  unit: string | undefined;
  series: ChartSeries[];
  overlay: { title: string; series: ChartSeries["series"] }[];
  format: (value: number) => string;
  axis: (value: number) => string;
}

/** Which metrics stand in one chart, by their names; what is not here has a chart of its own. `evaluations` names what is laid over it. */
const groups: readonly { title: string; unit?: string; names: readonly string[]; evaluations?: RegExp }[] = [
  { title: "loss", names: ["loss"], evaluations: /\/loss$/ },
  {
    title: "reward accuracy",
    names: ["rewards-accuracy"],
    evaluations: /\/(?:rewards\/accurac|reward-accurac)/,
  },
  { title: "rewards", names: ["rewards-chosen", "rewards-rejected"] },
  { title: "reward margin", names: ["rewards-margin"] },
  { title: "log-probability", unit: "nats", names: ["log-probs-chosen", "log-probs-rejected"] },
];

const formats: Readonly<Record<string, (value: number) => string>> = {
  memory: bytes,
  "rewards-accuracy": (value) => percent(value),
};
const shortTitles: Readonly<Record<string, string>> = {
  ...{ "rewards-chosen": "chosen", "rewards-rejected": "rejected" },
  ...{ "log-probs-chosen": "chosen", "log-probs-rejected": "rejected" },
};

/** All charts of a run that have values, the most telling first, as far as the filter lets them through. */
export function chartsOf(run: TrackedRun | undefined, ui: Ui): Chart[] {
  if (run === undefined) return [];
  const { byName } = run.series;
  const grouped = new Set(groups.flatMap(({ names }) => names));
  const single = metrics.filter(({ name }) => !grouped.has(name));
  const evaluations = Object.keys(byName).filter((name) => name.startsWith("eval:"));
  const laidOver = new Set<string>();
  const all = [
    ...groups.map(({ title, unit, names, evaluations: over }) => {
      const found =
        over === undefined || !ui.charts.evaluations ? [] : evaluations.filter((name) => over.test(name));
      for (const name of found) laidOver.add(name);
      return chartOf(title, unit, names, byName, found);
    }),
    ...single.map(({ name, title, unit }) =>
      chartOf(title, unit === "bytes" ? undefined : unit, [name], byName, []),
    ),
    ...evaluations.map((name) =>
      laidOver.has(name) ? undefined : chartOf(name.slice(5), undefined, [name], byName, []),
    ),
  ];
  const wanted = matcher(ui.charts.filter);
  return all.filter((chart): chart is Chart => chart !== undefined && wanted(chart.title));
}

function chartOf(
  title: string,
  unit: string | undefined,
  names: readonly string[],
  byName: RunSeries["byName"],
  over: readonly string[],
): Chart | undefined {
  const series = names.flatMap((name, colour): ChartSeries[] => {
    const found = byName[name];
    return found === undefined
      ? []
      : [{ title: shortTitles[name] ?? name, series: found, colour: names.length > 1 ? [3, 1][colour]! : 0 }];
  });
  if (series.length === 0) return undefined;
  const overlay = over.flatMap((name) =>
    byName[name] === undefined ? [] : [{ title: name.slice(5), series: byName[name] }],
  );
  const format = formats[names[0]!] ?? number;
  return {
    title,
    unit,
    series,
    overlay,
    format,
    axis: format === bytes ? shortBytes : format === number ? axisNumber : format,
  };
}
