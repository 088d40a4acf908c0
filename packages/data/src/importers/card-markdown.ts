import type { DataCard } from "./data-card.ts";
import { placeText } from "./import-error.ts";

/** The card for people. */
export function cardMarkdown(card: DataCard): string {
  const lines = [
    `# ${card.title}`,
    "",
    `${number(card.file.count)} ${names[card.record] ?? card.record} in \`${card.file.name}\` (part *${card.part}*: ${card.partAbout}).`,
    "",
    ...table(
      ["", ""],
      [
        ["source", `${card.source}, revision ${card.revision}`],
        ["licence", card.licence],
        ["origin", card.origin],
        ["sha256", `\`${card.file.sha256}\``],
        [
          "images",
          `${number(card.images.distinct)} distinct, ${number(card.images.references)} references, ${inSplits(card.images)}`,
        ],
        ["patients", patients(card)],
      ],
    ),
    "",
    "## Steps",
    "",
    ...table(
      ["step", "in", "out", "dropped"],
      card.steps.map((step) => [step.name, number(step.in), number(step.out), reasons(step.dropped)]),
    ),
  ];
  if (card.expected.length > 0) {
    const rows = card.expected.map((row) => [
      `${row.split ?? "all"} (${row.of})`,
      number(row.count),
      number(row.found),
    ]);
    lines.push(
      "",
      "## Against the published counts",
      "",
      ...table(["records", "published", "read here"], rows),
    );
  }
  if (card.examples.length > 0) {
    const rows = card.examples.map((e) => [e.reason, `\`${placeText(e.place)}\``, e.detail]);
    lines.push("", "## The first dropped of each reason", "", ...table(["reason", "where", "what"], rows));
  }
  const warnings = Object.entries(card.warnings);
  if (warnings.length > 0) {
    const rows = warnings.map(([name, count]) => [name, number(count)]);
    lines.push("", "## To look at", "", ...table(["warning", "records"], rows));
  }
  if (card.caveats.length > 0) lines.push("", "## To know", "", ...card.caveats.map((text) => `- ${text}`));
  lines.push("", "## What it holds");
  for (const [name, counts] of Object.entries(card.histograms)) {
    const rows = Object.entries(counts).map(([value, count]) => [value, number(count)]);
    lines.push("", ...table([name, "records"], rows));
  }
  return `${lines.join("\n")}\n`;
}

const names: Readonly<Record<string, string>> = {
  question: "questions",
  demonstration: "demonstrations",
  "preference-pair": "preference pairs",
  candidates: "candidates",
  passage: "passages",
};

const number = (value: number): string => value.toLocaleString("en-GB");

const patients = (card: DataCard): string =>
  card.patients.distinct === 0
    ? "not published"
    : `${number(card.patients.distinct)}, ${inSplits(card.patients)}`;

const inSplits = ({ acrossSplits: n }: { acrossSplits: number }): string =>
  `${n === 0 ? "none" : number(n)} in more than one split`;

function reasons(dropped: Record<string, number>): string {
  return Object.entries(dropped)
    .map(([reason, count]) => `${reason} ${number(count)}`)
    .join(", ");
}

function table(head: string[], rows: string[][]): string[] {
  const line = (cells: string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("\\", "\\\\").replaceAll("|", "\\|").replace(/\s+/g, " ")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}
