// Makes the pictures of the README and of docs/vscode.md anew, from the tests in a real editor.
//   node scripts/screenshots.mjs        after a build and e2e/install.mjs
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("..", import.meta.url));
const sharp = createRequire(join(folder, "../../packages/images/package.json"))("sharp");
const given = process.argv.indexOf("--from");
const from = given > 0 ? process.argv[given + 1] : mkdtempSync(join(tmpdir(), "mede2-pictures-"));
const to = join(folder, "media/screenshots");
if (given < 0)
  execFileSync(
    process.execPath,
    [join(folder, "e2e/run.mjs"), "launch", "read", "review", "actions", "more", "--screenshots", from],
    { stdio: "inherit" },
  );
mkdirSync(to, { recursive: true });
for (const name of ["run", "new-run", "evaluation", "pair", "review", "comparison", "regions", "tests"]) {
  const file = join(from, `${name}.png`);
  if (!existsSync(file)) continue;
  await sharp(file)
    .png({ palette: true, colours: 128, effort: 10 })
    .toFile(join(to, `${name}.png`));
  console.log(`${name}.png ${Math.round(statSync(join(to, `${name}.png`)).size / 1000)} kB`);
}
