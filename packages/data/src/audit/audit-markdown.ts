import { grouped, markdownTable } from "../cards/markdown.ts";
import type { AuditReport } from "./audit-report.ts";

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** The report for people. */
export function auditMarkdown(report: AuditReport): string {
  const { file, against, within, splits, optionForm, settings, findings, pictures } = report;
  const lines = [
    `# Audit of ${file.name}`,
    "",
    `${grouped(file.count)} questions, sha256 \`${file.sha256}\`.`,
    "",
  ];
  lines.push(
    "## Findings",
    "",
    ...(findings.length === 0 ? ["Nothing was found."] : findings.map((text) => `- ${text}`)),
  );
  if (against.length > 0) {
    const counts = [
      ["the same words and options", report.exact],
      [`nearly the same (Jaccard ≥ ${settings.nearSimilarity})`, report.near],
      [
        `a passage (${settings.containment13} of an item's 13-grams or ${settings.containment8} of its 8-grams)`,
        report.passages,
      ],
      ["a picture", report.images],
      ["… of these by look alone", report.imagesByLook],
      ["**any of these**", report.flagged],
      ["a single 13-gram or more", report.ngram],
      ["the same set of options", report.optionSet],
      ["the same words with other options or about another picture", report.sameWords],
    ] as const;
    lines.push(
      "",
      "## Shared with benchmarks",
      "",
      ...markdownTable(
        [`questions of ${file.name}`, "count"],
        counts.map(([what, count]) => [what, grouped(count)]),
      ),
    );
    lines.push(
      "",
      ...markdownTable(
        [
          "benchmark",
          "items",
          "exact",
          "near",
          "passage",
          "image",
          "any",
          "13-gram",
          "pictures shared",
          "stems under 8 words",
        ],
        against.map(({ file: name, items, touched, pictures: shown, shortStems }) => [
          name,
          ...[
            items,
            touched.exact,
            touched.near,
            touched.passage,
            touched.image,
            touched.any,
            touched.ngram,
          ].map(grouped),
          `${grouped(shown.shared)} of ${grouped(shown.of)}`,
          grouped(shortStems),
        ]),
      ),
    );
  }
  lines.push("", "## Inside the file", "");
  if ("skipped" in within) lines.push(`Duplicates were not looked for (${within.skipped}).`);
  else
    lines.push(
      ...markdownTable(
        ["duplicates", "count"],
        [
          ["same words, options and pictures", grouped(within.exact)],
          ["… with another answer", grouped(within.otherAnswer)],
          ["nearly the same words, same pictures", grouped(within.near)],
          ["same words, pictures that look the same", grouped(within.pictures)],
        ],
      ),
    );
  if (splits.length > 0)
    lines.push(
      "",
      ...markdownTable(
        ["splits", "shared", "count", "in each"],
        splits.map(({ of, splits: names, shared, counts }) => [
          names.join(" and "),
          of,
          grouped(shared),
          counts.map(grouped).join(" and "),
        ]),
      ),
    );
  lines.push(
    "",
    `${grouped(pictures.distinct)} distinct pictures, of which ${grouped(pictures.undecoded)} could not be decoded.`,
  );
  lines.push(
    "",
    "## Form of the options",
    "",
    ...markdownTable(
      ["what gives an answer away", `of ${grouped(optionForm.judged)} questions`],
      [
        ["the right option stands out by its length", grouped(optionForm.length)],
        ["absolute words in the wrong options alone", grouped(optionForm.absolute)],
        ["answers beyond an even share of their position", grouped(optionForm.position)],
      ],
    ),
  );
  if (optionForm.rules.length > 0)
    lines.push(
      "",
      ...markdownTable(
        ["always choosing", "right", "95 % interval", "chance", "questions"],
        optionForm.rules.map(({ rule, accuracy, low, high, chance, n }) => [
          rule,
          percent(accuracy),
          `${percent(low)} to ${percent(high)}`,
          percent(chance),
          grouped(n),
        ]),
      ),
    );
  return `${lines.join("\n")}\n`;
}
