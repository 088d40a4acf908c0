// Makes the pictures of the README and of docs/vscode.md anew, from the tests in a real editor.
//   node scripts/screenshots.mjs [--from DIR] [--to DIR]
// After a build and e2e/install.mjs. --from takes the pictures of a run of e2e/run.mjs --screenshots DIR; --to puts them elsewhere, to be looked at.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const folder = fileURLToPath(new URL("..", import.meta.url));
const sharp = createRequire(join(folder, "../../packages/images/package.json"))("sharp");
const { values } = parseArgs({ options: { from: { type: "string" }, to: { type: "string" } } });
const from = values.from ?? mkdtempSync(join(tmpdir(), "mede2-pictures-"));
const to = values.to ?? join(folder, "media/screenshots");
/** The flows, and which of their pictures are kept. */
const kept = {
  launch: ["run", "new-run"],
  read: ["evaluation", "pair"],
  review: ["review"],
  actions: ["doctor", "regions", "tests"],
  newcomer: ["walkthrough", "runs", "comparison"],
};
if (values.from === undefined)
  execFileSync(process.execPath, [join(folder, "e2e/run.mjs"), ...Object.keys(kept), "--screenshots", from], {
    stdio: "inherit",
  });
mkdirSync(to, { recursive: true });
for (const name of Object.values(kept).flat()) {
  const file = join(from, `${name}.png`);
  if (!existsSync(file)) {
    console.error(`${name}.png is not there`);
    if (values.from === undefined) process.exitCode = 1;
    continue;
  }
  await sharp(file)
    .png({ palette: true, colours: 128, effort: 10 })
    .toFile(join(to, `${name}.png`));
  console.log(`${name}.png ${Math.round(statSync(join(to, `${name}.png`)).size / 1000)} kB`);
}
