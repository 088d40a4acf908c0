// Packs the extension: dist/mede2-vscode-VERSION.vsix, the only .vsix there. Needs a build.
//   node scripts/package.mjs
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createVSIX } from "@vscode/vsce";

const folder = fileURLToPath(new URL("..", import.meta.url));
const dist = join(folder, "dist");
for (const name of readdirSync(dist)) if (name.endsWith(".vsix")) rmSync(join(dist, name));
await createVSIX({
  cwd: folder,
  dependencies: false,
  packagePath: dist,
  skipLicense: false,
  allowMissingRepository: true,
  rewriteRelativeLinks: false,
});
const [made] = readdirSync(dist).filter((name) => name.endsWith(".vsix"));
console.log(join(dist, made));
