import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import {
  appendJsonl,
  readAllJsonl,
  readJsonl,
  readJsonlLenient,
  readLines,
  readRecord,
  repairJsonlTail,
  sha256Hex,
  writeFileAtomic,
  writeJsonlAtomic,
} from "./index.ts";

const schema = z.looseObject({ n: z.number() });
let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mede2-jsonl-"));
  path = join(folder, "a.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("reading", () => {
  it("breaks lines at \\n alone and takes byte order mark, \\r, empty lines and a missing last newline", async () => {
    writeFileSync(path, '\uFEFF{"n":1,"t":"a\u2028b\u2029c\u0085d"}\r\n\n  \n{"n":2}\r\n{"n":3}');
    expect(await readAllJsonl(path, schema)).toEqual([
      { n: 1, t: "a\u2028b\u2029c\u0085d" },
      { n: 2 },
      { n: 3 },
    ]);
  });

  it("gives back what was written, whatever it is, and says where each line lies", async () => {
    const json = fc.dictionary(
      fc.string({ unit: "binary" }).filter((key) => key !== "__proto__"),
      fc.jsonValue(),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(json, { maxLength: 20 }), async (values) => {
        const records = values.map((value, n) => ({ ...value, n }));
        const written = await writeJsonlAtomic(path, records);
        const bytes = readFileSync(path);
        expect(written).toEqual({ count: records.length, bytes: bytes.length, sha256: sha256Hex(bytes) });
        expect(await readAllJsonl(path, schema)).toEqual(JSON.parse(JSON.stringify(records)));
        for await (const line of readLines(path))
          expect(bytes.toString("utf8", line.offset, line.offset + line.length)).toBe(line.text);
      }),
      { numRuns: 50 },
    );
  });

  it("joins lines and characters that are cut by a chunk of the file", async () => {
    const records = Array.from({ length: 300 }, (_, n) => ({ n, t: "€😀".repeat(n * 7) }));
    await writeJsonlAtomic(path, records);
    expect(statSync(path).size).toBeGreaterThan(2_000_000);
    expect(await readAllJsonl(path, schema)).toEqual(records);
  });

  it("throws at the first bad line, with its number", async () => {
    writeFileSync(path, '{"n":1}\n\n{"n":"2"}\n{"n":3}\n');
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const record of readJsonl(path, schema)) seen.push(record);
    })();
    await expect(reading).rejects.toMatchObject({
      code: "invalid",
      file: path,
      line: 3,
      field: "n",
      message: `${path}:3: n: expected a finite number, got "2"`,
    });
    expect(seen).toEqual([{ n: 1 }]);
  });

  it("goes on after bad lines when it is lenient", async () => {
    writeFileSync(path, '{"n":1}\n{"n":NaN}\n{"n":3}\n{"n":');
    const results = [];
    for await (const result of readJsonlLenient(path, schema))
      results.push("ok" in result ? result.ok.n : `${result.line} ${result.error.code}`);
    expect(results).toEqual([1, "2 not-json", 3, "4 not-json"]);
  });

  it("names a file that is missing", async () => {
    await expect(readAllJsonl(path, schema)).rejects.toMatchObject({
      code: "unreadable",
      message: `${path}: there is no such file`,
    });
    await expect(readRecord(path, schema)).rejects.toMatchObject({
      code: "unreadable",
      message: `${path}: there is no such file`,
    });
    await expect(readAllJsonl(folder, schema)).rejects.toMatchObject({ code: "unreadable" });
  });
});

describe("writing", () => {
  it("leaves the old file and nothing else when a record is bad or the source fails", async () => {
    await writeJsonlAtomic(path, [{ n: 1 }]);
    await expect(writeJsonlAtomic(path, [{ n: 2 }, { n: "x" }], { schema })).rejects.toMatchObject({
      code: "invalid",
      line: 2,
      field: "n",
    });
    await expect(writeJsonlAtomic(path, [{ n: 2 }, { a: [{ b: Number.NaN }] }])).rejects.toMatchObject({
      code: "not-finite",
      line: 2,
      field: "a.0.b",
    });
    const failing = async function* () {
      yield { n: 3 };
      throw new Error("source failed");
    };
    await expect(writeJsonlAtomic(path, failing())).rejects.toThrow("source failed");
    expect(readFileSync(path, "utf8")).toBe('{"n":1}\n');
    expect(readdirSync(folder)).toEqual(["a.jsonl"]);
  });

  it("takes null for what it is", async () => {
    await writeJsonlAtomic(path, [{ n: null, t: "null" }]);
    expect(readFileSync(path, "utf8")).toBe('{"n":null,"t":"null"}\n');
  });

  it("makes missing folders and replaces files", async () => {
    const deep = join(folder, "x", "y", "f.txt");
    await writeFileAtomic(deep, "one");
    await writeFileAtomic(deep, new Uint8Array([50]));
    expect(readFileSync(deep, "utf8")).toBe("2");
  });

  it("appends after a torn line of an earlier process", async () => {
    await appendJsonl(path, [{ n: 1 }, { n: 2 }]);
    writeFileSync(path, '{"n":3,"t":"half', { flag: "a" });
    await appendJsonl(path, [{ n: 4 }]);
    expect(await readAllJsonl(path, schema)).toEqual([{ n: 1 }, { n: 2 }, { n: 4 }]);
    await expect(appendJsonl(path, [{ n: 5 }, { m: 6 }], { schema })).rejects.toMatchObject({
      line: 2,
      field: "n",
    });
    expect(await readAllJsonl(path, schema)).toHaveLength(3);
  });

  it("repairs a tail: whole JSON gets its newline, a part is cut off", async () => {
    expect(await repairJsonlTail(path)).toBe(0);
    expect(existsSync(path)).toBe(false);
    const long = `{"t":"${"x".repeat(200_000)}`;
    for (const [before, after, cut] of [
      ["", "", 0],
      ['{"n":1}\n', '{"n":1}\n', 0],
      ['{"n":1}', '{"n":1}\n', 0],
      ['{"n":1}\n{"n":2', '{"n":1}\n', 6],
      [`{"n":1}\n${long}`, '{"n":1}\n', long.length],
      [`{"n":1}\n${long}"}`, `{"n":1}\n${long}"}\n`, 0],
      ["12", "", 2],
    ] as const) {
      writeFileSync(path, before);
      expect(await repairJsonlTail(path)).toBe(cut);
      expect(readFileSync(path, "utf8")).toBe(after);
    }
  });

  it("keeps memory flat in the number of records", async () => {
    const many = function* () {
      for (let n = 0; n < 100_000; n++) yield { n, t: "x".repeat(1000) };
    };
    await writeJsonlAtomic(path, many());
    const before = process.memoryUsage();
    let peak = 0;
    let count = 0;
    for await (const { n } of readJsonl(path, schema)) {
      count += 1;
      if (n % 1000 === 0) {
        const { heapUsed, external } = process.memoryUsage();
        peak = Math.max(peak, heapUsed + external - before.heapUsed - before.external);
      }
    }
    expect(count).toBe(100_000);
    expect(peak).toBeLessThan(60_000_000); // the file has 101 MB
  });
});
