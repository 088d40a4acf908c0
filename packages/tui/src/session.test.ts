import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runPlaces } from "@mede2/runs";
import { describe, expect, it } from "vitest";
import { eventsOf, makeRun, started, step, steps, testWorkspace, text } from "../test/make-run.ts";
import { look, plain, until, using } from "../test/session-on.ts";

const workspace = testWorkspace();

describe("a session", () => {
  it("pages and searches the log, and shows events of later versions and lines that are none", async () => {
    const dir = await makeRun(workspace, "logged", [
      started(),
      ...steps(1, 300),
      { type: "warning", code: "odd", message: "a needle \u001b[31min the hay" },
      ...steps(301, 320),
    ]);
    appendFileSync(
      runPlaces.events(dir),
      '{"record":"run-event","v":1,"seq":400,"ts":"2026-01-31T13:00:00.000Z","type":"later","what":1}\nnot json\n',
    );
    await using({ workspace, run: dir }, async (session) => {
      session.press("4");
      const first = await until(session, "a needle ␛[31min the hay");
      expect(first).toMatch(/later\s+\{"what":1\}/);
      expect(first).toMatch(/not readable\s+not json/);
      expect(first).not.toContain("step-end");
      session.press("t");
      await until(session, "step 320, loss");
      session.press("/");
      for (const letter of 'step":7,') session.press(letter, letter);
      session.press("enter");
      await until(session, /step 7, loss/);
      expect(session.model().log.follow).toBe(false);
      session.press("home");
      await until(session, /run-started/);
      session.press("end");
      await until(session, "following");
    });
  });

  it("shows alarms with their cause and the next step", async () => {
    const dir = await makeRun(workspace, "alarmed", [
      started(),
      ...Array.from({ length: 30 }, (_, index) =>
        step(index + 1, { rewards: { chosen: -0.2, rejected: -0.4, margin: 0.2, accuracy: 0.9 } }),
      ),
    ]);
    await using({ workspace, run: dir }, async (session) => {
      const shown = await until(session, "squeeze");
      expect(shown).toContain("log-ratio -2.00 over the last 10 steps, below −1");
      expect(shown).toContain("→ stop at a checkpoint before it");
      session.press("2");
      await until(session, "stop before −1 (passed)");
    });
  });

  it("has a line for each of many alarms in a small window, and all of them, with what is over, behind a key", async () => {
    const bad = { rewards: { chosen: -0.2, rejected: -0.4, margin: 0.2, accuracy: 0.3 } };
    const dir = await makeRun(workspace, "ailing", [
      started(),
      ...Array.from({ length: 25 }, (_, index) => step(index + 1)),
      step(26, { loss: undefined, nonFinite: ["loss"] }),
      ...Array.from({ length: 30 }, (_, index) => step(index + 27, bad)),
      { type: "warning", code: "long-samples", message: "3 samples were cut" },
    ]);
    await using({ workspace, run: dir }, async (session) => {
      session.resize({ ...look, columns: 80, rows: 24 });
      const shown = await until(session, "a shows causes and next steps");
      const names = ["squeeze", "reward-accuracy", "both-falling"].filter((name) =>
        session.model().run!.alarms.some((alarm) => alarm.name === name),
      );
      expect(names.length).toBeGreaterThan(1);
      for (const name of names) expect(shown).toContain(name);
      session.press("a");
      const all = [await until(session, "Alarms, warnings and requests · lines 1–")];
      session.press("end");
      all.push(plain(session));
      expect(all.join("\n")).toContain("not-finite  since step 26, over now");
      expect(all.join("\n")).toContain("long-samples");
      expect(session.spoken().join("\n")).toContain("→ stop at a checkpoint before it");
      session.press("escape");
      await until(session, "a shows causes and next steps");
    });
  });

  it("shows the log of another program as it stands, bare NaN and files over many lines too", async () => {
    const swift = join(workspace, "swift-out");
    mkdirSync(swift);
    writeFileSync(
      join(swift, "logging.jsonl"),
      '{"loss": 1.5, "grad_norm": NaN, "global_step/max_steps": "1/9"}\n{"loss": "nan", "grad_norm": "inf", "global_step/max_steps": "2/9"}\n',
    );
    await using({ workspace, run: swift }, async (session) => {
      await until(session, "step 2 of 9");
      session.press("4");
      const shown = await until(session, '"grad_norm":"NaN"');
      expect(shown).toContain("The log of ms-swift of swift-out");
      expect(shown).not.toContain("not readable");
    });
    const trl = join(workspace, "trl-out");
    mkdirSync(trl);
    const log_history = [{ step: 1, loss: 0.7, "rewards/accuracies": 0.5 }];
    writeFileSync(
      join(trl, "trainer_state.json"),
      JSON.stringify({ global_step: 1, max_steps: 8, log_history }, null, 2),
    );
    await using({ workspace, run: trl }, async (session) => {
      await until(session, "step 1 of 8");
      session.press("4");
      const shown = await until(session, '"rewards/accuracies": 0.5');
      expect(shown).not.toContain("not readable");
      for (const key of ["s", "l", "S", "p"]) {
        session.press(key);
        await until(session, "transformers takes no requests");
        session.press("down");
      }
      expect(existsSync(join(trl, "control"))).toBe(false);
    });
  });

  it("lists 200 runs, filters them, and compares marked ones with what their plans differ in", async () => {
    const many = join(workspace, "many");
    const [odd, even] = [
      await makeRun(many, "run-000", [started(), ...steps(1, 3), { type: "run-finished", summary: {} }]),
      await makeRun(many, "run-001", [started(), ...steps(1, 4), { type: "run-finished", summary: {} }], {
        seed: 7,
      }),
    ];
    for (let index = 2; index < 200; index++) {
      const id = `run-${String(index).padStart(3, "0")}`;
      const [from, to] = [index % 2 ? even : odd, join(many, "runs", id)];
      cpSync(from, to, { recursive: true });
      const manifest = JSON.parse(readFileSync(runPlaces.manifest(from), "utf8")) as object;
      writeFileSync(runPlaces.manifest(to), JSON.stringify({ ...manifest, id }));
    }
    await using({ workspace: many }, async (session) => {
      await until(session, "run-000");
      session.press("/");
      for (const letter of "19[67]$| run-19[67] ") session.press(letter === " " ? "space" : letter, letter);
      session.press("enter");
      session.press("/");
      session.press("ctrl+u");
      for (const letter of "run-19[67]") session.press(letter, letter);
      session.press("enter");
      await until(session, "run-196");
      expect(plain(session)).not.toContain("run-195");
      session.press("space");
      session.press("space");
      session.press("c");
      const shown = await until(session, "Plans differ in");
      expect(shown).toMatch(/seed\s+1\s+7/);
      expect(shown).toMatch(/loss +\S* ?● run-196/);
      // what is compared may still run
      appendFileSync(
        runPlaces.events(join(many, "runs", "run-197")),
        text(eventsOf([started(2), ...steps(5, 9)])),
      );
      await until(session, /run-197.*step 9/);
    });
  });

  it("speaks every screen in sentences without drawing", async () => {
    const dir = await makeRun(workspace, "spoken", [started(), ...steps(1, 12)]);
    await using({ workspace, run: dir }, async (session) => {
      await until(session, "step 12 of 40");
      const words = session.spoken();
      expect(words[0]).toMatch(/^spoken: lost, step 12 of 40, loss 0\.167/);
      expect(words.join("\n")).toMatch(
        /^loss: 0\.167 at step 12, (?:falling|steady); from 2; lowest 0\.167 near step 12/m,
      );
      expect(words.join("\n")).not.toMatch(/[─│┌█⠀-⣿]/);
    });
  });

  it("says that a run was removed while it was watched, over what was last known of it", async () => {
    const dir = await makeRun(workspace, "removed", [started(), ...steps(1, 5)]);
    await using({ workspace, run: dir }, async (session) => {
      await until(session, "step 5 of 40");
      rmSync(dir, { recursive: true });
      const shown = await until(session, /✗ .*run\.json/);
      expect(shown).toContain("step 5 of 40");
    });
  });

  it("says what is wrong with a run instead of ending", async () => {
    const dir = await makeRun(workspace, "broken", [started()]);
    writeFileSync(runPlaces.manifest(dir), "{");
    await using({ workspace, run: dir }, async (session) => {
      await until(session, "run.json");
    });
    expect(readFileSync(runPlaces.manifest(dir), "utf8")).toBe("{");
  });
});
