import type { ScreenName } from "../state/ui.ts";
import { keyTable } from "./key-table.ts";

const names: Readonly<Record<ScreenName, string>> = {
  ...{ workspace: "workspace", run: "curves", preference: "preference", system: "system", log: "log" },
  ...{
    alarms: "alarms",
    traces: "traces",
    trace: "reader",
    compare: "compare",
    launch: "new run",
    recipe: "recipe",
    help: "help",
  },
};

/** The key table as Markdown, for the documentation. */
export function keysMarkdown(): string {
  const rows = keyTable.map(({ keys, on, help, when }) => {
    const where = on === "everywhere" ? "everywhere" : on.map((screen) => names[screen]).join(", ");
    const only = when === "replay" ? " (replay)" : "";
    return `| ${keys.map((key) => `\`${key}\``).join(" ")} | ${where}${only} | ${help} |`;
  });
  return ["| key | screen | what it does |", "|---|---|---|", ...rows].join("\n");
}
