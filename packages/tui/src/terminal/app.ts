import { Box, Text, useApp, useInput, useWindowSize } from "ink";
import { createElement, memo, type ReactElement, useEffect, useSyncExternalStore } from "react";
import { keyName } from "../keys/key-name.ts";
import { mouseEvents } from "../keys/mouse.ts";
import { rawKeys } from "../keys/raw-keys.ts";
import { type LookSettings, lookOf } from "../look/look.ts";
import type { Session } from "../session.ts";

export interface AppProps {
  session: Session;
  look: LookSettings;
  env: NodeJS.ProcessEnv;
  /** Is given what hands the terminal over while something is done. */
  ready: (handOver: (work: () => void) => Promise<void>) => void;
}

/** A row that is drawn again only when its text changes. */
const Row = memo(({ text }: { text: string }) => createElement(Text, { wrap: "truncate" }, text));

/** Ink's part: the terminal's size, its keys, and rows of text that the session paints. */
export function App({ session, look, env, ready }: AppProps): ReactElement {
  const { suspendTerminal } = useApp();
  useEffect(() => ready(suspendTerminal), [ready, suspendTerminal]);
  const { columns, rows } = useWindowSize();
  useEffect(() => session.resize(lookOf(look, env, { columns, rows })), [session, look, env, columns, rows]);
  const lines = useSyncExternalStore(session.subscribe, session.lines);
  useInput((input, key) => {
    const mouse = mouseEvents(input);
    if (mouse.length > 0) {
      for (const { kind } of mouse)
        if (kind !== "click")
          for (let count = 0; count < 3; count++) session.press(kind === "wheel-up" ? "up" : "down", "");
      return;
    }
    const name = keyName(input, key);
    if (input.length > 1 && name === input) {
      // keys that came in one piece, as over a slow line, or pasted text: in that only the last line break counts as the enter key
      const keys = rawKeys(input);
      for (const [index, [one, text]] of keys.entries())
        if (one === "enter" && index < keys.length - 1 && session.ui().prompt !== null)
          session.press("space", " ");
        else session.press(one, text);
    } else session.press(name, input);
  });
  // not as a list with keys: a row is its place on the screen
  const drawn = lines.slice(0, rows).map(drawRow);
  return createElement(Box, { flexDirection: "column", width: columns, height: rows }, ...drawn);
}

const drawRow = (text: string): ReactElement => createElement(Row, { text });
