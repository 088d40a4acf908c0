import { isoTime } from "@mede2/schemas";
import type { Host } from "./host.ts";

/** A new run id, such as `20260131T120000123Z-k3f9a2`: ids sort by time; six random characters keep runs of one millisecond apart. */
export function newRunId(host: Pick<Host, "clock" | "random">): string {
  return `${compactTime(host)}-${randomText(host, 6)}`;
}

/** The time without punctuation, as it may stand in a file name anywhere. */
export function compactTime(host: Pick<Host, "clock">): string {
  return isoTime(host.clock).replace(/[-:.]/g, "");
}

/** Random characters 0–9 and a–z. */
export function randomText(host: Pick<Host, "random">, length: number): string {
  return Array.from({ length }, () => Math.floor(host.random() * 36).toString(36)).join("");
}
