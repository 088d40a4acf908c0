import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../lib/editor.mjs";
import * as wb from "../lib/workbench.mjs";

const slow = 120_000;

/** A workspace that no disk holds: records are read beside their images and beside each other, and nothing is started or written. */
export async function virtual({ editor, folder, report }) {
  const { page } = editor;
  const workspace = join(folder, "virtual.code-workspace");
  writeFileSync(
    workspace,
    JSON.stringify({ folders: [{ uri: `mede2virtual:${folder}`, name: "ward from afar" }] }),
  );
  await editor.open(workspace, "workspace");
  const view = wb.webview(page);
  await report.flow("the view of runs says that this is a virtual workspace", async () => {
    await wb.openView(page);
    await page.locator(".welcome-view", { hasText: "virtual workspace" }).first().waitFor({ timeout: slow });
  });
  await report.flow("Open Trace finds a pair there, and shows it beside its image", async () => {
    await wb.palette(page, "MedE²: Open Trace");
    await wb.pick(page, "MedE²", "stage2.pairs.jsonl");
    await view.locator("h3", { hasText: "Rejected" }).waitFor({ timeout: slow });
    await until(
      () => view.locator(".stage img").evaluate((image) => image.naturalWidth > 0),
      slow,
      "the image is drawn",
    );
    assert.equal(await view.getByRole("button", { name: "Review blind" }).count(), 0);
    await report.picture(page, "virtual");
  });
  await report.flow("an evaluation has its question and the three stages beside each other", async () => {
    await wb.palette(page, "MedE²: Open Trace");
    await wb.pick(page, "MedE²", "evaluations/stage2-ward");
    await view.locator("article.column").nth(2).waitFor({ timeout: slow });
    assert.ok((await view.locator(".options li").count()) > 1);
  });
  await report.flow("what starts or writes is not offered", async () => {
    const offered = await wb.offered(page, "MedE²: ");
    assert.match(offered, /Open Trace/);
    assert.doesNotMatch(offered, /New Run|Stop Run|Review Pairs|Doctor|Run the Demo|Build Pairs|Evaluate/);
    assert.equal(existsSync(join(folder, "data/stage2.verdicts.jsonl")), false);
    assert.equal(existsSync(join(folder, "runs")), false);
  });
}
