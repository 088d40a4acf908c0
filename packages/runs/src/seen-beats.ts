import { type Heartbeat, isoTime } from "@mede2/schemas";
import type { Witness } from "./status.ts";

/** Looks that lie further apart, in milliseconds, do not tell when a heartbeat came. */
const closeLooks = 15_000;

/**
 * Heartbeats of another host by the clock of this one, which may differ by minutes: a beat that came between two looks is as old as the second look, and none lies in the future. Those of
 * this host are left as they are.
 */
export function seenBeats(
  witness: Pick<Witness, "clock" | "name">,
): (beat: Heartbeat | null) => Heartbeat | null {
  let last: { ts: string; attempt: number; at: number; lookedAt: number } | undefined;
  return (beat) => {
    if (beat === null || beat.host === witness.name) return beat;
    const now = witness.clock();
    const same = last?.ts === beat.ts && last.attempt === beat.attempt;
    const close = last !== undefined && now - last.lookedAt < closeLooks;
    const at = same ? last!.at : close ? now : Math.min(now, Date.parse(beat.ts));
    last = { ts: beat.ts, attempt: beat.attempt, at, lookedAt: now };
    return { ...beat, ts: isoTime(() => at) };
  };
}
