import type { Finding } from "../finding.ts";

/** Findings of rows, each cause told once: with its first place and how often it was found. */
export type Tally = {
  add(level: Finding["level"], code: string, message: string, next?: string): void;
  findings(): Finding[];
};

export function tally(): Tally {
  const found = new Map<string, { finding: Finding; count: number }>();
  return {
    add(level, code, message, next) {
      const key = `${level} ${code}`;
      const before = found.get(key);
      if (before === undefined)
        found.set(key, {
          finding: { level, code, message, ...(next === undefined ? {} : { next }) },
          count: 1,
        });
      else before.count += 1;
    },
    findings: () =>
      [...found.values()].map(({ finding, count }) => (count === 1 ? finding : { ...finding, count })),
  };
}
