import type { Look } from "../look/look.ts";
import type { Model } from "../state/model.ts";
import type { Ui } from "../state/ui.ts";
import { pageOf } from "./frame.ts";
import { endOf } from "./page.ts";
import type { PictureView } from "./trace.ts";

/**
 * The state after a key with its scrolling held within the text that is shown. A criterion that was just chosen brings the first passage it points to into sight,
 * a few lines below the top.
 */
export function heldScroll(before: Ui, ui: Ui, model: Model, look: Look, picture: PictureView): Ui {
  const page = pageOf(model, ui, look, picture);
  if (page === undefined) return ui.scroll === 0 ? ui : { ...ui, scroll: 0 };
  const end = endOf(page);
  if (ui.screen !== "trace") return { ...ui, scroll: Math.min(ui.scroll, end) };
  let { scroll } = ui.trace;
  if (ui.trace.criterion !== before.trace.criterion && before.screen === "trace") {
    const marked = page.lines.findIndex((line) =>
      line.some((piece) => typeof piece !== "string" && piece.inverse === true),
    );
    if (marked >= 0 && (marked < scroll || marked >= scroll + page.rows)) scroll = marked - 3;
  }
  return { ...ui, trace: { ...ui.trace, scroll: Math.max(0, Math.min(scroll, end)) } };
}
