import { existsSync, readFileSync } from "node:fs";

/** How many checks passed, failed and were skipped. */
export const none = { passed: 0, failed: 0, skipped: 0 };

export const add = (a, b) => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

/** The closing line of every test command of this repository. */
export const closingLine = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;

/** The counts of the last closing line in `text`, or null when there is none. */
export function parseClosingLine(text) {
  const last = [...text.matchAll(/^(\d+) passed, (\d+) failed, (\d+) skipped$/gm)].at(-1);
  return last ? { passed: Number(last[1]), failed: Number(last[2]), skipped: Number(last[3]) } : null;
}

/** What went wrong in a Vitest JSON report, one line each. */
export function vitestFailures(file) {
  if (!existsSync(file)) return [`${file}: the tests left no report`];
  const report = readReport(file);
  const failures = report.testResults.flatMap(({ name, status, assertionResults }) => {
    const failed = assertionResults
      .filter((it) => it.status === "failed")
      .map((it) => `${name}: ${it.fullName}`);
    return status === "failed" && failed.length === 0 ? [`${name}: the file broke`] : failed;
  });
  return failures.length || report.success ? failures : [`${file}: the run failed, or found no test`];
}

const readReport = (file) => JSON.parse(readFileSync(file, "utf8"));

/** The counts of a Vitest JSON report. A report that is missing, or of a run that broke off, is a failure. */
export function vitestCounts(file) {
  if (!existsSync(file)) return { ...none, failed: 1 };
  const report = readReport(file);
  const brokenFiles = report.testResults.filter(
    (it) => it.status === "failed" && !it.assertionResults.some((a) => a.status === "failed"),
  );
  const failed = report.numFailedTests + brokenFiles.length;
  return {
    passed: report.numPassedTests,
    failed: failed || report.success ? failed : 1,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
