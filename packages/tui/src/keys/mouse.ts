/** An event of the mouse in SGR form (xterm, mode 1006), as far as it is used. Rows and columns from 0. */
export type MouseEvent = { kind: "wheel-up" | "wheel-down" | "click"; column: number; row: number };

/** Asks the terminal for clicks and the wheel, and stops asking. Selecting text needs Shift meanwhile: mouse is off by default. */
export const mouseOn = "\u001b[?1000h\u001b[?1006h";
export const mouseOff = "\u001b[?1006l\u001b[?1000l";

/** The events in a piece of input; empty when it is none. The escape character may be missing: input libraries take it off. */
export function mouseEvents(input: string): MouseEvent[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins every sequence
  return [...input.matchAll(/\u001b?\[<(\d+);(\d+);(\d+)([Mm])/g)].flatMap(
    ([, button, column, row, end]): MouseEvent[] => {
      const place = { column: Number(column) - 1, row: Number(row) - 1 };
      if (button === "64") return [{ kind: "wheel-up", ...place }];
      if (button === "65") return [{ kind: "wheel-down", ...place }];
      return button === "0" && end === "M" ? [{ kind: "click", ...place }] : [];
    },
  );
}
