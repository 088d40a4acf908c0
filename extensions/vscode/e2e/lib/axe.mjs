import { readFileSync } from "node:fs";
import { axeSource } from "./editor.mjs";
import { webviewFrame } from "./workbench.mjs";

/** What axe finds serious or critical in the newest webview. The script comes in through the debugger, past the page's policy. */
export async function axeFindings(page) {
  const frame = await webviewFrame(page);
  await frame.evaluate(readFileSync(axeSource(), "utf8"));
  const found = await frame.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document.getElementById("root"), {
      resultTypes: ["violations"],
    });
    return violations.map(({ id, impact, nodes }) => ({
      id,
      impact,
      at: nodes.slice(0, 3).map(({ html, any }) => `${html.slice(0, 160)} ${any[0]?.message ?? ""}`),
    }));
  });
  return found.filter(({ impact }) => impact === "serious" || impact === "critical");
}
