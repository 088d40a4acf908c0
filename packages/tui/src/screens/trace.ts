import { type Judgement, resolveSpan } from "@mede2/schemas";
import { orderOf } from "../data/pair-order.ts";
import type { OpenRecord, ReadTrace } from "../data/trace-sources.ts";
import { beside, box } from "../layout/box.ts";
import type { Look } from "../look/look.ts";
import { criteriaOf } from "../state/criteria.ts";
import type { Model } from "../state/model.ts";
import type { TraceUi, Ui } from "../state/ui.ts";
import { blank, type Line, type Role, type Style, span } from "../text/line.ts";
import { type Marked, wrap } from "../text/wrap.ts";
import { researchLine } from "./research-only.ts";
import { answerText, questionLines } from "./traces.ts";

/** Lines of a picture that was decoded, or why it is not shown. */
export type PictureView = { lines: readonly Line[]; columns: number } | { reason: string } | undefined;

/** One record: the question with its picture, and its answers beside each other with what the criteria point to. */
export function traceScreen(model: Model, ui: Ui, look: Look, rows: number, picture: PictureView): Line[] {
  const { traces } = model;
  const record = traces.open;
  if (record === undefined)
    return [
      researchLine,
      [span(` ${traces.problem ?? "reading …"}`, traces.problem === undefined ? "dim" : "bad")],
    ];
  const head = headLine(record, model, ui);
  const question = questionBlock(record, ui.trace, look, picture);
  const answers = answersBlock(record, ui.trace, look, rows - 2 - question.length);
  // in a small window question and answers are one page that scrolls
  const page = [...question, ...answers];
  const start = Math.min(ui.trace.scroll, Math.max(0, page.length - (rows - 2)));
  return [researchLine, head, ...page.slice(start, start + rows - 2)];
}

function headLine(record: OpenRecord, { traces }: Model, { trace, comment }: Ui): Line {
  const criteria = criteriaOf(record);
  const chosen = criteria[trace.criterion];
  const verdicts = record.verdicts.map(({ reviewer, choice }) => `${reviewer}: ${choice}`).join(", ");
  return [
    span(` ${traces.record + 1}/${traces.count} ${record.id}`, "title"),
    span(
      record.pair === undefined
        ? ""
        : `  ${record.pair.negativeKind}, margin ${record.pair.margin.toFixed(2)}`,
      "dim",
    ),
    span(trace.blind ? "  blind" : "", "accent", { bold: true }),
    chosen === undefined ? "" : span(`  criterion ${chosen}`, "accent"),
    verdicts === "" ? "" : span(`  verdicts: ${verdicts}`, "good"),
    comment === "" ? "" : span(`  comment: ${comment}`, "dim"),
  ];
}

function questionBlock(
  record: OpenRecord,
  { picture: shown }: TraceUi,
  look: Look,
  picture: PictureView,
): Line[] {
  if (!shown || picture === undefined || "reason" in picture) {
    const reason =
      shown && picture !== undefined && "reason" in picture ? [[span(picture.reason, "dim")]] : [];
    return box([...reason, ...questionLines(record, look.columns - 4)].map(pad), {
      title: "Question",
      columns: look.columns,
      rows: questionLines(record, look.columns - 4).length + reason.length + 2,
    });
  }
  const width = picture.columns + 2;
  const text = questionLines(record, look.columns - width - 4);
  const rows = Math.max(picture.lines.length, text.length) + 2;
  return beside(
    { lines: box(picture.lines, { title: "", columns: width, rows }), columns: width },
    {
      lines: box(text.map(pad), { title: "Question", columns: look.columns - width, rows }),
      columns: look.columns - width,
    },
  );
}

const pad = (line: Line): Line => [" ", ...line];

/** How many answers fit beside each other. */
const across = (look: Look, count: number) => Math.max(1, Math.min(count, Math.floor(look.columns / 38)));

/** Answers beside each other, as long as the longest of them and at least `least` rows. */
function answersBlock(record: OpenRecord, trace: TraceUi, look: Look, least: number): Line[] {
  const blind = trace.blind && record.pair !== undefined;
  const order =
    record.pair !== undefined && orderOf(record.pair.id, blind) === "rejected-first"
      ? [...record.answers].reverse()
      : record.answers;
  const count = across(look, order.length);
  const criterion = criteriaOf(record)[trace.criterion];
  const blocks = order.slice(0, count).map((answer, index) => {
    const columns = Math.floor(look.columns / count) + (index < look.columns % count ? 1 : 0);
    const { title, role } = sideOf(record, answer, index, blind);
    return { title, columns, lines: answerLines(answer, criterion, columns - 4, role, blind).map(pad) };
  });
  if (blocks.length === 0) return [blank];
  const rows = Math.max(least, ...blocks.map(({ lines }) => lines.length + 2));
  return beside(
    ...blocks.map(({ lines, title, columns }) => ({ lines: box(lines, { title, columns, rows }), columns })),
  );
}

function sideOf(
  { pair }: OpenRecord,
  { trace }: ReadTrace,
  index: number,
  blind: boolean,
): { title: string; role: Role } {
  const place = index === 0 ? "first" : index === 1 ? "second" : `answer ${index + 1}`;
  if (pair === undefined)
    return { title: `${place} · ${trace.by.kind} ${trace.by.name.split("/").slice(-1)[0]}`, role: "text" };
  if (blind) return { title: place, role: "text" };
  const chosen = trace.id === pair.chosen.id;
  return { title: `${place} · ${chosen ? "chosen" : "rejected"}`, role: chosen ? "chosen" : "rejected" };
}

function answerLines(
  { trace, rating }: ReadTrace,
  criterion: string | undefined,
  columns: number,
  role: Role,
  blind: boolean,
): Line[] {
  const lines: Line[] = [
    [
      span(answerText(trace.answer), role, { bold: true }),
      span(`  ${trace.finish}, ${trace.tokens.completion} tokens`, "dim"),
    ],
  ];
  if (!blind && rating !== undefined) lines.push(...ratingLines(rating, criterion, columns));
  lines.push(blank);
  const marks = marksOf(trace, rating?.criteria[criterion ?? ""]);
  lines.push(...wrap(trace.text, columns, [...stepMarks(trace), ...marks]));
  return lines;
}

/** Gates that failed, and every criterion with its value; the selected one is marked. */
function ratingLines(
  rating: NonNullable<ReadTrace["rating"]>,
  selected: string | undefined,
  columns: number,
): Line[] {
  const failed = Object.entries(rating.gates)
    .filter(([, gate]) => gate === "failed")
    .map(([name]) => name);
  const parts = Object.entries(rating.criteria).map(
    ([name, judgement]) =>
      `${name === selected ? "▶" : ""}${name} ${judgement.status === "scored" ? judgement.value.toFixed(2) : `– (${judgement.reason})`}`,
  );
  const reason = selected === undefined ? undefined : rating.criteria[selected];
  return [
    ...wrap(
      `${rating.total === null ? "no total" : `total ${rating.total.toFixed(2)}`} · ${parts.join(" · ")}`,
      columns,
      [],
      { role: "dim" },
    ),
    ...(failed.length === 0 ? [] : wrap(`✗ gates: ${failed.join(", ")}`, columns, [], { role: "bad" })),
    ...(reason?.status === "scored" && reason.spans.length === 0
      ? [[span("this criterion points to no passage", "dim")]]
      : []),
  ];
}

const highlight: Style = { inverse: true };

/** The passages that a criterion points to, where they lie in the answer. */
function marksOf(trace: ReadTrace["trace"], judgement: Judgement | undefined): Marked[] {
  if (judgement?.status !== "scored") return [];
  return judgement.spans.flatMap((each): Marked[] => {
    if (each.field !== "text") return [];
    const found = resolveSpan(trace, each);
    return found.found ? [{ start: found.start, end: found.end, style: highlight }] : [];
  });
}

/** The final answer is underlined; what stands outside the reasoning is faint. */
function stepMarks(trace: ReadTrace["trace"]): Marked[] {
  const marks: Marked[] = [];
  if (trace.reasoning !== null) {
    const found = resolveSpan(trace, trace.reasoning);
    if (found.found) {
      marks.push({ start: 0, end: found.start, style: { role: "dim" } });
      marks.push({ start: found.end, end: trace.text.length, style: { role: "dim" } });
    }
  }
  if (trace.answer.span !== null) {
    const found = resolveSpan(trace, trace.answer.span);
    if (found.found)
      marks.push({ start: found.start, end: found.end, style: { role: "accent", underline: true } });
  }
  return marks;
}
