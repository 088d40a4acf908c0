import { keysOf } from "../keys/key-table.ts";
import { box } from "../layout/box.ts";
import type { Look } from "../look/look.ts";
import type { Model } from "../state/model.ts";
import type { Ui } from "../state/ui.ts";
import { type Line, span } from "../text/line.ts";

/** The keys of the screen that help was asked for on, from the key table. */
export function helpScreen(model: Model, ui: Ui, look: Look, rows: number): Line[] {
  const of = ui.before.at(-1) ?? "workspace";
  const lines = keysOf(of, model.replay !== undefined).map(
    ({ keys, help }): Line => [span(` ${keys.join("  ").padEnd(20)}`, "accent", { bold: true }), help],
  );
  const columns = Math.min(look.columns, 100);
  return box(lines.slice(Math.min(ui.scroll, Math.max(0, lines.length - rows + 2))), {
    title: `Keys of the screen: ${of}`,
    columns,
    rows,
    focused: true,
  });
}
