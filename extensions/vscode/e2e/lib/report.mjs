import { mkdirSync } from "node:fs";
import { join } from "node:path";

/** Counts checks, and keeps pictures where a folder for them is named. With `only`, checks of a flow whose names it does not match are left out. */
export function report(screenshots, only) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const say = (holds, what, detail) => {
    counts[holds ? "passed" : "failed"]++;
    console.log(`${holds ? "ok  " : "FAIL"} ${what}${detail ? `: ${detail}` : ""}`);
  };
  if (screenshots) mkdirSync(screenshots, { recursive: true });
  let watched;
  return {
    counts,
    /** The page that is pictured when a flow fails. */
    watch(page) {
      watched = page;
    },
    check: (what, holds, detail = "") => say(Boolean(holds), what, holds ? "" : detail),
    async flow(what, work) {
      if (only !== undefined && !only.test(what)) return;
      const begin = Date.now();
      try {
        await work();
        say(true, `${what} (${((Date.now() - begin) / 1000).toFixed(1)} s)`);
      } catch (error) {
        say(false, what, error.stack ?? String(error));
        const name = `failed-${what.replace(/\W+/g, "-").slice(0, 40)}`;
        if (watched !== undefined) await this.picture(watched, name).catch(() => {});
      }
    },
    async picture(page, name) {
      if (screenshots) await page.screenshot({ path: join(screenshots, `${name}.png`) });
    },
  };
}
