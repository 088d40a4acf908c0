import { parseLenientJson } from "@mede2/runs";
import type { ControlRequest } from "@mede2/schemas";
import { bytes, number, percent } from "../text/format.ts";
import { type Role, type Segment, span } from "../text/line.ts";

type Fields = Readonly<Record<string, unknown>>;

const roles: Readonly<Record<string, Role>> = {
  "run-started": "accent",
  "run-finished": "good",
  "run-failed": "bad",
  "run-stopped": "warn",
  "run-paused": "warn",
  "run-resumed": "accent",
  warning: "warn",
  "invariant-broken": "bad",
  "evaluation-end": "accent",
  "checkpoint-saved": "good",
  "control-acknowledged": "accent",
};

/** An event, or a line of a log that is none, as time, type and what it says. Who asked for what an event answers stands in the requests of the run. */
export function eventSegments(
  line: string,
  requests: readonly ControlRequest[] = [],
): { time: string; type: Segment; text: string } {
  let event: Fields;
  try {
    event = parseLenientJson(line) as Fields; // Python writes NaN bare
  } catch {
    return { time: "", type: span("not readable", "bad"), text: line.slice(0, 2000) };
  }
  if (typeof event !== "object" || event === null)
    return { time: "", type: span("not readable", "bad"), text: line.slice(0, 2000) };
  const type = String(event.type ?? "entry");
  const time = typeof event.ts === "string" ? event.ts.slice(11, 19) : "";
  const asked = type === "control-acknowledged" ? requests.find(({ id }) => id === event.id) : undefined;
  const say = Object.hasOwn(sentences, type) ? sentences[type] : undefined;
  let text: string;
  try {
    text = say?.(event) ?? rest(event);
    if (asked !== undefined) text += `, asked by ${asked.by}${rateOf(asked)}`;
  } catch {
    text = rest(event); // fields of another kind than the event should have
  }
  return { time, type: span(type, roles[type] ?? "dim"), text };
}

const rateOf = ({ args }: ControlRequest): string =>
  typeof args.learningRate === "number" ? `: ${number(args.learningRate)}` : "";

const field = (event: Fields, key: string) => (event[key] === undefined ? "" : String(event[key]));
const numeric = (value: unknown) => (typeof value === "number" ? number(value) : "–");

const sentences: Readonly<Record<string, (event: Fields) => string>> = {
  "run-started": (event) =>
    `attempt ${field(event, "attempt")}, process ${field(event, "pid")} on ${field(event, "host")}${event.fromCheckpoint === undefined ? "" : `, from ${event.fromCheckpoint}`}`,
  progress: (event) => `${field(event, "done")} of ${field(event, "total")} ${field(event, "unit")}`,
  "step-end": (event) => {
    const rewards = event.rewards as { accuracy?: number; margin?: number } | undefined;
    const lost = Array.isArray(event.nonFinite) ? `, not finite: ${event.nonFinite.join(" ")}` : "";
    const more =
      rewards === undefined
        ? ""
        : `, accuracy ${rewards.accuracy === undefined ? "–" : percent(rewards.accuracy)}, margin ${numeric(rewards.margin)}`;
    return `step ${field(event, "step")}, loss ${numeric(event.loss)}${more}, gradient norm ${numeric(event.gradientNorm)}, ${numeric(event.seconds)}s${lost}`;
  },
  "evaluation-end": (event) =>
    `${field(event, "task")} at step ${field(event, "step")}: ${Object.entries(
      (event.metrics ?? {}) as Fields,
    )
      .map(([name, value]) => `${name} ${numeric(value)}`)
      .join(", ")}`,
  "trace-written": (event) => `${field(event, "file")}, ${field(event, "id")}`,
  "checkpoint-saved": (event) =>
    `step ${field(event, "step")}, ${field(event, "path")}, ${bytes(Number(event.bytes))}`,
  "control-acknowledged": (event) =>
    `${field(event, "request")}: ${field(event, "outcome")}${event.reason === undefined ? "" : ` (${event.reason})`}`,
  "invariant-broken": (event) =>
    `${field(event, "name")}: expected ${field(event, "expected")}, got ${field(event, "actual")}; ${field(event, "cause")}`,
  warning: (event) => `${field(event, "code")}: ${field(event, "message")}`,
  "run-failed": (event) => `${field(event, "message")} → ${field(event, "next")}`,
  "run-finished": (event) => JSON.stringify(event.summary ?? {}),
};

function rest(event: Fields): string {
  const { record: _, v: _v, seq: _s, ts: _t, type: _y, ...fields } = event;
  return Object.keys(fields).length === 0 ? "" : JSON.stringify(fields);
}

/** Lines that come with every step: they can be left out of the log. */
export const isRoutine = (line: string): boolean =>
  line.includes('"type":"step-end"') || line.includes('"type":"progress"');
