/** What went wrong, said aloud; nothing when nothing did. */
export const Fault = ({ text }: { readonly text: string }) =>
  text === "" ? null : (
    <p class="fault" role="alert">
      {text}
    </p>
  );

/** A page that has nothing to show yet, or the fault that keeps it from it. */
export const Waiting = ({ fault }: { readonly fault: string }) => (
  <main class="run">{fault === "" ? <p class="dim">Reading…</p> : <Fault text={fault} />}</main>
);
