import { mark } from "./chart.ts";
import { html, type Markup } from "./markup.ts";

/** Which mark is whose. */
export function legend(items: readonly { name: string; series: number }[]): Markup {
  return html`<ul class="legend">${items.map(({ name, series }) => html`<li><svg viewBox="0 0 16 16" aria-hidden="true">${mark(series, 8, 8, 5)}</svg>${name}</li>`)}</ul>`;
}
