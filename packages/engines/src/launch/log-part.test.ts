import { appendFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { newFolder } from "../../test/emitted.ts";
import { logPart, readLogPart } from "./log-part.ts";

const base = newFolder("log");
afterAll(() => rmSync(base, { recursive: true, force: true }));

it("cuts no character, wherever the bytes end", () => {
  const bytes = Buffer.from("aü€😀b", "utf8");
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const first = logPart(bytes.subarray(0, cut), 0);
    const second = logPart(bytes.subarray(first.next), first.next);
    expect(first.text + second.text).toBe("aü€😀b");
    expect(second.next).toBe(bytes.length);
  }
});

it("reads what came since, a log that was rotated from its beginning, and one that is not there yet as empty", async () => {
  const path = join(base, "job.log");
  expect(await readLogPart(path, 0)).toEqual({ text: "", next: 0 });
  writeFileSync(path, "one\n");
  expect(await readLogPart(path, 0)).toEqual({ text: "one\n", next: 4 });
  appendFileSync(path, "two\n");
  expect(await readLogPart(path, 4)).toEqual({ text: "two\n", next: 8 });
  writeFileSync(path, "new\n");
  expect(await readLogPart(path, 8)).toEqual({ text: "new\n", next: 4 });
});

it("hands out a long log in parts", async () => {
  const path = join(base, "long.log");
  const text = "0123456789ü".repeat(300_000);
  writeFileSync(path, text);
  let [read, from, parts] = ["", 0, 0];
  for (;;) {
    const part = await readLogPart(path, from);
    if (part.text === "") break;
    [read, from, parts] = [read + part.text, part.next, parts + 1];
  }
  expect(read).toBe(text);
  expect(parts).toBe(4);
});
