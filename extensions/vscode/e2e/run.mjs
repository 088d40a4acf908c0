// Tests in a real editor: code-server in headless Chromium, with our packed extension and a real trainer.
//   node e2e/run.mjs [pack] [host] [launch] [read] [review] [restricted] [more] [--screenshots DIR]     default: all
// Packs what is built, so it needs a build; and e2e/install.mjs.
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { launch } from "./flows/launch.mjs";
import { more } from "./flows/more.mjs";
import { read } from "./flows/read.mjs";
import { restricted } from "./flows/restricted.mjs";
import { review } from "./flows/review.mjs";
import { host } from "./host.mjs";
import { extension, openEditor } from "./lib/editor.mjs";
import { report as newReport } from "./lib/report.mjs";
import { cli, makeWorkspace } from "./lib/workspace.mjs";
import { pack } from "./pack.mjs";

const flows = { launch, read, review, restricted, more };
/** What a flow wants of its editor beside the rest. */
const wishes = {
  restricted: {
    more: { "security.workspace.trust.enabled": true, "security.workspace.trust.startupPrompt": "never" },
  },
};
const words = process.argv.slice(2);
const at = words.indexOf("--screenshots");
const screenshots = at < 0 ? undefined : resolve(words.splice(at, 2)[1]);
const wanted = words.length > 0 ? words : ["pack", "host", ...Object.keys(flows)];
const unknown = wanted.filter((name) => !["pack", "host"].includes(name) && !(name in flows));
if (unknown.length > 0) {
  console.error(`no flow ${unknown.join(", ")}; there are pack, host, ${Object.keys(flows).join(", ")}`);
  process.exit(2);
}

const report = newReport(screenshots);
execFileSync(process.execPath, [join(extension, "scripts/package.mjs")], {
  stdio: ["ignore", "ignore", "inherit"],
});
const options = { machine: { "mede2.cliPath": cli, "mede2.nodePath": process.execPath } };
for (const name of wanted) {
  console.log(`\n${name}`);
  if (name === "pack") {
    pack(report);
    continue;
  }
  const folder = makeWorkspace();
  if (name === "host") await host({ folder, report, options });
  else {
    const editor = await openEditor({ ...options, ...wishes[name] });
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
