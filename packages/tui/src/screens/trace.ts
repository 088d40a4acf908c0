import { type Judgement, resolveSpan } from "@mede2/schemas";
import { answersInOrder } from "../data/pair-order.ts";
import type { OpenRecord, ReadTrace } from "../data/trace-sources.ts";
import { beside, box } from "../layout/box.ts";
import type { Look } from "../look/look.ts";
import { criteriaOf } from "../state/criteria.ts";
import type { Model } from "../state/model.ts";
import type { TraceUi, Ui } from "../state/ui.ts";
import { blank, type Line, type Role, type Style, span } from "../text/line.ts";
import { type Marked, wrap } from "../text/wrap.ts";
import { type Page, placeOf, seenOf } from "./page.ts";
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
  const page = tracePage(model, ui, look, rows, picture);
  const place = span(placeOf(page, ui.trace.scroll), "dim");
  return [[...researchLine, place], headLine(record, model, ui), ...seenOf(page, ui.trace.scroll)];
}

/** Question and answers are one page that scrolls. */
export function tracePage({ traces }: Model, ui: Ui, look: Look, rows: number, picture: PictureView): Page {
  const record = traces.open;
  if (record === undefined) return { lines: [], rows };
  const question = questionBlock(record, ui.trace, look, picture);
  const answers = answersBlock(record, ui.trace, look, rows - 2 - question.length);
  return { lines: [...question, ...answers], rows: rows - 2 };
}

function headLine(record: OpenRecord, { traces }: Model, { trace, comment }: Ui): Line {
  const blind = trace.blind && record.pair !== undefined;
  const chosen = blind ? undefined : criteriaOf(record)[trace.criterion];
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
  { picture: which }: TraceUi,
  look: Look,
  picture: PictureView,
): Line[] {
  const count = record.question?.images.length ?? 0;
  if (which < 0 || picture === undefined || "reason" in picture) {
    const reason: Line[] =
      which >= 0 && picture !== undefined && "reason" in picture
        ? [[span(picture.reason, "dim")]]
        : which < 0 && count > 0
          ? [[span(count === 1 ? "1 picture, i shows it" : `${count} pictures, i shows them`, "dim")]]
          : [];
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
    {
      lines: box(picture.lines, {
        title: count > 1 ? `picture ${Math.min(which, count - 1) + 1} of ${count}, i` : "",
        columns: width,
        rows,
      }),
      columns: width,
    },
    {
      lines: box(text.map(pad), { title: "Question", columns: look.columns - width, rows }),
      columns: look.columns - width,
    },
  );
}

const pad = (line: Line): Line => [" ", ...line];

/** How many answers fit beside each other; of the two of a pair both. */
const across = (look: Look, count: number) => Math.max(1, Math.min(count, Math.floor(look.columns / 38)));

/** Answers beside each other, as many as fit, and the others below them; each row as long as the longest of it, and all together at least `least` rows. */
function answersBlock(record: OpenRecord, trace: TraceUi, look: Look, least: number): Line[] {
  const blind = trace.blind && record.pair !== undefined;
  const order = answersInOrder(record, trace.blind);
  if (order.length === 0) return [blank];
  const count = across(look, order.length);
  // what it points to would tell the sides apart
  const criterion = blind ? undefined : criteriaOf(record)[trace.criterion];
  const blocks = order.map((answer, index) => {
    const place = index % count;
    const columns = Math.floor(look.columns / count) + (place < look.columns % count ? 1 : 0);
    const { title, role } = sideOf(record, answer, index, trace);
    return { title, columns, lines: answerLines(answer, criterion, columns - 4, role, blind).map(pad) };
  });
  const lines: Line[] = [];
  for (let from = 0; from < blocks.length; from += count) {
    const row = blocks.slice(from, from + count);
    const last = from + count >= blocks.length;
    const rows = Math.max(last ? least - lines.length : 0, ...row.map((each) => each.lines.length + 2));
    lines.push(
      ...beside(
        ...row.map(({ lines: text, title, columns }) => ({
          lines: box(text, { title, columns, rows }),
          columns,
        })),
      ),
    );
  }
  return lines;
}

export function sideOf(
  { pair }: OpenRecord,
  { trace }: ReadTrace,
  index: number,
  { blind }: TraceUi,
): { title: string; role: Role } {
  const place = pair === undefined ? `answer ${index + 1}` : index === 0 ? "first" : "second";
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
  const marks = [...partMarks(trace), ...marksOf(trace, rating?.criteria[criterion ?? ""])];
  return [...lines, ...stepLines(trace, columns, marks)];
}

/** Characters of an answer that are shown: whatever a file holds, the screen is made within milliseconds. */
const mostCharacters = 100_000;

/** The text of an answer, each of its steps on lines of its own behind its number. */
function stepLines(whole: ReadTrace["trace"], columns: number, marks: readonly Marked[]): Line[] {
  const left = whole.text.length - mostCharacters;
  if (left > 0) {
    const trace = { ...whole, text: whole.text.slice(0, mostCharacters) };
    return [...stepLines(trace, columns, marks), [span(`${left} more characters; o opens the file`, "warn")]];
  }
  const trace = whole;
  const begun = trace.steps.flatMap((step, index) => {
    const found = resolveSpan(trace, step);
    return found.found && step.field === "text" ? [{ at: found.start, name: String(index + 1) }] : [];
  });
  if (begun.length === 0) return wrap(trace.text, columns, marks);
  begun.sort((a, b) => a.at - b.at);
  const gutter = Math.max(...begun.map(({ name }) => name.length)) + 1;
  return [{ at: 0, name: "" }, ...begun].flatMap(({ at, name }, index): Line[] => {
    // a line break before a step is its own already
    const text = trace.text.slice(at, begun[index]?.at).replace(/\n$/, "");
    if (text.trim() === "") return [];
    const moved = marks.map((mark) => ({ ...mark, start: mark.start - at, end: mark.end - at }));
    return wrap(text, columns - gutter, moved).map((line, row) => [
      span((row === 0 ? name : "").padEnd(gutter), "dim"),
      ...line,
    ]);
  });
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
function partMarks(trace: ReadTrace["trace"]): Marked[] {
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
