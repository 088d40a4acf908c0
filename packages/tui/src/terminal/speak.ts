import { rawKeys } from "../keys/raw-keys.ts";
import { lookOf } from "../look/look.ts";
import { spokenRun } from "../screens/spoken.ts";
import { openSession } from "../session.ts";
import type { ShowSettings, Terminal } from "./show.ts";

/** Said again at most so often while nothing is pressed. */
const announceEvery = 10_000;

/**
 * The viewer for a screen reader: no frames, nothing is drawn over. A key writes the screen that it leads to as lines; between keys a line is
 * written when the run's status, its alarms or, every ten seconds at most, its step changed.
 */
export async function speak(settings: ShowSettings, { stdin, stdout, env }: Terminal): Promise<void> {
  const session = openSession(
    settings,
    lookOf({ ...settings.look, spoken: true }, env, { columns: 100, rows: 24 }),
  );
  const write = (lines: readonly string[]) => void stdout.write(`${lines.join("\r\n")}\r\n`);
  const raw = stdin as Partial<{ setRawMode(on: boolean): void }>;
  let [said, saidAt, screen] = ["", 0, ""];
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
    const status = `${run.status} ${run.alarms.map(({ name }) => name).join()}`;
    const now = Date.now();
    const text = spokenRun(run);
    if (text === said || (status === said.slice(0, status.length) && now - saidAt < announceEvery)) return;
    if (now - saidAt < announceEvery && said !== "" && text.split(",")[0] === said.split(",")[0]) return;
    [said, saidAt] = [text, now];
    write([text]);
  });
  raw.setRawMode?.(true);
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
    raw.setRawMode?.(false);
    stdin.pause();
    session.close();
  }
}
