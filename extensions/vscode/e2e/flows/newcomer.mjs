import assert from "node:assert/strict";
import { until } from "../lib/editor.mjs";
import * as wb from "../lib/workbench.mjs";

const slow = 120_000;
const demoMilliseconds = 15 * 60_000;

/** An empty folder, and nothing but the walkthrough: from the check of the machine through the demo to a pair that is judged. */
export async function newcomer({ editor, folder, report }) {
  const { page } = editor;
  await editor.open(folder);
  const view = wb.webview(page);
  const walkthrough = page.locator(".gettingStartedContainer");
  const open = async () => {
    await wb.palette(page, "Welcome: Open Walkthrough...");
    await wb.pick(page, "", "From nothing to a model that reasons");
  };
  const step = async (title, button) => {
    await open();
    const row = walkthrough.locator(".getting-started-step", { hasText: title }).first();
    const wanted = row.locator(".monaco-button", { hasText: button }).first();
    await until(
      async () => {
        if (!(await wanted.isVisible()))
          await row.locator(".step-title, h3").first().click({ timeout: 3000 });
        await wanted.click({ timeout: 3000 });
        return true;
      },
      slow,
      `the step "${title}" has its button`,
    );
  };
  const done = (count) =>
    until(
      async () =>
        (await walkthrough.locator(".getting-started-step .codicon-getting-started-step-checked").count()) >=
        count,
      slow,
      `${count} steps are done`,
    );

  await report.flow("Check this machine", async () => {
    await step("Check this machine", /^Check$/);
    await wb.toast(page, "usable: cpu").waitFor({ timeout: slow });
    await done(1);
    await page.waitForTimeout(2000); // what stands beside the steps is drawn
    await report.picture(page, "walkthrough");
    await wb.palette(page, "Notifications: Clear All Notifications");
  });
  await report.flow("Run the demo: it comes to its end, and says so", async () => {
    await step("Run the demo", "Run the Demo");
    await wb.pick(page, "MedE²: the demo", "Quick");
    await wb.toast(page, "is on its way").waitFor({ timeout: slow });
    await wb.treeRow(page, "1-stage1").waitFor({ timeout: demoMilliseconds });
    await wb.treeRow(page, "1-stage1").click();
    await view.locator(".chart").first().waitFor({ timeout: slow });
    await wb.toast(page, "the demo is done").waitFor({ timeout: demoMilliseconds });
    await wb.treeRow(page, "4-stage2").waitFor({ timeout: slow });
    await wb.toastButton(page, "the demo is done", "Read the Answers").click();
    await view.locator("article.column").nth(2).waitFor({ timeout: slow });
    await report.picture(page, "demo-answers");
  });
  await report.flow("Watch it learn", async () => {
    await step("Watch it learn", "Attach to Run");
    await wb.pick(page, "MedE²", "4-stage2");
    await view.locator(".status.finished").waitFor({ timeout: slow });
    await view.locator(".chart").first().waitFor({ timeout: slow });
    await wb.openView(page);
    for (const part of ["Datasets", "Checkpoints"]) await wb.openPart(page, part);
    await page.waitForTimeout(1000); // the chart has its lines
    await report.picture(page, "runs");
  });
  await report.flow("Read the reasoning", async () => {
    await step("Read the reasoning", "Open Trace");
    await wb.pick(page, "MedE²", "evaluations/stage2-combination");
    await view.locator("article.column").nth(2).waitFor({ timeout: slow });
  });
  await report.flow("Judge a few pairs blind, and the walkthrough is done", async () => {
    await step("Judge a few pairs blind", "Review Pairs");
    await wb.pick(page, "MedE²", "stage2.pairs.jsonl");
    await view.locator("article.column").nth(1).waitFor({ timeout: slow });
    await page.keyboard.press("1");
    await view.locator(".verdict.decided").waitFor({ timeout: slow });
    await open();
    await done(5);
    await report.picture(page, "walkthrough-done");
  });
  await report.flow("both stages are compared: curves, results, answers, settings", async () => {
    await wb.palette(page, "MedE²: Compare Runs");
    for (const name of ["1-stage1", "4-stage2"])
      await page.locator(".quick-input-list .monaco-list-row", { hasText: name }).first().click();
    await page.locator(".quick-input-widget .monaco-button", { hasText: "OK" }).click();
    await view.locator(".legend li").nth(1).waitFor({ timeout: slow });
    const answers = view.locator('section[aria-label="Answers"]');
    await answers.waitFor({ timeout: slow });
    assert.match(await answers.textContent(), /\d+ of \d+/);
    await report.picture(page, "comparison");
    await answers.scrollIntoViewIfNeeded();
    await report.picture(page, "comparison-answers");
  });
}
