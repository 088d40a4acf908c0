import type { Column } from "../../tables/text-table.ts";
import { html, type Markup } from "./markup.ts";

/** A table for reading and for screen readers; it may scroll sideways on its own. */
export function table<Row>(caption: string, columns: readonly Column<Row>[], rows: readonly Row[]): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption><thead><tr>${columns.map(({ title, align }) => html`<th scope="col" class="${align === "right" ? "num" : ""}">${title}</th>`)}</tr></thead><tbody>${rows.map((row) => html`<tr>${columns.map(({ cell, align }, at) => (at === 0 ? html`<th scope="row">${cell(row)}</th>` : html`<td class="${align === "right" ? "num" : ""}">${cell(row)}</td>`))}</tr>`)}</tbody></table></div>`;
}
