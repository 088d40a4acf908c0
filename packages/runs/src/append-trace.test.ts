import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { appendTrace } from "./index.ts";

it("says where each record lies, after a torn line too", async () => {
  const dir = mkdtempSync(join(tmpdir(), "mede2-traces-"));
  const file = "traces/samples.trace.jsonl";
  try {
    const events = [await appendTrace(dir, file, { id: "é" }, 3)];
    appendFileSync(join(dir, file), '{"id":"ha');
    events.push(await appendTrace(dir, file, { id: "b" }));
    const bytes = readFileSync(join(dir, file));
    const lines = events.map(({ offset, length }) => bytes.toString("utf8", offset, offset + length));
    expect(lines).toEqual(['{"id":"é"}\n', '{"id":"b"}\n']);
    expect(events.map(({ step }) => step)).toEqual([3, undefined]);
    expect(bytes.length).toBe(events[1]!.offset + events[1]!.length);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
