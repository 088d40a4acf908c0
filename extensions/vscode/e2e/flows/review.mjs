import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { axeFindings } from "../lib/axe.mjs";
import { until } from "../lib/editor.mjs";
import * as wb from "../lib/workbench.mjs";
import { cli } from "../lib/workspace.mjs";

/** Judges four pairs blind, the last two by keys alone, and finds the verdicts in their file. */
export async function review({ editor, folder, report }) {
  const { page } = editor;
  const file = join(folder, "data/stage2.verdicts.jsonl");
  const verdicts = () =>
    existsSync(file)
      ? readFileSync(file, "utf8")
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line))
      : [];
  await editor.open(folder);
  const view = wb.webview(page);
  const begun = Date.now();
  await report.flow(
    "Review Pairs opens the first pair, and nothing tells which answer was chosen",
    async () => {
      await wb.palette(page, "MedE²: Review Pairs");
      await wb.pick(page, "MedE²", "stage2.pairs.jsonl");
      await view.locator("article.column").nth(1).waitFor({ timeout: 120_000 });
      const text = await view.locator("main").evaluate((main) => main.outerHTML);
      for (const secret of [
        "Chosen",
        "Rejected",
        "margin",
        "mmrp",
        "checkpoints/",
        'class="gold"',
        "badge right",
        "total ",
      ])
        assert.ok(!text.includes(secret), secret);
      assert.deepEqual(await view.locator("article.column h3").allInnerTexts(), ["First", "Second"]);
      await view.locator(".actions", { hasText: "Pair 1 of 6" }).waitFor({ timeout: 20_000 });
      await report.picture(page, "review");
      assert.deepEqual(await axeFindings(page), []);
    },
  );
  await report.flow("a verdict by one key is written, and only then the pair is revealed", async () => {
    await view.locator("article.column").first().click();
    await page.keyboard.press("1");
    await view.locator(".verdict.decided").waitFor({ timeout: 20_000 });
    const said = await view.locator(".verdict.decided").textContent();
    const [verdict] = verdicts();
    const chosen = verdict.order === "chosen-first" ? "first" : "second";
    assert.match(said, new RegExp(`The ${chosen} answer was the chosen one`));
    assert.equal(said.includes("You preferred the chosen answer"), chosen === "first");
    const { pairId, choice, blind, reviewer, seconds, ts } = verdict;
    const [pair] = readFileSync(join(folder, "data/stage2.pairs.jsonl"), "utf8")
      .split("\n")
      .map((line) => line && JSON.parse(line));
    assert.deepEqual(
      { pairId, choice, blind, reviewer },
      { pairId: pair.id, choice: "first", blind: true, reviewer: "tester" },
    );
    assert.ok(seconds > 0 && seconds < (Date.now() - begun) / 1000 && Date.parse(ts) >= begun);
    assert.ok((await view.locator(".criterion").count()) > 0, "scores are shown now");
    await report.picture(page, "revealed");
  });
  await report.flow("the next pair, with a mark and a comment, called a tie", async () => {
    await view.getByRole("button", { name: /Next pair \(Enter\)/ }).press("Enter");
    await until(
      async () => (await view.locator(".verdict.decided").count()) === 0,
      20_000,
      "the next pair is open",
    );
    await view.locator("summary", { hasText: "By criterion" }).click();
    await view.getByLabel("Comment").fill("both name the finding");
    const frame = await wb.webviewFrame(page);
    await frame.evaluate(() =>
      getSelection().selectAllChildren(
        document.querySelectorAll("article.column")[1].querySelector(".step-text"),
      ),
    );
    await view.getByRole("button", { name: /Mark the selected text/ }).click();
    await view.locator(".marks li").waitFor({ timeout: 10_000 });
    await view.locator("article.column h3").first().click();
    await page.keyboard.press("t");
    await until(() => verdicts().length === 2, 20_000, "the verdict is written");
    const [, { choice, comment, spans, order }] = verdicts();
    assert.deepEqual([choice, comment], ["tie", "both name the finding"]);
    assert.equal(spans[0].field, order === "chosen-first" ? "rejected.text" : "chosen.text");
    const pair = JSON.parse(readFileSync(join(folder, "data/stage2.pairs.jsonl"), "utf8").split("\n")[1]);
    const text = pair[spans[0].field.split(".")[0]].text;
    assert.equal(text.slice(spans[0].start, spans[0].end), spans[0].quote);
  });
  await report.flow("the third and the fourth by keys alone", async () => {
    for (const [key, count] of [
      ["2", 3],
      ["n", 4],
    ]) {
      await view.locator(".verdict.decided").waitFor({ timeout: 20_000 });
      await page.keyboard.press("Enter");
      await view.locator(".actions", { hasText: `Pair ${count} of 6` }).waitFor({ timeout: 20_000 });
      await page.keyboard.press(key);
      await until(() => verdicts().length === count, 20_000, `verdict ${count} is written`);
    }
    assert.deepEqual(
      verdicts().map(({ choice }) => choice),
      ["first", "tie", "second", "neither"],
    );
  });
  await report.flow("mede2 pairs audit reads the verdicts back", async () => {
    const said = await promisify(execFile)(process.execPath, [
      ...[cli, "pairs", "audit", join(folder, "data/stage2.pairs.jsonl"), "--workspace", folder, "--json"],
    ]);
    const { verdicts: read, agreement } = JSON.parse(said.stdout.trimEnd().split("\n").at(-1));
    assert.deepEqual([read.read, read.pairs], [4, 4]);
    assert.ok(agreement.scorer !== undefined, JSON.stringify(agreement));
  });
  await report.flow("after a reload the review goes on where it was", async () => {
    await wb.reloadWindow(page);
    await view.locator(".actions", { hasText: "4 judged by tester" }).waitFor({ timeout: 120_000 });
  });
}
