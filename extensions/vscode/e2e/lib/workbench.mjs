// Selectors of the editor's own interface: all of them are here, as they are internals that a new version may change.
import { until } from "./editor.mjs";

const quick = ".quick-input-widget";
const slow = 120_000;

/** Runs a command of the palette. Clicks its row; never presses Enter blindly. */
export async function palette(page, title) {
  await fromList(page, "F1", `>${title}`, title);
}

/** Opens the quick input by a key, types, and clicks the row. Begins anew when the row does not come: the list is not made again by itself. */
async function fromList(page, key, text, row, where) {
  const input = page.locator(`${quick} .quick-input-filter input`).first();
  const work = async () => {
    try {
      if (!(await input.isVisible())) await page.keyboard.press(key);
      await input.waitFor({ state: "visible", timeout: 4000 });
      await input.fill(text, { timeout: 3000 });
      const rows = page.locator(`${quick} .quick-input-list .monaco-list-row`, { hasText: row });
      const wanted = (where === undefined ? rows : rows.filter({ hasText: where })).first();
      await wanted.waitFor({ timeout: 6000 });
      await wanted.click({ timeout: 3000 });
      // a click on a list that was being made anew does nothing; a command's own list may follow, a file's does not
      if (where !== undefined) await input.waitFor({ state: "hidden", timeout: 4000 });
      return true;
    } catch (error) {
      await page.keyboard.press("Escape");
      throw error;
    }
  };
  await until(work, slow, `the list has "${row}"`);
}

/** Chooses a row of the quick pick whose title has `title`. */
export async function pick(page, title, row) {
  await page.locator(quick, { hasText: title }).first().waitFor({ timeout: slow });
  const wanted = page.locator(`${quick} .quick-input-list .monaco-list-row`, { hasText: row }).first();
  let tried = false;
  await until(
    async () => {
      if (tried && !(await wanted.isVisible())) return true; // a click that came through although it was late
      await wanted.waitFor({ timeout: 5000 });
      tried = true;
      await wanted.click({ timeout: 5000 });
      return true;
    },
    slow,
    `"${title}" has "${row}"`,
  );
}

/** The rows of the quick pick, as texts. */
export const choices = (page) => page.locator(`${quick} .quick-input-list .monaco-list-row`).allInnerTexts();

/** What the palette offers to a text. */
export async function offered(page, text) {
  const input = page.locator(`${quick} .quick-input-filter input`).first();
  await page.keyboard.press("F1");
  await input.waitFor({ state: "visible", timeout: slow });
  await input.fill(`>${text}`);
  let last = [];
  await until(
    async () => {
      const now = await choices(page);
      const settled = now.length > 0 && now.join() === last.join();
      last = now;
      await page.waitForTimeout(500);
      return settled;
    },
    slow,
    `the palette offers something to "${text}"`,
  );
  await page.keyboard.press("Escape");
  return last.join("\n");
}

/** Opens a part of our view that is closed. */
export async function openPart(page, title) {
  const header = page.locator(".pane-header", { hasText: title }).first();
  await header.waitFor({ timeout: slow });
  if ((await header.getAttribute("aria-expanded")) !== "true") await header.click();
}

/** Clicks the button that a row has while the mouse is over it. */
export async function rowAction(row, label) {
  await until(
    async () => {
      await row.hover({ timeout: 3000 });
      await row.locator(`.action-label[aria-label^="${label}"]`).click({ timeout: 3000 });
      return true;
    },
    slow,
    `the row has its button "${label}"`,
  );
}

/** The page inside of the newest webview. */
export function webview(page) {
  return page.frameLocator("iframe.webview.ready").last().frameLocator("iframe#active-frame");
}

/** The frame of the newest webview, for scripts such as axe. */
export async function webviewFrame(page) {
  const outer = await page.locator("iframe.webview.ready").last().elementHandle();
  const frame = await outer.contentFrame();
  const inner = await frame.waitForSelector("iframe#active-frame", { timeout: slow });
  return inner.contentFrame();
}

export const statusItems = (page) => page.locator(".statusbar-item").allInnerTexts();
export const treeRow = (page, text) => page.locator(".pane-body .monaco-list-row", { hasText: text }).first();
export const toast = (page, text) => page.locator(".notification-toast", { hasText: text }).first();
export const toastButton = (page, text, button) =>
  toast(page, text).locator(".monaco-button", { hasText: button }).first();
export const dialogButton = (page, text) =>
  page.locator(".monaco-dialog-box .monaco-button", { hasText: text }).first();

/** Opens our view in the activity bar. */
export async function openView(page) {
  const header = page.locator(".pane-header", { hasText: "Runs" }).first();
  await until(
    async () => {
      if (!(await header.isVisible()))
        await page.locator('.activitybar a[aria-label^="MedE²"]').first().click({ timeout: 5000 });
      await header.waitFor({ timeout: 5000 });
      return true;
    },
    120_000,
    "the view of MedE² is there",
  );
}

/** Loads the window again by its command, which lets the editor put away what is open; resolves when the new one is there. */
export async function reloadWindow(page) {
  await page.evaluate(() => {
    globalThis.beforeReload = true;
  });
  await palette(page, "Developer: Reload Window");
  await until(
    () =>
      page.evaluate(() => globalThis.beforeReload !== true && document.querySelector(".statusbar") !== null),
    slow,
    "the window is loaded again",
  );
}

/** Fills the input box whose prompt has `title`, and takes it. A list that says the same is none. */
export async function enter(page, title, text) {
  const box = page.locator(`${quick} .quick-input-message`, { hasText: title }).first();
  await box.waitFor({ timeout: slow });
  const input = page.locator(`${quick} .quick-input-filter input`).first();
  await input.fill(text);
  await until(async () => (await input.inputValue()) === text, 10_000, `"${title}" has the text`);
  await input.press("Enter");
  // the box of the next step may look the same: this one is done when its text is not there any more
  await until(
    async () => !(await input.isVisible()) || (await input.inputValue()) !== text,
    slow,
    `"${title}" is taken`,
  );
}

/** Opens a file of the explorer's folder by its name. */
export async function openFile(page, name) {
  // files of one name lie in several folders, and until the search is done the list has them all
  const [file, folder = ""] = name.split("/").reverse();
  await fromList(page, "Control+P", name, file, folder);
}
