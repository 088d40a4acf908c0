import { box } from "../layout/box.ts";
import type { Look } from "../look/look.ts";
import type { Model } from "../state/model.ts";
import { fieldValue, formKey } from "../state/recipe-form.ts";
import type { Ui } from "../state/ui.ts";
import { fit } from "../text/cells.ts";
import { blank, type Line, span, styled } from "../text/line.ts";
import { visible } from "../text/visible.ts";
import { wrap } from "../text/wrap.ts";

const detailRows = 9;

/** The form of a recipe: a field a row, and below what the plan needs once it was checked. */
export function recipeScreen({ launch, preparing }: Model, ui: Ui, look: Look, rows: number): Line[] {
  const choice = launch?.[ui.launch];
  const { at, values } = ui.form;
  if (choice?.fields === undefined) return [[span(" there is no recipe", "dim")]];
  const width = Math.max(...choice.fields.map(({ name }) => name.length)) + 2;
  const form = choice.fields.map((field, index): Line => {
    const value = fieldValue(field, values);
    const place = field.options.findIndex((option) => option.value === value);
    const label = place < 0 ? value : field.options[place]!.label;
    const count = field.options.length + (field.typed === undefined ? 0 : 1);
    const line: Line = [
      index === at ? " ▶ " : "   ",
      span(fit(field.name, width), "dim"),
      index === at && count > 1 ? span("‹ ", "accent") : "  ",
      span(label, index === at ? "accent" : "text"),
      index === at && count > 1 ? span(" ›", "accent") : "  ",
      span(
        place < 0
          ? "  as typed"
          : field.options.length > 1
            ? `  ${place + 1} of ${field.options.length}`
            : "",
        "dim",
      ),
    ];
    return index === at ? styled(line, { bold: true }) : line;
  });
  const last = at === choice.fields.length;
  const end: Line = [
    last ? " ▶ " : "   ",
    span("check the plan, and say what it needs", last ? "accent" : "text", { bold: last }),
  ];
  const columns = look.columns - 4;
  const field = choice.fields[at];
  const about =
    field?.options.find(({ value }) => value === fieldValue(field, values))?.about ?? choice.about;
  return [
    ...box([blank, ...form, blank, end], {
      title: `New run: ${choice.title}`,
      columns: look.columns,
      rows: rows - detailRows,
      focused: true,
    }),
    ...box(
      [
        ...wrap(about, columns, [], { role: "dim" }),
        ...preparedLines(preparing, formKey(choice, values), columns),
      ].map((line): Line => [" ", ...line]),
      { title: "Plan", columns: look.columns, rows: detailRows },
    ),
  ];
}

function preparedLines(preparing: Model["preparing"], key: string, columns: number): Line[] {
  if (preparing?.key !== key) return [];
  const { result } = preparing;
  if (result === undefined)
    return [[span("checking, and computing a part of it to see how long it takes …", "accent")]];
  return [
    ...(result.id === undefined
      ? [[span("✗ this plan cannot run", "bad")]]
      : wrap(visible(result.estimate), columns, [], { role: "good" })),
    ...result.findings.flatMap(({ level, message }) =>
      wrap(`${level}: ${message}`, columns, [], {
        role: level === "error" ? "bad" : level === "warning" ? "warn" : "dim",
      }),
    ),
  ];
}
