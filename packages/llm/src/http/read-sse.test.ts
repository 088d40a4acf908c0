import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSse } from "./read-sse.ts";

async function events(chunks: readonly Uint8Array[]): Promise<string[]> {
  const found: string[] = [];
  for await (const data of readSse(
    (async function* () {
      yield* chunks;
    })(),
  ))
    found.push(data);
  return found;
}

const bytes = (text: string) => new TextEncoder().encode(text);

describe("readSse", () => {
  it("joins data lines, drops comments and other fields, takes a last event without its blank line", async () => {
    const text = ": hello\r\ndata: one\r\n\r\nevent: x\nid: 3\ndata:two\ndata: three\n\n\n\ndata: last";
    expect(await events([bytes(text)])).toEqual(["one", "two\nthree", "last"]);
  });

  it("gives the same events however the bytes are cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => !/[\r\n]/.test(text)),
          { maxLength: 6 },
        ),
        fc.array(fc.nat(400), { maxLength: 8 }),
        async (texts, cuts) => {
          const whole = bytes(texts.map((text) => `data: ${text}\n\n`).join(""));
          const at = [...new Set([0, ...cuts.filter((cut) => cut < whole.length), whole.length])].sort(
            (a, b) => a - b,
          );
          const chunks = at.slice(1).map((end, index) => whole.slice(at[index], end));
          expect(await events(chunks)).toEqual(texts);
        },
      ),
    );
  });

  it("never throws an unnamed error, whatever comes", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 40 })),
        async (chunks) => void (await events(chunks)),
      ),
    );
  });

  it("takes time in proportion to a line that comes byte by byte, and ends an endless one", async () => {
    const drip = async (length: number) => {
      const started = process.cpuUsage().user;
      await events([...Array.from({ length }, () => bytes("x")), bytes("\n\n")]);
      return process.cpuUsage().user - started;
    };
    // the least of several: collection of garbage and compilation count as processor time of this process too
    const least = async (length: number) => {
      const times: number[] = [];
      for (let round = 0; round < 5; round++) times.push(await drip(length));
      return Math.min(...times);
    };
    const [short, long] = [await least(20_000), await least(160_000)];
    expect(long).toBeLessThan(32 * Math.max(short, 1000)); // 8 when in proportion, 64 when in its square
    await expect(async () => {
      for await (const _ of readSse(
        (async function* () {
          for (;;) yield bytes("data: x");
        })(),
        { maxBytes: 1000 },
      ));
    }).rejects.toThrow("more than 1000 bytes");
  });
});
