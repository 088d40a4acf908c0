/** A page that has nothing to show yet, or the fault that keeps it from it. */
export const Waiting = ({ fault }: { readonly fault: string }) => (
  <main class="run">{fault === "" ? <p class="dim">Reading…</p> : <p class="fault">{fault}</p>}</main>
);
