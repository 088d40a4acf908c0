import type { Alarm } from "@mede2/runs";
import { type Line, span } from "../text/line.ts";
import { wrap } from "../text/wrap.ts";

/** Alarms in so many rows: each with its cause and the next step where there is room for all of that, else a line each, and a hint where the rest is. */
export function alarmsIn(
  alarms: readonly Alarm[],
  columns: number,
  rows: number,
): { title: string; lines: Line[] } {
  const title = `Alarms (${alarms.length})`;
  const whole = alarms.flatMap((alarm) => alarmLines(alarm, columns));
  if (whole.length <= rows) return { title, lines: whole };
  const short = alarms.map(
    ({ level, name, message }): Line => [
      span(`${level === "error" ? "✗ " : "▲ "}${name}`, level === "error" ? "bad" : "warn", { bold: true }),
      `  ${message}`,
    ],
  );
  return { title: `${title} · a shows causes and next steps`, lines: short };
}

/** An alarm with its cause and the next step. */
export function alarmLines(alarm: Alarm, columns: number): Line[] {
  const role = alarm.level === "error" ? "bad" : "warn";
  const head: Line = [
    span(`${alarm.level === "error" ? "✗ " : "▲ "}${alarm.name}`, role, { bold: true }),
    span(`  since step ${alarm.step}`, "dim"),
  ];
  return [head, ...wrap(`  ${alarm.message}`, columns, [], { role }), ...wrap(`  → ${alarm.next}`, columns)];
}
