import { optionLabel } from "@mede2/schemas";
import { answersInOrder } from "../data/pair-order.ts";
import type { OpenRecord } from "../data/trace-sources.ts";
import { box, windowOn } from "../layout/box.ts";
import type { Look } from "../look/look.ts";
import type { Model } from "../state/model.ts";
import type { Ui } from "../state/ui.ts";
import { cellsOf, fit } from "../text/cells.ts";
import { bytes } from "../text/format.ts";
import { blank, type Line, span, styled } from "../text/line.ts";
import { visible } from "../text/visible.ts";
import { wrap } from "../text/wrap.ts";
import { researchLine } from "./research-only.ts";

const kinds: Readonly<Record<string, string>> = {
  trace: "traces",
  candidates: "candidates",
  demonstration: "demonstrations",
  "preference-pair": "pairs",
};

/** The files that hold traces, and a preview of the selected record. */
export function tracesScreen(model: Model, ui: Ui, look: Look, rows: number): Line[] {
  const { traces } = model;
  if (traces.sources.length === 0)
    return [
      researchLine,
      blank,
      ...wrap(
        traces.problem ??
          "No traces yet: this run writes none, and the workspace's data/ holds no candidates, pairs or demonstrations.",
        look.columns - 2,
        [],
        { role: "dim" },
      ).map((line) => [" ", ...line]),
    ];
  const listRows = Math.min(traces.sources.length + 2, Math.max(4, Math.floor(rows / 3)));
  const { start, items } = windowOn(traces.sources, traces.source, listRows - 2);
  const width = Math.min(
    Math.max(...traces.sources.map(({ label }) => cellsOf(visible(label)))),
    Math.floor(look.columns * 0.7),
  );
  const list = items.map((source, index): Line => {
    const chosen = start + index === traces.source;
    const line: Line = [
      chosen ? " ▶ " : "   ",
      fit(visible(source.label), width),
      span(`  ${kinds[source.record] ?? source.record}, ${bytes(source.bytes)}`, "dim"),
    ];
    return chosen ? styled(line, { bold: true }) : line;
  });
  const place = traces.count === 0 ? "no whole record yet" : `record ${traces.record + 1} of ${traces.count}`;
  const preview =
    traces.problem !== undefined
      ? wrap(traces.problem, look.columns - 4, [], { role: "bad" })
      : traces.open === undefined
        ? [[span("reading …", "dim")]]
        : previewLines(traces.open, look.columns - 4, ui.trace.blind);
  return [
    researchLine,
    ...box(list, { title: "Files, [ and ] choose", columns: look.columns, rows: listRows }),
    ...box(
      preview.map((line): Line => [" ", ...line]),
      { title: `${place}, enter opens it`, columns: look.columns, rows: rows - listRows - 1, focused: true },
    ),
  ];
}

function previewLines(record: OpenRecord, columns: number, blind: boolean): Line[] {
  const { pair } = record;
  const side = (id: string) =>
    pair === undefined || blind ? "" : id === pair.chosen.id ? ", chosen" : ", rejected";
  return [
    ...questionLines(record, columns),
    ...answersInOrder(record, blind).flatMap(({ trace, rating }, index): Line[] => [
      blank,
      [
        span(`answer ${index + 1}${side(trace.id)}`, "title"),
        span(
          `  ${answerText(trace.answer)}${rating?.total == null || (blind && pair !== undefined) ? "" : `  total ${rating.total.toFixed(2)}`}`,
          "dim",
        ),
      ],
      ...wrap(trace.text.slice(0, 4000), columns).slice(0, 12),
    ]),
  ];
}

/** The stem, the options with the right one marked, and the findings. */
export function questionLines({ question, answers }: OpenRecord, columns: number): Line[] {
  if (question === undefined)
    return [
      [
        span(
          `the question ${answers[0]?.trace.questionId ?? ""} is in no *.questions.jsonl of the workspace's data/`,
          "warn",
        ),
      ],
    ];
  const right = "labels" in question.gold ? new Set(question.gold.labels as string[]) : new Set<string>();
  return [
    ...wrap(question.stem, columns),
    ...question.options.flatMap((option, index) => {
      const label = optionLabel(index);
      const good = right.has(label);
      return wrap(`${good ? "✓" : " "} ${label}. ${option}`, columns, [], good ? { role: "good" } : {});
    }),
    ...("text" in question.gold ? wrap(`✓ ${question.gold.text}`, columns, [], { role: "good" }) : []),
    ...("value" in question.gold
      ? wrap(`✓ ${question.gold.value} ${question.gold.unit} ± ${question.gold.tolerance}`, columns, [], {
          role: "good",
        })
      : []),
    ...(question.findings === undefined
      ? []
      : wrap(`findings: ${question.findings}`, columns, [], { role: "dim" })),
  ];
}

export function answerText({
  status,
  labels,
  text,
}: OpenRecord["answers"][number]["trace"]["answer"]): string {
  if (status !== "found") return `answer ${status}`;
  return `answer ${[labels?.join(" "), text].filter((part) => part !== undefined && part !== "").join(" ")}`;
}
