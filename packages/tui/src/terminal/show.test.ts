import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readControls, runPlaces } from "@mede2/runs";
import { describe, expect, it } from "vitest";
import { fakeTerminal, openOn } from "../../test/fake-terminal.ts";
import { eventsOf, makeRun, started, step, steps, testWorkspace, text } from "../../test/make-run.ts";

const workspace = testWorkspace();

describe("the viewer on a terminal", () => {
  it("lists runs, opens one, follows it, and gives the terminal back", async () => {
    const dir = await makeRun(workspace, "alpha", [started(), ...steps(1, 5)]);
    await makeRun(workspace, "beta", [started(), ...steps(1, 40), { type: "run-finished", summary: {} }]);
    const fake = fakeTerminal(120, 36);
    const viewer = openOn(fake, { workspace });
    const list = await fake.until("alpha");
    expect(fake.alternate()).toBe(true);
    expect(list.find((line) => line.includes("beta"))).toMatch(/finished.*40\/40.*0\.05/);
    fake.type("\r");
    const run = await fake.until("step 5 of 40");
    // what the screen says is what the log says
    expect(run.join("\n")).toMatch(/loss 0\.4 \(first 2, lowest 0\.4\)/);
    expect(run.join("\n")).toContain("2000 tokens/s");
    appendFileSync(runPlaces.events(dir), text(eventsOf([started(), ...steps(1, 8)]).slice(6)));
    await fake.until("step 8 of 40");
    fake.type("2");
    await fake.until("chosen log-ratio".slice(7));
    fake.type("4");
    await fake.until(/run-started\s+attempt 1/);
    fake.type("t");
    await fake.until(/step-end\s+step 8, loss 0\.25/);
    fake.type("q");
    await viewer.done;
    expect(fake.alternate()).toBe(false);
    expect(fake.written()).toContain("\u001b[?25h");
  });

  it("asks the run by request files that say who asked, and asks before it stops", async () => {
    const dir = await makeRun(workspace, "steered", [started(), ...steps(1, 3)]);
    // a run of this host and boot that lives: this process
    const { openRunWriter } = await import("@mede2/runs");
    const writer = await openRunWriter(dir);
    writer.append(step(4));
    const fake = fakeTerminal(120, 36);
    const viewer = openOn(fake, { workspace, run: dir });
    await fake.until("● running");
    fake.type("s");
    await fake.until("asked for checkpoint");
    fake.type("S");
    await fake.until("Stop steered after this step?");
    fake.type("n");
    await fake.until("left as it is");
    fake.type("l");
    await fake.until("new learning rate");
    fake.type("\u0015");
    fake.type("5e-5\r");
    await fake.until("learning rate of 0.00005");
    fake.type("y");
    await fake.until("asked for learning-rate");
    fake.type("S");
    await fake.until("Stop steered");
    fake.type("y");
    await fake.until("asked for stop");
    expect((await readControls(dir)).requests.map(({ by, request, args }) => [by, request, args])).toEqual([
      ["anna", "checkpoint", {}],
      ["anna", "learning-rate", { learningRate: 5e-5 }],
      ["anna", "stop", {}],
    ]);
    for (const request of await writer.controls()) writer.acknowledge(request, "done");
    writer.append({ type: "run-stopped" });
    writer.close();
    await fake.until("■ stopped");
    fake.type("4"); // the log says who asked
    await fake.until(/learning-rate: done, asked by anna: 5e-5/);
    fake.terminal.stdout.write("\u001b[Hwall: the machine goes down in an hour"); // of somebody else
    await fake.until(/^wall: the machine/);
    fake.type("\u000c");
    await fake.until(/^ MedE² {2}steered/);
    fake.type("1");
    fake.type("p");
    await fake.until("the run is stopped: nobody is there to answer");
    viewer.close();
    await viewer.done;
    expect(fake.alternate()).toBe(false);
  });

  it("follows the size of the window, down to one that is too small", async () => {
    const dir = await makeRun(workspace, "sized", [started(), ...steps(1, 20)]);
    const fake = fakeTerminal(200, 60);
    const viewer = openOn(fake, { workspace, run: dir });
    await fake.until("models/tiny"); // the side panel of a wide window
    for (const [columns, rows] of [
      [80, 24],
      [120, 40],
      [60, 20],
    ] as const) {
      fake.resize(columns, rows);
      await fake.until(/┘|┐/);
      await new Promise((resolve) => setTimeout(resolve, 400));
      const lines = await fake.screen();
      expect(lines).toHaveLength(rows);
      expect(lines[0]).toContain("sized");
      expect(lines.every((line) => line.length <= columns)).toBe(true);
    }
    fake.resize(30, 8);
    await fake.until(/^sized/);
    viewer.close();
    await viewer.done;
  });

  it("keeps colours away with NO_COLOR, and all but ASCII with --ascii", async () => {
    const dir = await makeRun(workspace, "plain", [started(), ...steps(1, 20)]);
    const fake = fakeTerminal(100, 30, { NO_COLOR: "1" });
    const viewer = openOn(fake, { workspace, run: dir, look: { ascii: true } });
    await fake.until("step 20 of 40");
    viewer.close();
    await viewer.done;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
    expect(fake.written().match(/\u001b\[[0-9;]*(?:3[0-8]|4[0-8]|9[0-7])(?:;[0-9;]*)?m/g)).toBeNull();
    // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
    expect(fake.written().replace(/[\u0000-\u007f]/g, "")).toBe("");
  });

  it("shows a run once more as it went", async () => {
    const { openReplay } = await import("../data/replay.ts");
    const dir = await makeRun(workspace, "replayed", [
      started(),
      ...steps(1, 30),
      { type: "run-finished", summary: {} },
    ]);
    let now = 1_000_000;
    const replay = await openReplay(dir, 10, () => now);
    const fake = fakeTerminal(100, 30);
    const viewer = openOn(fake, { workspace, run: dir, replay, clock: () => now });
    await fake.until("replay 10×");
    now += 1000;
    const then = await fake.until("step 10 of 40");
    expect(then.join("\n")).toContain("last event 0s ago"); // by the clock of then
    fake.type("p"); // it looks as if it ran: nothing may be asked of it
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await readControls(dir)).requests).toEqual([]);
    fake.type("4");
    fake.type("t");
    const log = await fake.until(/step-end\s+step 10, loss/);
    expect(log.join("\n")).not.toMatch(/step 11, loss|run-finished/); // that is to come
    fake.type("1");
    fake.type(" ");
    await fake.until("paused");
    now += 60_000;
    fake.type(" ");
    await fake.until(/replay 10×, 32 %/);
    now += 2_500;
    await fake.until("✓ finished");
    viewer.close();
    await viewer.done;
  });

  it("leaves nothing in the run folder but requests", async () => {
    const dir = await makeRun(workspace, "untouched", [started(), ...steps(1, 3)]);
    const before = readFileSync(join(dir, "events.jsonl"), "utf8");
    const fake = fakeTerminal(100, 30);
    const viewer = openOn(fake, { workspace, run: dir });
    await fake.until("step 3 of 40");
    viewer.close();
    await viewer.done;
    expect(readFileSync(join(dir, "events.jsonl"), "utf8")).toBe(before);
    expect((await readControls(dir)).requests).toEqual([]);
  });

  it("gives the terminal back when drawing fails, and says why", async () => {
    const dir = await makeRun(workspace, "crashed", [started(), ...steps(1, 3)]);
    const fake = fakeTerminal(100, 30);
    let now = 1_000_000;
    const viewer = openOn(fake, { workspace, run: dir, clock: () => now });
    await fake.until("step 3 of 40");
    now = Number.NaN; // no time to write on the screen
    fake.type("?");
    await expect(viewer.done).rejects.toThrow(RangeError);
    expect(fake.alternate()).toBe(false);
  });

  it("speaks to a screen reader without drawing, and takes the same keys", async () => {
    const { speak } = await import("./speak.ts");
    const dir = await makeRun(workspace, "heard", [started(), ...steps(1, 12)]);
    const fake = fakeTerminal(100, 30);
    const ending = new AbortController();
    const done = speak(
      {
        ...{
          user: "anna",
          mouse: false,
          inline: false,
          look: {},
          signal: ending.signal,
          workspace,
          run: dir,
        },
        openEditor: () => {
          throw new Error("\u001b[2Jno editor\u0007"); // what fails says untrusted things
        },
      },
      fake.terminal,
    );
    await fake.until("heard: lost, step 12 of 40, loss 0.167");
    await fake.until("q to close");
    fake.terminal.stdin.emit("data", "2");
    await fake.until("Reward accuracy 75 %");
    fake.terminal.stdin.emit("data", "5");
    fake.terminal.stdin.emit("data", "o"); // names the file that it would open
    await fake.until("␛[2Jno editor␇");
    fake.terminal.stdin.emit("data", "q");
    await done;
    expect(fake.alternate()).toBe(false);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: there must be no escape sequence at all
    expect(fake.written()).not.toMatch(/\u001b/);
  });
});
