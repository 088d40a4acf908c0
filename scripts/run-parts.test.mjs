import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { parseClosingLine, vitestCounts } from "./lib/counts.mjs";
import { runParts } from "./lib/run-parts.mjs";

afterEach(() => vi.restoreAllMocks());

const part = (name, code, more = {}) => ({ name, command: [process.execPath, "-e", code], ...more });

/** Runs parts; the exit code, what the command printed itself, and what it passed on of its parts. */
async function run(...parts) {
  const printed = [];
  const passedOn = [];
  vi.spyOn(console, "log").mockImplementation((text) => printed.push(text));
  vi.spyOn(process.stdout, "write").mockImplementation((text) => passedOn.push(String(text)) > 0);
  const code = await runParts(parts);
  vi.restoreAllMocks();
  return {
    code,
    last: printed.join("\n").split("\n").at(-1),
    printed: printed.join("\n"),
    passedOn: passedOn.join(""),
  };
}

test("a part counts as its own closing line says, which is held back", async () => {
  const { code, last, passedOn } = await run(
    part("a", 'console.log("one\\n3 passed, 0 failed, 1 skipped")'),
    part("b", 'console.log("two")'),
  );
  expect({ code, last }).toEqual({ code: 0, last: "4 passed, 0 failed, 1 skipped" });
  expect(passedOn).toBe("one\ntwo\n");
});

test.each([
  ["exits with 1", part("a", "process.exit(1)"), "0 passed, 1 failed, 0 skipped"],
  [
    "exits with 1 after a line that says all passed",
    part("a", 'console.log("3 passed, 0 failed, 0 skipped"); process.exitCode = 1'),
    "3 passed, 1 failed, 0 skipped",
  ],
  [
    "says itself that something failed",
    part("a", 'console.log("3 passed, 2 failed, 0 skipped")'),
    "3 passed, 2 failed, 0 skipped",
  ],
  ["is killed", part("a", "process.kill(process.pid, 'SIGKILL')"), "0 passed, 1 failed, 0 skipped"],
  ["cannot be started", { name: "a", command: ["/no/such/command"] }, "0 passed, 1 failed, 0 skipped"],
  [
    "takes too long",
    part("a", "setTimeout(() => {}, 60_000)", { limitSeconds: 0.2 }),
    "0 passed, 1 failed, 0 skipped",
  ],
])("the whole fails when a part %s", async (_, failing, line) => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const { code, last } = await run(failing);
  expect({ code, last }).toEqual({ code: 1, last: line });
});

test("a part that cannot run is skipped, with the reason", async () => {
  const { code, last, printed } = await run(part("a", "process.exit(1)", { needs: () => "no Python" }));
  expect({ code, last }).toEqual({ code: 0, last: "0 passed, 0 failed, 1 skipped" });
  expect(printed).toContain("── a: skipped: no Python");
});

test("the last closing line counts, and only a line of its own", () => {
  expect(
    parseClosingLine(
      "1 passed, 1 failed, 0 skipped\nx 9 passed, 9 failed, 9 skipped\n2 passed, 0 failed, 0 skipped\n",
    ),
  ).toEqual({ passed: 2, failed: 0, skipped: 0 });
  expect(parseClosingLine("all well\n")).toBeNull();
});

test("a Vitest report that is missing, or names a file that broke, is a failure", () => {
  const folder = mkdtempSync(join(tmpdir(), "mede2-counts-"));
  const counts = (report) => {
    writeFileSync(join(folder, "a.json"), JSON.stringify(report));
    return vitestCounts(join(folder, "a.json"));
  };
  const whole = { success: true, numPassedTests: 2, numFailedTests: 0, numPendingTests: 1, numTodoTests: 0 };
  const ok = { status: "passed", assertionResults: [{ status: "passed" }] };
  expect(vitestCounts(join(folder, "gone.json"))).toEqual({ passed: 0, failed: 1, skipped: 0 });
  expect(counts({ ...whole, testResults: [ok] })).toEqual({ passed: 2, failed: 0, skipped: 1 });
  expect(
    counts({ ...whole, success: false, testResults: [ok, { status: "failed", assertionResults: [] }] })
      .failed,
  ).toBe(1);
  expect(counts({ ...whole, success: false, testResults: [ok] }).failed).toBe(1);
  rmSync(folder, { recursive: true });
});
