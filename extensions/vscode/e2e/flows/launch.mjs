import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { axeFindings } from "../lib/axe.mjs";
import { until } from "../lib/editor.mjs";
import * as wb from "../lib/workbench.mjs";

const eventsOf = (dir) =>
  readFileSync(join(dir, "events.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

/** From the palette to a finished run of 20 steps, by a real trainer; the window is reloaded in the middle. */
export async function launch({ editor, folder, report }) {
  const { page } = editor;
  await editor.open(folder);
  await wb.openView(page);
  await report.flow("the view without runs says what to do", async () => {
    await page.locator(".welcome-view", { hasText: "No runs here yet" }).first().waitFor({ timeout: 60_000 });
    await report.picture(page, "welcome");
  });
  await report.flow("New Run…: recipe, model, data, length, device, estimate, start", async () => {
    await wb.palette(page, "MedE²: New Run…");
    await wb.pick(page, "New Run", "demo-stage1");
    await wb.pick(page, "New Run", "models/tiny");
    await wb.pick(page, "New Run", "stage1.demonstrations.jsonl");
    await wb.pick(page, "New Run", "20 steps");
    await wb.pick(page, "New Run", "embedded on cpu");
    await page.locator(".quick-input-widget", { hasText: "Start the run" }).waitFor({ timeout: 240_000 });
    const said = (await wb.choices(page)).join(" ");
    assert.match(said, /20 steps .* of memory .* on disk/s);
    await report.picture(page, "new-run");
    await wb.pick(page, "New Run", "Start the run");
  });
  const runs = join(folder, "runs");
  let dir = "";
  await report.flow("its view opens and follows it", async () => {
    const view = wb.webview(page);
    await view.locator(".status.running, .status.finished").first().waitFor({ timeout: 240_000 });
    dir = join(
      runs,
      readdirSync(runs).find((name) => !name.startsWith(".")),
    );
    await view.locator(".chart").first().waitFor({ timeout: 240_000 });
    assert.match(await view.locator(".progress").textContent(), /step \d+ of 20/);
    const text = await view.locator("h1").textContent();
    assert.match(text, /demo-stage1/);
  });
  await report.flow("after the window is loaded again, the run is found and its view is back", async () => {
    await wb.reloadWindow(page);
    await wb.webview(page).locator(".chart").first().waitFor({ timeout: 240_000 });
    await wb.openView(page);
    await wb.treeRow(page, "demo-stage1").waitFor({ timeout: 120_000 });
  });
  await report.flow("it ends, and tree, view and files agree", async () => {
    await wb.webview(page).locator(".status.finished").waitFor({ timeout: 400_000 });
    await until(
      async () => /finished/.test(await wb.treeRow(page, "demo-stage1").textContent()),
      60_000,
      "the tree says finished",
    );
    const events = eventsOf(dir);
    assert.equal(events.filter(({ type }) => type === "step-end").length, 20);
    assert.equal(events.at(-1).type, "run-finished");
    assert.match(JSON.parse(readFileSync(join(dir, "run.json"), "utf8")).plan.recipe, /demo-stage1/);
    await report.picture(page, "run");
  });
  await report.flow("axe finds nothing serious in the run view", async () =>
    assert.deepEqual(await axeFindings(page), []),
  );
  return dir;
}
