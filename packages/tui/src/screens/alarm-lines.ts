import type { Alarm } from "@mede2/runs";
import { type Line, span } from "../text/line.ts";
import { wrap } from "../text/wrap.ts";

/** An alarm with its cause and the next step. */
export function alarmLines(alarm: Alarm, columns: number): Line[] {
  const role = alarm.level === "error" ? "bad" : "warn";
  const head: Line = [
    span(`${alarm.level === "error" ? "✗ " : "▲ "}${alarm.name}`, role, { bold: true }),
    span(`  since step ${alarm.step}`, "dim"),
  ];
  return [head, ...wrap(`  ${alarm.message}`, columns, [], { role }), ...wrap(`  → ${alarm.next}`, columns)];
}
