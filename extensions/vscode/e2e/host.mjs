import { mkdtempSync, readFileSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { extension, openEditor } from "./lib/editor.mjs";

/** The suite inside the extension host: the folder of the extension is loaded as it is built. */
export async function host({ folder, report, options }) {
  const aside = mkdtempSync(join(tmpdir(), "mede2-host-"));
  const [result, later] = [join(aside, "result.json"), join(aside, "evaluations")];
  renameSync(join(folder, "evaluations"), later); // they would activate the extension: the suite puts them back when it has
  const editor = await openEditor({
    ...options,
    install: false,
    flags: ["--vscode-option", "enable-smoke-test-driver"],
    env: { MEDE2_TEST_RESULT: result, MEDE2_TEST_LATER: later },
  });
  try {
    const { page, port } = editor;
    const at = `vscode-remote://127.0.0.1:${port}`;
    const payload = [
      ["extensionDevelopmentPath", `${at}${extension.replace(/\/$/, "")}`],
      ["extensionTestsPath", `${at}${join(extension, "e2e/host-suite.cjs")}`],
      ["enableProposedApi", ""],
      ["skipWelcome", "true"],
    ];
    await page.exposeFunction("codeAutomationLog", () => {});
    const exit = new Promise((done) => page.exposeFunction("codeAutomationExit", done));
    await page.goto(
      `http://127.0.0.1:${port}/?folder=${encodeURIComponent(folder)}&payload=${encodeURIComponent(JSON.stringify(payload))}`,
      { waitUntil: "commit", timeout: 120_000 },
    );
    const late = new Promise((done) =>
      setTimeout(() => done("none: it took more than 5 minutes"), 300_000).unref(),
    );
    const code = await Promise.race([exit, late]);
    const results = JSON.parse(readFileSync(result, "utf8"));
    for (const { name, passed, milliseconds, notes, error } of results)
      report.check(
        `${name} (${(milliseconds / 1000).toFixed(1)} s)${notes.length ? `, ${notes.join(", ")}` : ""}`,
        passed,
        error,
      );
    report.check(
      "the suite ended by itself",
      code === (results.every(({ passed }) => passed) ? 0 : 1),
      String(code),
    );
  } catch (error) {
    report.check("the suite ran", false, `${error.stack}\n${editor.said().slice(-3000)}`);
  } finally {
    await editor.close();
  }
}
