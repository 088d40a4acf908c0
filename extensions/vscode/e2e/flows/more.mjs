import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { axeFindings } from "../lib/axe.mjs";
import { until } from "../lib/editor.mjs";
import { eventWriter, makeRun } from "../lib/made-run.mjs";
import * as wb from "../lib/workbench.mjs";

/** Everything that takes longer or needs made-up runs: live curves, controls, comparison, a big file, many runs, Restricted Mode's neighbours. */
export async function more({ editor, folder, report }) {
  const { page } = editor;
  const [first, second] = [makeRun(folder, "alpha", { seed: 1 }), makeRun(folder, "beta", { seed: 2 })];
  const alpha = eventWriter(first);
  const beta = eventWriter(second);
  alpha.started();
  beta.started();
  for (let step = 1; step <= 40; step++) {
    alpha.step(step, 2 / step);
    beta.step(step, 3 / step + 0.1 * (step % 3));
  }
  await editor.open(folder);
  const view = wb.webview(page);
  const open = async (name) => {
    await wb.palette(page, "MedE²: Attach to Run");
    await wb.pick(page, "MedE²", name);
    await view.locator("h1", { hasText: name }).waitFor({ timeout: 60_000 });
  };
  const compare = async () => {
    await wb.palette(page, "MedE²: Compare Runs");
    for (const name of ["alpha", "beta"])
      await page.locator(".quick-input-list .monaco-list-row", { hasText: name }).first().click();
    await page.locator(".quick-input-widget .monaco-button", { hasText: "OK" }).click();
    await view.locator(".legend li").nth(1).waitFor({ timeout: 60_000 });
  };
  await report.flow("a live run is followed less than half a second behind", async () => {
    await open("alpha");
    await view.locator(".chart").first().waitFor({ timeout: 60_000 });
    const frame = await wb.webviewFrame(page);
    const late = [];
    for (let step = 41; step <= 60; step++) {
      const seen = frame.waitForFunction(
        (wanted) => document.querySelector(".progress")?.textContent?.includes(`step ${wanted}`),
        step,
        { polling: 10, timeout: 20_000 },
      );
      const begin = performance.now();
      alpha.step(step, 2 / step);
      await seen;
      late.push(performance.now() - begin);
      await new Promise((done) => setTimeout(done, 300));
    }
    late.sort((a, b) => a - b);
    console.log(
      `     from the event to the page: median ${late[10].toFixed(0)} ms, longest ${late.at(-1).toFixed(0)} ms`,
    );
    assert.ok(late[10] < 500, `median ${late[10]} ms`);
  });
  await report.flow("Pause, Save a checkpoint and Stop are requests in the run's folder", async () => {
    const requests = () =>
      readdirSync(join(first, "control")).map((name) =>
        JSON.parse(readFileSync(join(first, "control", name), "utf8")),
      );
    await view.getByRole("button", { name: "Pause" }).click();
    await until(
      () => requests().some(({ request, by }) => request === "pause" && by === "tester"),
      20_000,
      "it asks to pause",
    );
    alpha.acknowledge(requests()[0]);
    alpha.event({ type: "run-paused" });
    await view.locator(".status.paused").waitFor({ timeout: 20_000 });
    await view.getByRole("button", { name: "Resume" }).click();
    await until(() => requests().some(({ request }) => request === "resume"), 20_000, "it asks to resume");
    alpha.event({ type: "run-resumed" });
    await view.getByRole("button", { name: "Stop" }).click();
    await wb.dialogButton(page, "Stop").click();
    await until(() => requests().some(({ request }) => request === "stop"), 20_000, "it asks to stop");
    await report.picture(page, "controls");
  });
  await report.flow(
    "two runs are compared: curves over each other, and only the settings that differ",
    async () => {
      await compare();
      assert.match(await view.locator("tr.differ", { hasText: "seed" }).textContent(), /^seed(12|21)$/);
      assert.equal(await view.locator("tr", { hasText: "threads" }).count(), 0);
      assert.deepEqual(await axeFindings(page), []);
      await report.picture(page, "comparison");
    },
  );
  const pages = {
    pair: async () => {
      await wb.openFile(page, "stage2.pairs.jsonl");
      await view.locator("h3", { hasText: "Rejected" }).waitFor({ timeout: 60_000 });
    },
    review: async () => {
      await wb.palette(page, "MedE²: Review Pairs");
      await wb.pick(page, "MedE²", "stage2.pairs.jsonl");
      await view.locator("article.column").nth(1).waitFor({ timeout: 60_000 });
    },
    run: () => open("alpha"),
    comparison: compare,
  };
  for (const [theme, mark] of [
    ["Default Dark Modern", "vs-dark"],
    ["Default Light Modern", "vs"],
    ["Default High Contrast", "hc-black"],
    ["Default High Contrast Light", "hc-light"],
  ])
    await report.flow(
      `in ${theme}, axe finds nothing serious in a pair, a review, a run and a comparison`,
      async () => {
        mkdirSync(join(folder, ".vscode"), { recursive: true });
        writeFileSync(
          join(folder, ".vscode/settings.json"),
          JSON.stringify({ "workbench.colorTheme": theme }),
        );
        await page.locator(`.monaco-workbench.${mark}`).waitFor({ timeout: 30_000 });
        const found = {};
        for (const [name, show] of Object.entries(pages)) {
          await wb.palette(page, "View: Close All Editors");
          await show();
          const findings = await axeFindings(page);
          if (findings.length > 0) found[name] = findings;
          const words = theme.replace("Default ", "").toLowerCase().replace(/\W+/g, "-");
          await report.picture(page, `${name}-${words}`);
        }
        assert.deepEqual(found, {});
      },
    );
  await report.flow(
    "a file of 500 MB opens, shows its first record at once, and jumps to its end",
    async () => {
      const line = readFileSync(join(folder, "evaluations/stage1-ward/answers.trace.jsonl"), "utf8").split(
        "\n",
      )[0];
      const piece = Buffer.from(`${line}\n`.repeat(2000));
      const file = openSync(join(folder, "big.trace.jsonl"), "w");
      for (let written = 0; written < 5e8; written += piece.length) writeSync(file, piece);
      const begin = performance.now();
      await wb.openFile(page, "big.trace.jsonl");
      await view.locator("article.column").first().waitFor({ timeout: 60_000 });
      const shown = performance.now() - begin;
      await until(
        async () => /^[\d,]+ records$/.test((await view.locator(".status").first().textContent()).trim()),
        120_000,
        "all of it is indexed",
      );
      const indexed = performance.now() - begin;
      await view.getByRole("listbox").focus();
      await page.keyboard.press("End");
      const count = Number((await view.locator(".status").first().textContent()).replace(/\D/g, ""));
      await until(
        async () => (await view.locator(".case-title").textContent()).includes(`line ${count}`),
        20_000,
        "the last record is open",
      );
      console.log(
        `     ${count} records: the first was shown ${(shown / 1000).toFixed(1)} s after the key was pressed, all were indexed after ${(indexed / 1000).toFixed(1)} s`,
      );
      assert.ok(shown < 15_000);
    },
  );
  await report.flow("100 runs, ten of them live, cost the extension host little", async () => {
    const writers = [];
    for (let each = 0; each < 100; each++) {
      const dir = join(folder, "runs", `many-${String(each).padStart(3, "0")}`);
      cpSync(second, dir, { recursive: true });
      const manifest = JSON.parse(readFileSync(join(dir, "run.json"), "utf8"));
      writeFileSync(join(dir, "run.json"), JSON.stringify({ ...manifest, id: `many-${each}` }));
      if (each < 10) writers.push(eventWriter(dir, 41));
      else eventWriter(dir, 41).event({ type: "run-finished", summary: {} });
    }
    await wb.palette(page, "View: Close All Editors");
    await wb.openView(page);
    await wb.treeRow(page, "many-99").waitFor({ timeout: 60_000 });
    let step = 41;
    const timer = setInterval(() => {
      for (const writer of writers) writer.step(step, 1 / step);
      step += 1;
    }, 500);
    await new Promise((done) => setTimeout(done, 5000));
    const pid = extensionHost(editor.server.pid);
    const [before, begin] = [cpuSeconds(pid), performance.now()];
    await new Promise((done) => setTimeout(done, 20_000));
    const share = (cpuSeconds(pid) - before) / ((performance.now() - begin) / 1000);
    clearInterval(timer);
    console.log(`     extension host: ${(100 * share).toFixed(1)} % of one core`);
    await report.picture(page, "many-runs");
    assert.ok(share < 0.05, `${(100 * share).toFixed(1)} %`);
  });
  alpha.event({ type: "run-stopped" });
}

/** The process below `pid` that is the extension host. */
function extensionHost(pid) {
  const rows = execFileSync("ps", ["-eo", "pid,ppid,args"], { encoding: "utf8" })
    .trim()
    .split("\n")
    .slice(1)
    .map((row) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(row))
    .map(([, own, parent, args]) => ({ own: Number(own), parent: Number(parent), args }));
  const below = new Set([pid]);
  for (let more = true; more; ) {
    more = false;
    for (const { own, parent } of rows)
      if (below.has(parent) && !below.has(own)) {
        below.add(own);
        more = true;
      }
  }
  return rows.find(({ own, args }) => below.has(own) && args.includes("type=extensionHost")).own;
}

/** User and system time of a process, from /proc (ticks of 1/100 s). */
function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
