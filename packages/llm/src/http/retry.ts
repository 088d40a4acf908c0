/** When a request that failed is made again. */
export interface RetrySettings {
  /** How often a request is made, the first time included. */
  attempts: number;
  /** Milliseconds before the second attempt; doubled for each later one. */
  baseMilliseconds: number;
  /** Longest wait. A server that asks for a longer one by Retry-After is waited for this long, and then asked again. */
  mostMilliseconds: number;
}

export const defaultRetry: RetrySettings = {
  attempts: 7,
  baseMilliseconds: 1000,
  mostMilliseconds: 120_000,
};

/** Statuses after which the same request may succeed. */
export const retriableStatus = (status: number): boolean =>
  status === 408 || status === 409 || status === 425 || status === 429 || status >= 500;

/** Statuses by which a server says that it has too much to do. */
export const throttlingStatus = (status: number): boolean =>
  status === 429 || status === 503 || status === 529;

/** Milliseconds to wait before attempt `attempt` (from 1): what the server asked for, or else exponential with jitter in its upper half. */
export function retryDelay(
  attempt: number,
  asked: number | undefined,
  { baseMilliseconds, mostMilliseconds }: RetrySettings,
  random: () => number,
): number {
  if (asked !== undefined) return Math.min(asked, mostMilliseconds);
  const most = Math.min(mostMilliseconds, baseMilliseconds * 2 ** (attempt - 1));
  return most * (0.5 + random() / 2);
}

/** `Retry-After` (RFC 9110 §10.2.3: seconds or a date) or `retry-after-ms`, in milliseconds; undefined when absent or not readable. */
export function retryAfter(headers: Headers, now: number): number | undefined {
  const exact = headers.get("retry-after-ms");
  if (exact !== null && /^\d{1,9}(\.\d+)?$/.test(exact.trim())) return Number(exact);
  const value = headers.get("retry-after")?.trim();
  if (value === undefined) return undefined;
  if (/^\d{1,9}(\.\d+)?$/.test(value)) return Number(value) * 1000;
  const date = /\b(?:GMT|UTC)$/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
