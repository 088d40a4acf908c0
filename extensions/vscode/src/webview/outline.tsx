import type { CaseView } from "../protocol/case-view.ts";
import { type Place, placesOf } from "./outline-places.ts";

/** The outline of the open record. A click, or Enter, leads to the place and lights it up. */
export function Outline({ view }: { readonly view: CaseView }) {
  return (
    <details class="outline" open>
      <summary>Outline</summary>
      <nav aria-label="Outline">
        <Places places={placesOf(view)} />
      </nav>
    </details>
  );
}

function Places({ places }: { readonly places: readonly Place[] }) {
  return (
    <ul>
      {places.map(({ title, selector, inside }) => (
        <li key={selector}>
          <button type="button" class="place" onClick={() => goTo(selector)}>
            {title}
          </button>
          {inside.length > 0 && <Places places={inside} />}
        </li>
      ))}
    </ul>
  );
}

function goTo(selector: string): void {
  const element = document.querySelector<HTMLElement>(selector);
  if (element === null) return;
  element.scrollIntoView({ block: "center", inline: "nearest" });
  if (!element.hasAttribute("tabindex")) element.tabIndex = -1;
  element.focus({ preventScroll: true });
  element.classList.remove("found");
  void element.offsetWidth; // so that the animation begins anew
  element.classList.add("found");
}
