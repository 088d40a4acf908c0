import { box } from "../layout/box.ts";
import type { Look } from "../look/look.ts";
import type { Model } from "../state/model.ts";
import type { Ui } from "../state/ui.ts";
import { bytes, duration, percent } from "../text/format.ts";
import { blank, type Line, type Role, type Segment, span } from "../text/line.ts";
import { endOf, type Page, placeOf, seenOf } from "./page.ts";
import { requestLines } from "./run.ts";

const bars = " ▁▂▃▄▅▆▇█";

export function systemScreen(model: Model, ui: Ui, look: Look, rows: number): Line[] {
  if (model.system === undefined) return [[span(" measuring …", "dim")]];
  const page = systemPage(model, ui, look, rows);
  return box(seenOf(page, ui.scroll), {
    title: `System: the machine of this viewer${placeOf(page, ui.scroll)}`,
    columns: look.columns,
    rows,
    focused: endOf(page) > 0,
  });
}

export function systemPage(model: Model, _: Ui, look: Look, rows: number): Page {
  const { system, run } = model;
  if (system === undefined) return { lines: [], rows };
  const width = Math.max(10, Math.min(50, look.columns - 40));
  const lines: Line[] = [
    [
      span(` ${system.host}`, "title"),
      span(`  ${system.cores.length} processors, load ${system.load.toFixed(2)}`, "dim"),
    ],
    meter("processors", mean(system.cores), percent(mean(system.cores)), width),
    ...(system.cores.length > 1 && system.cores.length <= Math.max(4, rows - 24)
      ? system.cores.map((share, index) => meter(`  ${index}`, share, percent(share), width))
      : []),
    meter(
      "memory",
      system.memory.used / system.memory.total,
      `${bytes(system.memory.used)} of ${bytes(system.memory.total)}`,
      width,
    ),
    ...(system.disk === undefined
      ? []
      : [
          meter(
            "disk",
            1 - system.disk.free / system.disk.total,
            `${bytes(system.disk.free)} free of ${bytes(system.disk.total)}`,
            width,
          ),
        ]),
    [span(" of late     ", "dim"), look.ascii ? "" : span(spark(system.history, width), "series0")],
    blank,
  ];
  if (system.gpus.length === 0)
    lines.push([span(" no GPU is seen here (nvidia-smi is not installed, or reports none)", "dim")]);
  for (const [index, gpu] of system.gpus.entries()) {
    const notes = [
      gpu.celsius === undefined ? "" : `${gpu.celsius} °C`,
      gpu.watts === undefined ? "" : `${Math.round(gpu.watts)} W`,
    ].filter((note) => note !== "");
    lines.push([span(` GPU ${index}  ${gpu.name}`, "title"), span(`  ${notes.join(", ")}`, "dim")]);
    if (gpu.load !== undefined) lines.push(meter("  busy", gpu.load, percent(gpu.load), width));
    lines.push(
      meter(
        "  memory",
        gpu.memoryUsed / Math.max(1, gpu.memoryTotal),
        `${bytes(gpu.memoryUsed)} of ${bytes(gpu.memoryTotal)}`,
        width,
      ),
    );
  }
  lines.push(blank, ...processLines(model));
  if (run !== undefined && run.requests.length > 0)
    lines.push(blank, ...requestLines(run, 8).map((line): Line => [" ", ...line]));
  return { lines, rows: rows - 2 };
}

function processLines({ run, system, now }: Model): Line[] {
  if (run === undefined) return [];
  const { process } = run.state;
  if (process === null)
    return [
      [
        span(" run          ", "dim"),
        run.foreign === undefined ? "no process yet" : `written by ${run.foreign}, which names no process`,
      ],
    ];
  const elsewhere = system !== undefined && process.host !== system.host ? `, on ${process.host}` : "";
  const line: (string | Segment)[] = [span(" run          ", "dim"), `process ${process.pid}${elsewhere}`];
  if (system?.process !== undefined)
    line.push(
      `, ${bytes(system.process.memory)} resident, ${percent(system.process.share)} of one processor`,
    );
  const beat = run.heartbeat;
  const age =
    beat === null ? "no heartbeat" : `heartbeat ${duration((now - Date.parse(beat.ts)) / 1000)} ago`;
  return [line, [span(" sign of life ", "dim"), age], [span(" folder       ", "dim"), run.dir]];
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

function meter(name: string, share: number, text: string, width: number): Line {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  const role: Role = share > 0.95 ? "bad" : share > 0.8 ? "warn" : "good";
  return [
    span(` ${name.padEnd(12)}`, "dim"),
    span("█".repeat(full), role),
    span("░".repeat(width - full), "dim"),
    ` ${text}`,
  ];
}

const spark = (values: readonly number[], width: number) =>
  values
    .slice(-width)
    .map((value) => bars[Math.min(8, Math.ceil(value * 8))])
    .join("");
