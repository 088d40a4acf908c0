/**
 * What the site shows, in order: groups of pages by their place in the repository. A page under docs/ that no group names comes last, under
 * "More", so that none is lost.
 */
export const groups = [
  {
    text: "Start",
    pages: [
      "README.md",
      "docs/tutorial.md",
      "docs/architecture.md",
      "docs/platforms.md",
      "docs/upgrading.md",
    ],
  },
  {
    text: "Use",
    pages: [
      "docs/commands.md",
      "docs/data.md",
      "docs/films.md",
      "docs/evaluation.md",
      "docs/evaluation-reports.md",
      "docs/terminal.md",
      "docs/vscode.md",
      "extensions/vscode/README.md",
    ],
  },
  {
    text: "Evidence",
    pages: [
      "docs/experiments.md",
      "docs/experiments-films.md",
      "docs/experiments-mmrp.md",
      "docs/benchmarks.md",
      "docs/parity.md",
      "docs/papers.md",
      "docs/ward.md",
    ],
  },
  { text: "Reference", pages: ["help.md", "docs/records.md"] },
  { text: "Packages", under: "packages/", collapsed: true },
  { text: "Extend", under: "docs/how-to/", collapsed: true },
  { text: "Decisions", under: "docs/decisions/", collapsed: true },
  { text: "Project", pages: ["CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md"] },
];
