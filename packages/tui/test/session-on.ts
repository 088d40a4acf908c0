import { vi } from "vitest";
import type { Look } from "../src/look/look.ts";
import { openSession, type Session, type SessionSettings } from "../src/session.ts";

export const look: Look = {
  ...{ columns: 120, rows: 40, theme: "mono", depth: "none", ascii: false, spoken: false },
  ...{ pictures: "blocks", background: "dark" },
};
export const plain = (session: Session) =>
  session
    .lines()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are not what is looked at here
    .map((line) => line.replace(/\u001b\[[0-9;]*m/g, ""))
    .join("\n");
export const until = (session: Session, wanted: string | RegExp) =>
  vi.waitFor(
    () => {
      const shown = plain(session);
      if (typeof wanted === "string" ? !shown.includes(wanted) : !wanted.test(shown))
        throw new Error(`not on the screen: ${wanted}\n${shown}`);
      return shown;
    },
    { timeout: 30_000, interval: 20 },
  );
export async function using<T>(
  settings: Partial<SessionSettings> & Pick<SessionSettings, "workspace">,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const session = openSession({ user: "anna", framesPerSecond: 20, ...settings }, look);
  try {
    return await use(session);
  } finally {
    session.close();
  }
}
