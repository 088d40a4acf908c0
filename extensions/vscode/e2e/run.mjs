// Tests in a real editor: code-server in headless Chromium, with our packed extension and a real trainer.
//   node e2e/run.mjs [pack] [host] [launch] [read] [review] [restricted] [virtual] [steer] [actions] [more] [newcomer] [--screenshots DIR] [--only REGEX] [--again]
// Default: all. --only leaves out the checks of a flow whose names do not match; those that stand alone can be run so.
// --again drives a flow in which a check failed once more, in a new editor and a new workspace, and counts that.
// Packs what is built, so it needs a build; and e2e/install.mjs.
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { actions } from "./flows/actions.mjs";
import { launch } from "./flows/launch.mjs";
import { more } from "./flows/more.mjs";
import { newcomer } from "./flows/newcomer.mjs";
import { read } from "./flows/read.mjs";
import { restricted } from "./flows/restricted.mjs";
import { review } from "./flows/review.mjs";
import { steer } from "./flows/steer.mjs";
import { virtual } from "./flows/virtual.mjs";
import { host } from "./host.mjs";
import { extension, openEditor } from "./lib/editor.mjs";
import { report as newReport } from "./lib/report.mjs";
import { cli, emptyFolder, makeWorkspace } from "./lib/workspace.mjs";
import { pack, packVirtualFiles } from "./pack.mjs";

const flows = { launch, read, review, restricted, virtual, steer, actions, more, newcomer };
/** What a flow wants of an editor of its own; the others share one, each with a folder of its own. */
const wishes = {
  restricted: () => ({
    more: { "security.workspace.trust.enabled": true, "security.workspace.trust.startupPrompt": "never" },
  }),
  virtual: async () => ({ others: [await packVirtualFiles()] }),
};
const words = process.argv.slice(2);
const option = (name) => {
  const at = words.indexOf(name);
  return at < 0 ? undefined : words.splice(at, 2)[1];
};
const screenshots = option("--screenshots");
const only = option("--only");
const again = words.includes("--again");
if (again) words.splice(words.indexOf("--again"), 1);
const wanted = words.length > 0 ? words : ["pack", "host", ...Object.keys(flows)];
const unknown = wanted.filter((name) => !["pack", "host"].includes(name) && !(name in flows));
if (unknown.length > 0) {
  console.error(`no flow ${unknown.join(", ")}; there are pack, host, ${Object.keys(flows).join(", ")}`);
  process.exit(2);
}

const report = newReport(screenshots && resolve(screenshots), only && new RegExp(only));
execFileSync(process.execPath, [join(extension, "scripts/package.mjs")], {
  stdio: ["ignore", "ignore", "inherit"],
});
const options = { machine: { "mede2.cliPath": cli, "mede2.nodePath": process.execPath } };
let shared;
async function sharedEditor() {
  shared ??= await openEditor(options);
  return shared;
}
async function drive(name) {
  console.log(`\n${name}`);
  if (name === "pack") {
    pack(report);
    return;
  }
  const folder = name === "newcomer" ? emptyFolder() : makeWorkspace();
  if (name === "host") await host({ folder, report, options });
  else {
    const begun = Date.now();
    const editor =
      name in wishes ? await openEditor({ ...options, ...(await wishes[name]()) }) : await sharedEditor();
    report.watch(editor.page);
    try {
      await flows[name]({ editor, folder, report });
    } catch (error) {
      report.check(`${name} came to its end`, false, error.stack);
    }
    if (editor !== shared) await editor.close();
    else await editor.leave();
    console.log(`     ${name}: ${((Date.now() - begun) / 1000).toFixed(0)} s`);
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
for (const name of wanted) {
  const before = { ...report.counts };
  await drive(name);
  const failed = report.counts.failed - before.failed;
  if (!again || failed === 0 || !(name in flows)) continue;
  // a browser under load can miss a click: what fails twice, in a new editor and a new workspace, has failed
  console.log(`     ${name}: ${failed} of its checks failed, so all of it is driven once more`);
  Object.assign(report.counts, before);
  await shared?.close();
  shared = undefined;
  await drive(name);
}
await shared?.close();
const { passed, failed, skipped } = report.counts;
console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 ? 1 : 0;
