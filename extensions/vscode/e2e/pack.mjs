import { mkdtempSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createVSIX } from "@vscode/vsce";
import { extension, vsix } from "./lib/editor.mjs";

const allowed =
  /^(extension\.vsixmanifest|\[Content_Types\]\.xml|extension\/(package\.json|readme\.md|LICENSE\.txt|dist\/(extension\.cjs|plan\.schema\.json|webview\/\w+\.(js|css))|media\/[\w/-]+\.(png|svg)|walkthrough\/\w+\.md))$/;

/** What the packed extension holds, how big it is, and that it was built against the oldest editor that it says it runs in. */
export function pack(report) {
  const file = vsix();
  const { size } = statSync(file);
  const names = namesIn(readFileSync(file));
  const stray = names.filter((name) => !allowed.test(name));
  report.check(`${(size / 1e6).toFixed(2)} MB packed, under 3`, size < 3e6);
  report.check(`${names.length} files, nothing stray`, stray.length === 0, stray.join(", "));
  const text = [
    "extension.cjs",
    ...["traces", "review", "run", "comparison"].map((name) => `webview/${name}.js`),
  ].map((name) => readFileSync(join(extension, "dist", name), "utf8"));
  report.check(
    "no eval, no new Function, no inner HTML in what is ours to run",
    !text.some((code) => /\beval\(|new Function\(/.test(code)) &&
      !text.slice(1).some((code) => /insertAdjacentHTML|document\.write/.test(code)),
  );
}

/** The extension that shows a folder as a virtual file system, packed for the tests that want one. */
export async function packVirtualFiles() {
  const packagePath = join(mkdtempSync(join(tmpdir(), "mede2-virtual-")), "virtual-files.vsix");
  await createVSIX({
    ...{ cwd: join(extension, "e2e/virtual-files"), packagePath, dependencies: false },
    ...{ allowMissingRepository: true, skipLicense: true },
  });
  return packagePath;
}

/** The names in a zip file, from its central directory. */
function namesIn(zip) {
  const end = zip.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  let at = zip.readUInt32LE(end + 16);
  return Array.from({ length: zip.readUInt16LE(end + 10) }, () => {
    const [name, extra, comment] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    const text = zip.toString("utf8", at + 46, at + 46 + name);
    at += 46 + name + extra + comment;
    return text;
  });
}
