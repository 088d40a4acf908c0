import { box, windowOn } from "../layout/box.ts";
import type { Look } from "../look/look.ts";
import type { Model } from "../state/model.ts";
import type { Ui } from "../state/ui.ts";
import { cellsOf, fit } from "../text/cells.ts";
import { blank, type Line, span, styled } from "../text/line.ts";
import { visible } from "../text/visible.ts";
import { wrap } from "../text/wrap.ts";

/** What can be started: plans, recipes, and runs that can be resumed. */
export function launchScreen({ launch }: Model, ui: Ui, look: Look, rows: number): Line[] {
  if (launch === undefined) return [[span(" looking for plans …", "dim")]];
  if (launch.length === 0)
    return [
      blank,
      ...wrap(
        " There is no plan (*.plan.json) in the workspace and nothing to resume. Write one with  mede2 plan demo-stage1 --model DIR --data FILE --out stage1.plan.json",
        look.columns - 2,
        [],
        { role: "dim" },
      ),
    ];
  const detailRows = 7;
  const { start, items } = windowOn(launch, ui.launch, rows - detailRows - 2);
  const width = Math.min(
    32,
    Math.floor(look.columns / 3),
    Math.max(...launch.map(({ title }) => cellsOf(visible(title)))),
  );
  const list = items.map((choice, index): Line => {
    const chosen = start + index === ui.launch;
    const line: Line = [
      chosen ? " ▶ " : "   ",
      fit(visible(choice.title), width),
      choice.problem === undefined ? "" : span("  not now:", "warn"),
      span(`  ${choice.about}`, "dim"),
    ];
    return chosen ? styled(line, { bold: true }) : line;
  });
  const chosen = launch[ui.launch];
  const detail =
    chosen === undefined
      ? []
      : [
          ...wrap(chosen.command, look.columns - 4, [], { role: "accent" }),
          ...(chosen.problem === undefined
            ? []
            : wrap(chosen.problem, look.columns - 4, [], { role: "warn" })),
          [span("It goes on when this viewer is closed.", "dim")],
        ];
  return [
    ...box(list, { title: "Start a run", columns: look.columns, rows: rows - detailRows, focused: true }),
    ...box(
      detail.map((line): Line => [" ", ...line]),
      { title: "Command", columns: look.columns, rows: detailRows },
    ),
  ];
}
