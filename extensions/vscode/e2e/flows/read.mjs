import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { axeFindings } from "../lib/axe.mjs";
import { until } from "../lib/editor.mjs";
import * as wb from "../lib/workbench.mjs";
import { writeHostile } from "../lib/workspace.mjs";

/** Reads graded answers beside the image, base, Stage I and Stage II together; then a file that tries to do harm. */
export async function read({ editor, folder, report }) {
  const { page } = editor;
  writeHostile(folder);
  await editor.open(folder);
  const view = wb.webview(page);
  await report.flow("an evaluation opens as a list with question, image and three stages", async () => {
    await wb.openFile(page, "stage2-ward/ward.evaluation.jsonl");
    await view.locator("article.column").nth(2).waitFor({ timeout: 120_000 });
    assert.deepEqual(
      (await view.locator("article.column h3").allInnerTexts()).map(
        (text) => /^(Stage II?|Base)/.exec(text)?.[0],
      ),
      ["Stage II", "Base", "Stage I"],
    );
    assert.match(await view.locator(".research").first().textContent(), /Research only, not for diagnosis/);
    await until(
      () => view.locator(".stage img").evaluate((image) => image.naturalWidth > 0),
      30_000,
      "the image is drawn",
    );
    assert.ok((await view.locator(".step").count()) > 1, "steps");
    assert.ok((await view.locator("mark.taken").count()) > 0, "the span of the answer");
    await report.picture(page, "evaluation");
  });
  await report.flow("the image zooms, pans, and has a window and a level, by mouse and by keys", async () => {
    const image = view.locator(".stage img");
    const style = (name) => image.evaluate((element, property) => element.style[property], name);
    await view.locator(".stage").hover();
    await page.mouse.wheel(0, -400);
    await until(
      async () => Number(/scale\(([\d.]+)\)/.exec(await style("transform"))[1]) > 1.5,
      10_000,
      "it is larger",
    );
    await view.locator(".stage").focus();
    await page.keyboard.press("[");
    await page.keyboard.press("i");
    await until(async () => (await style("filter")).includes("#window"), 10_000, "the window is set");
    assert.match(await view.locator(".stage").getAttribute("aria-label"), /window 245, level 128/);
    await page.keyboard.press("0");
    await until(async () => (await style("filter")) === "none", 10_000, "it is as it was");
  });
  await report.flow("filter, search and keys find a record", async () => {
    const all = await view.locator(".status").first().textContent();
    await view.getByLabel("Outcome").selectOption("wrong");
    await until(
      async () => (await view.locator(".status").first().textContent()) !== all,
      20_000,
      "the filter is in force",
    );
    assert.match(await view.locator(".status").first().textContent(), /^\d+ of \d+ records/);
    await view.locator(".row .badge.wrong").first().waitFor();
    assert.equal(await view.locator(".row .badge.right").count(), 0);
    await view.getByLabel("Outcome").selectOption("");
    await view.getByRole("listbox").focus();
    await page.keyboard.press("ArrowDown");
    await until(
      async () => (await view.locator(".case-title").textContent()).includes("line 2"),
      20_000,
      "the second record is open",
    );
    await view.getByLabel("Search in the records").fill("no such words anywhere");
    await until(
      async () => /^0 of/.test(await view.locator(".status").first().textContent()),
      20_000,
      "nothing is found",
    );
    await view.getByLabel("Search in the records").fill("");
  });
  await report.flow(
    "won and lost against the base model, specialty and answer status are filters",
    async () => {
      const filter = (name) =>
        view.locator(".selects label", { hasText: new RegExp(`^${name}`) }).locator("select");
      const graded = (stage) =>
        readFileSync(join(folder, `evaluations/${stage}-ward/ward.evaluation.jsonl`), "utf8")
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line));
      const key = ({ questionId, images, sample }) => `${questionId} ${images} ${sample}`;
      const before = new Map(graded("base").map((record) => [key(record), record.outcome.correct]));
      const now = graded("stage2");
      const count = (from, to) =>
        now.filter((record) => before.get(key(record)) === from && record.outcome.correct === to).length;
      const shows = (wanted) =>
        until(
          async () =>
            (await view.locator(".status").first().textContent()).startsWith(`${wanted} of 24 records`),
          20_000,
          `${wanted} records pass`,
        );
      for (const [value, wanted] of [
        ["won", count(false, true)],
        ["lost", count(true, false)],
      ]) {
        await filter("Change").selectOption(value);
        await shows(wanted);
      }
      await filter("Change").selectOption("");
      const { specialty } = now[0].tags;
      await filter("Specialty").selectOption(specialty);
      await shows(now.filter(({ tags }) => tags.specialty === specialty).length);
      await filter("Specialty").selectOption("");
      await filter("Answer").selectOption("found");
      await shows(now.filter(({ answer }) => answer.status === "found").length);
      await filter("Answer").selectOption("");
    },
  );
  await report.flow("axe finds nothing serious in the trace editor", async () =>
    assert.deepEqual(await axeFindings(page), []),
  );
  await report.flow("a pair shows what each criterion quotes", async () => {
    await wb.openFile(page, "stage2.pairs.jsonl");
    await view.locator("h3", { hasText: "Rejected" }).waitFor({ timeout: 60_000 });
    const quoting = view.locator("button.criterion", { hasText: /\d quotes?/ }).first();
    await quoting.click();
    await view.locator("mark.strong").first().waitFor({ timeout: 10_000 });
    await report.picture(page, "pair");
  });
  await report.flow("hostile records do nothing, and are shown as they are", async () => {
    const asked = [];
    page.on("request", (request) => asked.push(request.url()));
    await wb.openFile(page, "hostile/hostile.trace.jsonl");
    await view.locator("article.column", { hasText: "window.hacked=1" }).first().waitFor({ timeout: 60_000 });
    const frame = await wb.webviewFrame(page);
    const found = await frame.evaluate(() => ({
      hacked: globalThis.hacked ?? null,
      elements: document.querySelectorAll(
        "#root script, #root style, #root a, #root iframe, #root h1, #root b, #root i, #root img",
      ).length,
      display: getComputedStyle(document.body).display,
      text: document.querySelector("#root").textContent,
    }));
    assert.equal(found.hacked, null);
    assert.equal(await page.evaluate(() => globalThis.hacked ?? null), null);
    assert.equal(found.elements, 0);
    assert.notEqual(found.display, "none");
    for (const words of [
      "<script>window.hacked=1",
      "</style><style>",
      "command:workbench.action.quit",
      "␀␇␛[31mred",
      "more characters are left out",
      "it is not in the image store",
      "<h1>stem</h1>",
    ])
      assert.ok(found.text.includes(words), words);
    for (const hidden of ["\u0000", "\u001b", "\u202e"])
      assert.ok(!found.text.includes(hidden), "no control characters");
    assert.deepEqual(
      asked.filter((url) => /example\.com|passwd/.test(url)),
      [],
    );
    await view.locator(".row", { hasText: "unreadable" }).first().click();
    await view.locator(".fault", { hasText: "hostile.trace.jsonl:3" }).waitFor({ timeout: 20_000 });
    await view.locator(".row").nth(1).click();
    await view.locator("article.column", { hasText: "harmless" }).waitFor({ timeout: 20_000 });
  });
  await report.flow("it opens as text at the same line", async () => {
    await wb.palette(page, "MedE²: Reopen as Text");
    await page
      .locator(".editor-instance .view-line", { hasText: "harmless" })
      .first()
      .waitFor({ timeout: 30_000 });
  });
}
