// Tests in a real editor: code-server in headless Chromium, with our packed extension and a real trainer.
//   node e2e/run.mjs [host] [launch] [read] [review] [more] [--screenshots DIR]     default: all. Needs a build, a .vsix and e2e/install.mjs
import { rmSync } from "node:fs";
import { resolve } from "node:path";
import { launch } from "./flows/launch.mjs";
import { more } from "./flows/more.mjs";
import { read } from "./flows/read.mjs";
import { review } from "./flows/review.mjs";
import { host } from "./host.mjs";
import { openEditor } from "./lib/editor.mjs";
import { report as newReport } from "./lib/report.mjs";
import { cli, makeWorkspace } from "./lib/workspace.mjs";

const flows = { launch, read, review, more };
const words = process.argv.slice(2);
const at = words.indexOf("--screenshots");
const screenshots = at < 0 ? undefined : resolve(words.splice(at, 2)[1]);
const wanted = words.length > 0 ? words : ["host", ...Object.keys(flows)];
const unknown = wanted.filter((name) => name !== "host" && !(name in flows));
if (unknown.length > 0) {
  console.error(`no flow ${unknown.join(", ")}; there are host, ${Object.keys(flows).join(", ")}`);
  process.exit(2);
}

const report = newReport(screenshots);
const options = { machine: { "mede2.cliPath": cli, "mede2.nodePath": process.execPath } };
for (const name of wanted) {
  const folder = makeWorkspace();
  console.log(`\n${name}`);
  if (name === "host") await host({ folder, report, options });
  else {
    const editor = await openEditor(options);
    try {
      await flows[name]({ editor, folder, report });
    } catch (error) {
      report.check(`${name} came to its end`, false, error.stack);
    }
    if (report.counts.failed > 0) await report.picture(editor.page, `failed-${name}`);
    await editor.close();
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
const { passed, failed, skipped } = report.counts;
console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 ? 1 : 0;
