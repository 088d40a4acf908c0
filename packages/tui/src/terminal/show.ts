import type { Readable, Writable } from "node:stream";
import { setFlagsFromString } from "node:v8";
import { mouseOff, mouseOn } from "../keys/mouse.ts";
import { type LookSettings, lookOf } from "../look/look.ts";
import { openSession, type SessionSettings } from "../session.ts";
import { openSuspend } from "./suspend.ts";

/** The terminal that the viewer runs on. */
export interface Terminal {
  stdin: Readable & { isTTY?: boolean };
  stdout: Writable & { isTTY?: boolean; columns?: number; rows?: number };
  env: NodeJS.ProcessEnv;
}

export interface ShowSettings extends SessionSettings {
  look: LookSettings;
  mouse: boolean;
  /** Draws into the normal screen, whose history stays. Default: a screen of its own, which goes when the viewer ends. */
  inline: boolean;
  /** Ends the viewer; the run goes on. */
  signal: AbortSignal;
}

/**
 * Shows the viewer until its user closes it or the signal aborts, and then gives the terminal back as it was: on errors and signals, too, by the exit
 * hook of ink. Throws what broke the screen, after that.
 */
export async function show(settings: ShowSettings, terminal: Terminal): Promise<void> {
  const { stdin, stdout, env } = terminal;
  // what is typed while the rest is loaded must not be echoed onto the screen; ink takes it over, and gives it back
  const raw = stdin as Partial<{ setRawMode(on: boolean): void }>;
  raw.setRawMode?.(true);
  // React is several times slower when it checks itself; it looks at this when it is loaded
  process.env.NODE_ENV ??= "production";
  // a viewer makes little that lives, and is often beside a training that needs the memory: young objects get no more room than at the start,
  // and the old ones a fifth more than what lives before they are looked through
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--heap-growing-percent=20");
  // ink's colour library does not know NO_COLOR (no-color.org) where it counts; what is painted here has its own escape sequences
  if (env.NO_COLOR) process.env.FORCE_COLOR = "0";
  const [{ render }, { createElement }, { App }] = await Promise.all([
    import("ink"),
    import("react"),
    import("./app.ts"),
  ]);
  const look = lookOf(settings.look, env, { columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 });
  const toTerminal = { write: (text: string) => void stdout.write(text), tmux: !!env.TMUX };
  const mouse = (sequence: string) => {
    if (settings.mouse) stdout.write(sequence);
  };
  let handOver: (work: () => void) => Promise<void> = async () => {};
  const { suspend, close } = openSuspend((stop) =>
    handOver(() => {
      mouse(mouseOff);
      stop();
      mouse(mouseOn);
    }),
  );
  const redraw = () => handOver(() => {});
  const session = openSession({ toTerminal, suspend, redraw, ...settings }, look);
  const ready = (given: typeof handOver) => {
    handOver = given;
  };
  const restoreMouse = () => mouse(mouseOff);
  process.once("exit", restoreMouse);
  const instance = render(createElement(App, { session, look: settings.look, env, ready }), {
    stdout: stdout as NodeJS.WriteStream,
    stdin: stdin as NodeJS.ReadStream,
    exitOnCtrlC: false, // it closes the viewer through the key table
    patchConsole: false,
    alternateScreen: !settings.inline,
    incrementalRendering: true,
    interactive: true, // CI=true would make ink print the last frame only
    maxFps: 20,
  });
  mouse(mouseOn);
  const stop = () => session.close();
  settings.signal.addEventListener("abort", stop);
  if (settings.signal.aborted) stop();
  try {
    // an error while drawing ends ink, not the session
    await Promise.race([session.done, instance.waitUntilExit()]);
  } finally {
    settings.signal.removeEventListener("abort", stop);
    process.off("exit", restoreMouse);
    close();
    mouse(mouseOff);
    session.close();
    instance.unmount();
    await instance.waitUntilExit().catch(() => {});
    raw.setRawMode?.(false);
  }
}
