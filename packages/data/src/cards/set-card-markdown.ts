import { basename } from "node:path";
import { placeText } from "../importers/import-error.ts";
import { grouped, markdownTable, reasonsText } from "./markdown.ts";
import type { SetCard } from "./set-card.ts";

/** The card for people. */
export function setCardMarkdown(card: SetCard): string {
  const about = new Map(card.rules.map((rule) => [rule.name, rule.about]));
  const lines = [
    `# ${card.title}`,
    "",
    `${grouped(card.file.count)} ${card.kind === "curated" ? "questions" : "demonstrations"} in \`${card.file.name}\`, sha256 \`${card.file.sha256}\`.`,
    "",
    ...markdownTable(
      ["read", "as", "sha256"],
      card.inputs.map(({ path, role, sha256 }) => [basename(path), role, `\`${sha256.slice(0, 16)}…\``]),
    ),
    "",
    `Plan \`${card.plan.slice(0, 16)}…\`, seed ${card.seed}, ${grouped(card.images.distinct)} distinct pictures, ${grouped(card.patients.distinct)} patients.`,
    "",
    "## What each rule kept and dropped",
    "",
    ...markdownTable(
      ["step", "in", "out", "dropped", "rule"],
      card.steps.map(({ name, in: entered, out, dropped }) => [
        name,
        grouped(entered),
        grouped(out),
        reasonsText(dropped),
        about.get(name) ?? "",
      ]),
    ),
  ];
  if (card.caveats.length > 0) lines.push("", "## To know", "", ...card.caveats.map((text) => `- ${text}`));
  if (card.examples.length > 0)
    lines.push(
      "",
      "## The first dropped of each reason",
      "",
      ...markdownTable(
        ["reason", "where", "what"],
        card.examples.map(({ reason, detail, place }) => [
          reason,
          `\`${placeText({ ...place, file: basename(place.file) })}\``,
          detail,
        ]),
      ),
    );
  for (const [axis, values] of Object.entries(card.balance))
    lines.push(
      "",
      `## Balance by ${axis}`,
      "",
      ...markdownTable(
        [axis, "available", "chosen"],
        Object.entries(values).map(([value, { available, chosen }]) => [
          value,
          grouped(available),
          grouped(chosen),
        ]),
      ),
    );
  lines.push("", "## What it holds");
  for (const [name, counts] of Object.entries(card.histograms))
    lines.push(
      "",
      ...markdownTable(
        [name, "count"],
        Object.entries(counts).map(([value, count]) => [value, grouped(count)]),
      ),
    );
  return `${lines.join("\n")}\n`;
}
