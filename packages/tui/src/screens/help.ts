import { keysOf } from "../keys/key-table.ts";
import { box } from "../layout/box.ts";
import type { Look } from "../look/look.ts";
import type { Model } from "../state/model.ts";
import type { Ui } from "../state/ui.ts";
import { type Line, span } from "../text/line.ts";
import { type Page, placeOf, seenOf } from "./page.ts";

/** The keys of the screen that help was asked for on, from the key table. */
export function helpScreen(model: Model, ui: Ui, look: Look, rows: number): Line[] {
  const page = helpPage(model, ui, look, rows);
  return box(seenOf(page, ui.scroll), {
    title: `Keys of the screen: ${ui.before.at(-1) ?? "workspace"}${placeOf(page, ui.scroll)}`,
    columns: Math.min(look.columns, 100),
    rows,
    focused: true,
  });
}

export function helpPage(model: Model, ui: Ui, _: Look, rows: number): Page {
  const lines = keysOf(ui.before.at(-1) ?? "workspace", model.replay !== undefined).map(
    ({ keys, help }): Line => [span(` ${keys.join("  ").padEnd(20)}`, "accent", { bold: true }), help],
  );
  return { lines, rows: rows - 2 };
}
