/** A half-open range of UTF-16 code units. */
export type Range = { start: number; end: number };

/** A trace in its two parts. `closed` is false when the reasoning never ends: the text was cut off, or the model forgot. */
export type TraceParts = { reasoning: Range | null; conclusion: Range; closed: boolean };

/**
 * Splits a trace at its reasoning tags: `<think>`, `<thinking>`, `<reasoning>`, `◁think▷`, in any case. Chat templates often put the
 * opening tag into the prompt, so a closing tag alone also ends the reasoning. With several blocks the reasoning runs
 * from the first to the last. Linear in the length of the text.
 */
export function traceParts(text: string): TraceParts {
  let opened = -1; // just after the first opening tag
  let lastOpen = -1;
  let lastClose: Range | null = null;
  for (const match of text.matchAll(/[<◁](\/?)(?:think|thinking|reasoning)[>▷]/gi)) {
    const end = match.index + match[0].length;
    if (match[1] === "/") lastClose = { start: match.index, end };
    else {
      if (opened < 0) opened = end;
      lastOpen = match.index;
    }
  }
  const whole = { start: 0, end: text.length };
  if (lastClose === null && opened < 0) return { reasoning: null, conclusion: whole, closed: true };
  const start =
    opened >= 0 && (lastClose === null || opened <= lastClose.start)
      ? opened
      : lastClose === null
        ? opened
        : 0;
  if (lastClose === null || lastOpen > lastClose.start)
    return {
      reasoning: { start, end: text.length },
      conclusion: { start: text.length, end: text.length },
      closed: false,
    };
  return {
    reasoning: { start, end: lastClose.start },
    conclusion: { start: lastClose.end, end: text.length },
    closed: true,
  };
}
