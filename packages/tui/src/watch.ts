import { existsSync } from "node:fs";
import { join } from "node:path";
import { openReplay } from "./data/replay.ts";
import { type ShowSettings, show, type Terminal } from "./terminal/show.ts";
import { speak } from "./terminal/speak.ts";

export interface WatchSettings extends Omit<ShowSettings, "replay"> {
  /** Shows a finished run once more, so many times as fast. */
  replaySpeed?: number | undefined;
}

/** The viewer on a terminal: of a workspace, or of a run. Resolves when it is closed; whatever runs goes on. */
export async function watch(settings: WatchSettings, terminal: Terminal): Promise<void> {
  const { replaySpeed, ...rest } = settings;
  const replay =
    replaySpeed === undefined || rest.run === undefined
      ? undefined
      : await openReplay(rest.run, replaySpeed, rest.clock ?? Date.now);
  return (rest.look.spoken ? speak : show)({ ...rest, replay }, terminal);
}

/** Whether a folder is a workspace: it holds `runs/`, and is no run itself. */
export const isWorkspace = (folder: string): boolean =>
  existsSync(join(folder, "runs")) && !existsSync(join(folder, "run.json"));
