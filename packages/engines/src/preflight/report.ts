import type { Finding } from "../finding.ts";

const words = { error: "must be mended", warning: "should be looked at", info: "to know" } as const;

/** A report that a person reads: what must be mended first, each with what to do. */
export function preflightReport(findings: readonly Finding[], title: string): string {
  const lines = [`# Preflight of ${title}`, ""];
  const errors = findings.filter(({ level }) => level === "error").length;
  const warnings = findings.filter(({ level }) => level === "warning").length;
  lines.push(
    errors === 0
      ? `Nothing keeps this run from being started${warnings === 0 ? "." : `; ${warnings} ${warnings === 1 ? "thing" : "things"} should be looked at.`}`
      : `${errors} ${errors === 1 ? "thing keeps" : "things keep"} this run from being started.`,
  );
  for (const level of ["error", "warning", "info"] as const) {
    const own = findings.filter((finding) => finding.level === level);
    if (own.length === 0) continue;
    lines.push("", `## ${own.length} ${words[level]}`, "");
    for (const { code, message, next, count } of own) {
      lines.push(`- **${code}**${count === undefined ? "" : ` (${count} times; the first)`}: ${message}`);
      if (next !== undefined) lines.push(`  → ${next}`);
    }
  }
  return `${lines.join("\n")}\n`;
}
