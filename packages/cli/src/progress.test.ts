import { describe, expect, it } from "vitest";
import { openOutput } from "./output.ts";
import { duration } from "./progress.ts";

function outputAt(isTTY: boolean) {
  const written: string[] = [];
  let now = 0;
  const never = new AbortController().signal;
  const output = openOutput(
    {
      stdout: { write: (text) => written.push(text) },
      stderr: { write: (text) => written.push(text), isTTY, columns: 60 },
      ...{ env: {}, cwd: "/", clock: () => now, stop: never, end: never },
    },
    false,
  );
  return {
    output,
    written,
    after: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

describe("progress", () => {
  it("writes a line every five seconds at most where there is no terminal, and the last state at the end", () => {
    const { output, written, after } = outputAt(false);
    const progress = output.progress("train");
    for (let step = 1; step <= 100; step++) {
      progress.update(step, 100, "loss 1");
      after(100);
    }
    progress.end();
    expect(written).toEqual([
      "train 1/100 1 % · loss 1\n",
      "train 51/100 51 % · loss 1 · 5 s left\n",
      "train 100/100 100 % · loss 1\n",
    ]);
  });

  it("draws one line anew on a terminal, never wider than it, and makes room for other lines", () => {
    const { output, written, after } = outputAt(true);
    const progress = output.progress("train");
    progress.update(1, 2, "a note that is much too long for a terminal of sixty columns");
    expect(written.at(-1)!.startsWith("\r\u001b[K")).toBe(true);
    expect(written.at(-1)!.length).toBeLessThanOrEqual(60 + 4);
    output.note("by the way");
    expect(written.slice(-2)).toEqual(["\r\u001b[K", "by the way\n"]);
    after(200);
    progress.update(2, 2, "\u001b[2Jevil");
    expect(written.at(-1)).not.toContain("[2J");
    progress.end();
    expect(written.at(-1)).toBe("\n");
  });

  it("says durations in two units", () => {
    expect([0.4, 59, 61, 3600, 7384].map(duration)).toEqual([
      "0 s",
      "59 s",
      "1 min 1 s",
      "1 h 0 min",
      "2 h 3 min",
    ]);
  });
});
