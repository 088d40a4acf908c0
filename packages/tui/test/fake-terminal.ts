import { EventEmitter } from "node:events";
import { Writable } from "node:stream";
import xterm from "@xterm/headless";
import { vi } from "vitest";
import { type ShowSettings, show, type Terminal } from "../src/terminal/show.ts";

/** A real terminal emulator in place of the window: what it shows is what a user would see. */
export interface FakeTerminal {
  terminal: Terminal;
  /** The visible lines, without trailing spaces. */
  screen(): Promise<string[]>;
  /** Whether the screen of its own is up. */
  alternate(): boolean;
  /** Everything that was written, as bytes of text. */
  written(): string;
  type(keys: string): void;
  resize(columns: number, rows: number): void;
  /** Resolves when the screen holds a text, or one that fits. */
  until(wanted: string | RegExp): Promise<string[]>;
}

export function fakeTerminal(columns: number, rows: number, env: NodeJS.ProcessEnv = {}): FakeTerminal {
  const emulator = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true });
  let written = "";
  const stdout = Object.assign(
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        written += chunk.toString("utf8");
        emulator.write(chunk, done);
      },
    }),
    { isTTY: true, columns, rows, getColorDepth: () => 24, hasColors: () => true },
  );
  const queue: string[] = [];
  const stdin = Object.assign(new EventEmitter(), {
    isTTY: true,
    setRawMode: () => stdin,
    setEncoding: () => stdin,
    ref: () => stdin,
    unref: () => stdin,
    resume: () => stdin,
    pause: () => stdin,
    read: () => queue.shift() ?? null,
  });
  const screen = async () => {
    await new Promise<void>((resolve) => emulator.write("", resolve));
    const { active } = emulator.buffer;
    return Array.from(
      { length: emulator.rows },
      (_, row) => active.getLine(active.viewportY + row)?.translateToString(true) ?? "",
    );
  };
  return {
    terminal: {
      stdin: stdin as never,
      stdout: stdout as never,
      env: { TERM: "xterm-256color", LANG: "C.UTF-8", ...env },
    },
    screen,
    alternate: () => emulator.buffer.active.type === "alternate",
    written: () => written,
    type(keys) {
      queue.push(keys);
      stdin.emit("readable");
    },
    resize(nextColumns, nextRows) {
      emulator.resize(nextColumns, nextRows);
      Object.assign(stdout, { columns: nextColumns, rows: nextRows });
      stdout.emit("resize");
    },
    until: (wanted) =>
      vi.waitFor(
        async () => {
          const lines = await screen();
          const all = lines.join("\n");
          if (typeof wanted === "string" ? !all.includes(wanted) : !wanted.test(all))
            throw new Error(`not on the screen: ${wanted}\n${all}`);
          return lines;
        },
        { timeout: 30_000, interval: 40 },
      ),
  };
}

/** Opens the viewer on it; `close` ends it as a signal would. */
export function openOn(
  fake: FakeTerminal,
  settings: Partial<ShowSettings> & Pick<ShowSettings, "workspace">,
) {
  const ending = new AbortController();
  const done = show(
    {
      user: "anna",
      mouse: false,
      inline: false,
      look: {},
      signal: ending.signal,
      framesPerSecond: 20,
      ...settings,
    },
    fake.terminal,
  );
  return { done, close: () => ending.abort() };
}
