import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { eventWriter, makeRun } from "../lib/made-run.mjs";
import * as wb from "../lib/workbench.mjs";

/** A workspace that nobody trusts: everything can be read, nothing is started or written. */
export async function restricted({ editor, folder, report }) {
  const { page } = editor;
  const dir = makeRun(folder, "untrusted", { seed: 1 });
  const run = eventWriter(dir);
  run.started();
  run.step(1, 0.5);
  await editor.open(folder);
  const view = wb.webview(page);
  await report.flow("runs and pairs are shown in Restricted Mode", async () => {
    await page.locator(".statusbar-item", { hasText: "Restricted Mode" }).waitFor({ timeout: 60_000 });
    await wb.openView(page);
    await wb.treeRow(page, "untrusted").waitFor({ timeout: 60_000 });
    await wb.openFile(page, "stage2.pairs.jsonl");
    await view.locator("h3", { hasText: "Rejected" }).waitFor({ timeout: 60_000 });
    assert.equal(await view.getByRole("button", { name: "Review blind" }).count(), 0);
  });
  await report.flow("the run view shows its controls as off", async () => {
    await wb.palette(page, "MedE²: Attach to Run");
    await wb.pick(page, "MedE²", "untrusted");
    await view.locator("h1", { hasText: "untrusted" }).waitFor({ timeout: 60_000 });
    assert.equal(await view.getByRole("button", { name: "Stop" }).isDisabled(), true);
  });
  await report.flow("what starts or writes is not offered", async () => {
    const offered = await wb.offered(page, "MedE²: ");
    assert.match(offered, /Open Trace/);
    assert.doesNotMatch(offered, /New Run|Stop Run|Review Pairs|Doctor|Run the Demo/);
    assert.deepEqual(readdirSync(join(dir, "control")), []);
    assert.equal(existsSync(join(folder, "data/stage2.verdicts.jsonl")), false);
    await report.picture(page, "restricted");
  });
}
