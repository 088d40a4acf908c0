/** Milliseconds since 1970-01-01 UTC. `Date.now` is one; tests hand in their own. */
export type Clock = () => number;

/** The clock's time as ISO 8601 in UTC with milliseconds. */
export function isoTime(clock: Clock): string {
  return new Date(clock()).toISOString();
}
