import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { axeFindings } from "../lib/axe.mjs";
import { until } from "../lib/editor.mjs";
import { processesOf } from "../lib/processes.mjs";
import * as wb from "../lib/workbench.mjs";
import { cli } from "../lib/workspace.mjs";

const slow = 120_000;
const inspectLog = fileURLToPath(
  new URL("../../../../packages/inspect-log/test/goldens/mockllm-zstd.eval", import.meta.url),
);
/** What stands out in the picture of the first pair, a fundus of 112 × 112 pixels. */
const fundusRegions = [
  { name: "cotton wool spots", x: 27, y: 29, width: 9, height: 10 },
  { name: "cotton wool spots", x: 50, y: 25, width: 20, height: 26 },
  { name: "optic disc", x: 30, y: 49, width: 15, height: 15 },
];

/** What else a user can do: doctor, terminal UI, evaluate, build pairs, plan files, Test Explorer, links, logs of Inspect, the walkthrough. */
export async function actions({ editor, folder, report }) {
  const { page } = editor;
  cpSync(inspectLog, join(folder, "mock.eval"));
  const pair = JSON.parse(readFileSync(join(folder, "data/stage2.pairs.jsonl"), "utf8").split("\n")[0]);
  pair.question.images[0].regions = fundusRegions;
  writeFileSync(join(folder, "regions.pairs.jsonl"), `${JSON.stringify(pair)}\n`);
  const plan = join(folder, "short.plan.json");
  const data = join(folder, "data/stage1.demonstrations.jsonl");
  execFileSync(process.execPath, [
    ...[cli, "plan", "demo-stage1", "--model", join(folder, "models/tiny"), "--steps", "3", "--no-time"],
    ...["--data", data, "--out", plan, "--workspace", folder, "--json"],
  ]);
  await editor.open(folder);
  const view = wb.webview(page);
  const filesIn = (place) => (existsSync(join(folder, place)) ? readdirSync(join(folder, place)) : []);
  const clearToasts = () => wb.palette(page, "Notifications: Clear All Notifications");

  await report.flow("the walkthrough opens, and Doctor ticks its first step", async () => {
    await wb.palette(page, "Welcome: Open Walkthrough...");
    await wb.pick(page, "", "From nothing to a model that reasons");
    const walkthrough = page.locator(".gettingStartedContainer");
    await walkthrough
      .locator(".monaco-button", { hasText: /^Check$/ })
      .first()
      .click({ timeout: slow });
    await wb.toast(page, "usable: cpu").waitFor({ timeout: slow });
    await walkthrough
      .locator(".getting-started-step .codicon-getting-started-step-checked")
      .first()
      .waitFor({ timeout: slow });
    await report.picture(page, "walkthrough");
    await clearToasts();
    await wb.palette(page, "MedE²: Doctor");
    await wb.toastButton(page, "usable: cpu", "Show All").click({ timeout: slow });
    await page
      .locator(".quick-input-list .monaco-list-row", { hasText: /^cpu.*usable/ })
      .first()
      .waitFor({ timeout: slow });
    await report.picture(page, "doctor");
    await page.keyboard.press("Escape");
    await clearToasts();
  });
  await report.flow("the code lens runs a plan file after it was checked", async () => {
    await wb.openFile(page, "short.plan.json");
    await page.locator(".codelens-decoration a", { hasText: "Run" }).first().click({ timeout: slow });
    await page
      .locator(".monaco-dialog-box", { hasText: "Start short.plan.json?" })
      .waitFor({ timeout: slow });
    await report.picture(page, "plan");
    await wb.dialogButton(page, "Start").click();
    await view.locator(".status.finished").waitFor({ timeout: slow });
    assert.match(await view.locator(".progress").textContent(), /step 3 of 3/);
  });
  await report.flow("Open Terminal UI shows the run in a terminal", async () => {
    await wb.palette(page, "MedE²: Open Terminal UI");
    await page.locator(".xterm-rows", { hasText: "✓ finished" }).waitFor({ timeout: slow });
    await report.picture(page, "terminal-ui");
    await wb.palette(page, "Terminal: Kill All Terminals");
    await page.locator(".xterm-rows").waitFor({ state: "hidden", timeout: slow });
  });
  await report.flow("Evaluate Checkpoint… answers and grades the questions", async () => {
    await wb.palette(page, "MedE²: Evaluate Checkpoint…");
    await wb.pick(page, "Evaluate Checkpoint", "models");
    await wb.pick(page, "Evaluate Checkpoint", "ward.questions.jsonl");
    await wb.pick(page, "Evaluate Checkpoint", "real images");
    await wb.toast(page, "is on its way").waitFor({ timeout: slow });
    const name = () => filesIn("evaluations").find((each) => each.includes("tiny-ward"));
    await until(
      () => filesIn(join("evaluations", name() ?? "none")).some((file) => file.endsWith(".evaluation.jsonl")),
      slow,
      "there are graded answers",
    );
    await wb.toastButton(page, "is done", "Read the Answers").click({ timeout: slow });
    await view.locator("article.column").first().waitFor({ timeout: slow });
    await wb.openView(page);
    await wb.treeRow(page, "tiny-ward").waitFor({ timeout: slow });
    await report.picture(page, "evaluations");
    await clearToasts();
  });
  await report.flow("Datasets has a file's card, Checkpoints leads to an evaluation", async () => {
    writeFileSync(
      join(folder, "data/ward.card.md"),
      "# The ward\n\nTwelve questions of the built-in ward.\n",
    );
    await wb.openView(page);
    await wb.openPart(page, "Datasets");
    await wb.palette(page, "MedE²: Refresh");
    const file = wb.treeRow(page, "ward.questions.jsonl");
    await file.waitFor({ timeout: slow });
    await until(
      async () => {
        if (!(await wb.treeRow(page, "Data card").isVisible()))
          await file.locator(".monaco-tl-twistie").click();
        await wb.treeRow(page, "Data card").click({ timeout: 3000 });
        return true;
      },
      slow,
      "the file has its card",
    );
    await page.locator(".tab", { hasText: "Preview ward.card.md" }).waitFor({ timeout: slow });
    await report.picture(page, "datasets");
    await wb.openPart(page, "Checkpoints");
    await wb.rowAction(wb.treeRow(page, "tiny"), "Evaluate Checkpoint");
    await page.locator(".quick-input-widget", { hasText: "(2/3)" }).waitFor({ timeout: slow });
    await page.keyboard.press("Escape");
  });
  await report.flow("the path of a record in a terminal leads to it", async () => {
    await wb.palette(page, "View: Close All Editors");
    await wb.palette(page, "Terminal: Create New Terminal");
    const screen = page.locator(".xterm-screen").first();
    await screen.click({ timeout: slow });
    await page.keyboard.type("echo at data/stage2.pairs.jsonl:3");
    await page.keyboard.press("Enter");
    const row = page.locator(".xterm-rows > div", { hasText: /^at data\/stage2\.pairs\.jsonl:3/ }).first();
    await row.waitFor({ timeout: slow });
    const cell = (await row.locator("span").first().boundingBox()).height / 2;
    await until(
      async () => {
        const box = await row.boundingBox();
        await page.mouse.move(box.x + 10 * cell, box.y + box.height / 2);
        await page.mouse.move(box.x + 10 * cell + 3, box.y + box.height / 2);
        await page.waitForTimeout(700);
        await page.keyboard.down("Control");
        await page.mouse.click(box.x + 10 * cell + 3, box.y + box.height / 2);
        await page.keyboard.up("Control");
        await view.locator(".case-title", { hasText: "line 3" }).waitFor({ timeout: 5000 });
        return true;
      },
      slow,
      "the link opens the record",
    );
    await wb.palette(page, "Terminal: Kill All Terminals");
  });
  await report.flow("Build Pairs… builds them from rated candidates", async () => {
    await wb.palette(page, "MedE²: Build Pairs…");
    await wb.pick(page, "MedE²", "rated.candidates.jsonl");
    await wb.enter(page, "Least share", "0.5");
    await page.locator(".quick-input-widget", { hasText: "File to write" }).waitFor({ timeout: slow });
    await report.picture(page, "build-pairs");
    await wb.enter(page, "File to write", "data/built.pairs.jsonl");
    await until(() => existsSync(join(folder, "data/built.pairs.jsonl")), slow, "the pairs are written");
    await clearToasts();
  });
  await report.flow("Open Trace asks which file, and opens it", async () => {
    await wb.palette(page, "MedE²: Open Trace");
    await wb.pick(page, "MedE²", "rated.candidates.jsonl");
    await view.locator("article.column").nth(1).waitFor({ timeout: slow });
    await report.picture(page, "candidates");
  });
  await report.flow("the link of a record leads back to it, and one that leads out to nothing", async () => {
    await wb.openFile(page, "stage2-ward/ward.evaluation.jsonl");
    await view.locator("article.column").first().waitFor({ timeout: slow });
    await view.getByRole("listbox").focus();
    for (const line of [2, 3]) {
      await page.keyboard.press("ArrowDown");
      await view.locator(".case-title", { hasText: `line ${line}` }).waitFor({ timeout: slow });
    }
    await view.getByRole("button", { name: "Copy link" }).click();
    const copied = () => page.evaluate(() => navigator.clipboard.readText());
    await until(async () => (await copied()).includes("line=3"), slow, "the link is in the clipboard");
    const link = await copied();
    assert.match(link, /^[\w-]+:\/\/mede2\.mede2-vscode\/open\?file=.*ward\.evaluation\.jsonl&line=3$/);
    await wb.palette(page, "View: Close All Editors");
    await wb.palette(page, "Developer: Open URL");
    await wb.enter(page, "", link);
    const allow = wb.dialogButton(page, "Open");
    await allow.click({ timeout: slow });
    await view.locator(".case-title", { hasText: "line 3" }).waitFor({ timeout: slow });
    await report.picture(page, "link");
    await wb.palette(page, "Developer: Open URL");
    await wb.enter(page, "", link.replace(/file=[^&]*/, "file=%2Fetc%2Fpasswd.trace.jsonl"));
    await until(
      async () => {
        if (await wb.toast(page, "names no record").isVisible()) return true;
        if (await allow.isVisible()) await allow.click();
        return false;
      },
      slow,
      "it is refused",
    );
    await clearToasts();
  });
  await report.flow(
    "the outline leads to a step, and a region of the image to the steps that name it",
    async () => {
      await wb.openFile(page, "regions.pairs.jsonl");
      await view.locator(".region").first().waitFor({ timeout: slow });
      await view.getByRole("button", { name: /^2 / }).first().click();
      await view.locator('article:nth-child(1) [data-step="2"]:focus').waitFor({ timeout: slow });
      await view.locator(".step-regions button").first().click();
      await view.locator(".region.chosen").first().waitFor({ timeout: slow });
      assert.equal(await view.locator('.region-names [aria-pressed="true"]').count(), 1);
      await view.locator(".stage").focus();
      await report.picture(page, "regions");
      assert.deepEqual(await axeFindings(page), []);
      await page.keyboard.press("r");
      await until(async () => (await view.locator(".region").count()) === 0, slow, "the frames are hidden");
    },
  );
  await report.flow("a log of Inspect opens in the same editor", async () => {
    await wb.openFile(page, "mock.eval");
    await view.locator("article.column").first().waitFor({ timeout: slow });
    await report.picture(page, "inspect");
    assert.deepEqual(await axeFindings(page), []);
  });
  await report.flow("evaluations are tests: run, and the difference is shown where one failed", async () => {
    await wb.palette(page, "View: Close All Editors");
    await page.locator('.activitybar a[aria-label^="Testing"]').first().click();
    const explorer = page.locator(".test-explorer").first();
    const suite = explorer.locator(".monaco-list-row", { hasText: "stage2-ward" }).first();
    await suite.waitFor({ timeout: slow });
    await suite.click();
    await suite.hover();
    await suite.locator('.action-label[aria-label^="Run Test"]').first().click();
    await until(async () => /\d+\/24/.test(await explorer.textContent()), slow, "all 24 tests have run");
    await wb.palette(page, "Test Results: Focus on Test Results View");
    const failed = page.locator(".test-output-peek-tree .monaco-list-row", {
      hasText: "combination-1-0-image",
    });
    await failed.first().click({ timeout: slow });
    const diff = page.locator(".monaco-diff-editor").first();
    await diff.waitFor({ timeout: slow });
    await report.picture(page, "tests");
  });
  await report.flow("Run the Demo begins, and Stop in its message ends it", async () => {
    await wb.palette(page, "MedE²: Run the Demo");
    await wb.pick(page, "MedE²: the demo", "Quick");
    const stop = wb.toastButton(page, "the demo is on its way", "Stop");
    await stop.waitFor({ timeout: slow });
    await until(() => processesOf(folder).length > 0, slow, "its process is there");
    await page.waitForTimeout(5000); // it is in the middle of something
    await stop.click();
    await until(() => processesOf(folder).length === 0, slow, "no process of it is left");
    assert.equal(await wb.toast(page, "failed").isVisible(), false);
  });
}
