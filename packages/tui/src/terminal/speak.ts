import { rawKeys } from "../keys/raw-keys.ts";
import { lookOf } from "../look/look.ts";
import { openSession } from "../session.ts";
import { visible } from "../text/visible.ts";
import { openAnnouncer } from "./announcer.ts";
import type { ShowSettings, Terminal } from "./show.ts";
import { openSuspend } from "./suspend.ts";

/**
 * The viewer for a screen reader: no frames, nothing is drawn over. A key writes the screen that it leads to as lines; between keys a line is
 * written when the run's status, its alarms or, every ten seconds at most, its step changed.
 */
export async function speak(settings: ShowSettings, { stdin, stdout, env }: Terminal): Promise<void> {
  const raw = stdin as Partial<{ setRawMode(on: boolean): void }>;
  const cooked = () => raw.setRawMode?.(false);
  const { suspend, close } = openSuspend(async (stop) => {
    cooked();
    stop();
    raw.setRawMode?.(true);
  });
  const session = openSession(
    { suspend, ...settings },
    lookOf({ ...settings.look, spoken: true }, env, { columns: 100, rows: 24 }),
  );
  // run ids, messages and paths are untrusted here as they are on the screen
  const write = (lines: readonly string[]) => void stdout.write(`${lines.map(visible).join("\r\n")}\r\n`);
  const announce = openAnnouncer();
  let screen = "";
  const whole = async () => {
    await session.settled();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await session.settled();
    const { prompt, notice } = session.ui();
    write([
      ...session.spoken(),
      ...(notice === null ? [] : [notice.text]),
      ...(prompt === null
        ? []
        : [prompt.kind === "confirm" ? `${prompt.text} y or n` : `${prompt.label}: ${prompt.value}`]),
    ]);
    screen = session.ui().screen;
  };
  const onData = (data: Buffer | string) => {
    for (const [name, text] of rawKeys(String(data))) session.press(name, text);
    void whole();
  };
  const unsubscribe = session.subscribe(() => {
    const { run } = session.model();
    if (run === undefined || screen === "" || screen === "workspace") return;
    const lines = announce(run, Date.now());
    if (lines.length > 0) write(lines);
  });
  raw.setRawMode?.(true);
  const unguard = onDeath(cooked);
  stdin.resume();
  stdin.on("data", onData);
  const stop = () => session.close();
  settings.signal.addEventListener("abort", stop);
  try {
    await whole();
    write(["Press question mark for the keys, q to close."]);
    await session.done;
  } finally {
    settings.signal.removeEventListener("abort", stop);
    unsubscribe();
    stdin.off("data", onData);
    cooked();
    unguard();
    close();
    stdin.pause();
    session.close();
  }
}

/** Signals that nobody else takes, and that end the process before it could put the terminal back. */
const deadly = ["SIGQUIT", "SIGABRT", "SIGALRM", "SIGUSR2"] as const;

/** Does it when such a signal comes, which then ends the process as ever. Returns what takes it back. */
function onDeath(restore: () => void): () => void {
  const handlers = deadly.map((signal) => {
    const handler = () => {
      restore();
      process.off(signal, handler);
      process.kill(process.pid, signal);
    };
    process.on(signal, handler);
    return () => process.off(signal, handler);
  });
  return () => {
    for (const off of handlers) off();
  };
}
