import { createHash } from "node:crypto";
import type { Report } from "../report.ts";
import { html, type Markup } from "./markup.ts";
import { style } from "./style.ts";
import { taskSection } from "./task-section.ts";

/**
 * A report as one page: no script, no network, nothing that is not in the file. Its policy (CSP) allows this very style sheet and pictures as data URIs, and forbids all else, so that what
 * a data set or a model wrote could do nothing even if it were not escaped, which it is.
 */
export function reportPage(report: Report): string {
  const hash = createHash("sha256").update(style).digest("base64");
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'`;
  const { title, created, tasks, notice } = report;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${{ markup: style }}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the results</a>
<header>
<h1>${title}</h1>
<p class="quiet">${count(tasks.flatMap(({ evaluations }) => evaluations).length, "evaluation")} of ${count(tasks.length, "task")} · made ${created.slice(0, 16).replace("T", " ")} UTC</p>
<p class="notice">⚠ ${notice}</p>
${tasks.length > 1 ? contents(report) : null}
</header>
<main id="content">
${tasks.map((task, at) => taskSection(task, `task-${at + 1}`))}
</main>
<footer>${methods}</footer>
</body>
</html>
`;
  return page.markup;
}

const count = (n: number, what: string) => `${n} ${what}${n === 1 ? "" : "s"}`;

function contents({ tasks }: Report): Markup {
  return html`<nav aria-label="Tasks"><ul>${tasks.map(({ task }, at) => html`<li><a href="${`#task-${at + 1}`}">${task}</a></li>`)}</ul></nav>`;
}

const methods = html`<h2>How to read this</h2><dl>
<dt>Intervals</dt><dd>95 %. Wilson for one answer to each of independent questions; else Student's, by clusters (patient, case, image or stem). Differences: paired cluster bootstrap over the questions that both sides answered.</dd>
<dt>p, Holm, McNemar</dt><dd>p belongs to the bootstrap. Holm adjusts it for the comparisons shown together. McNemar's exact test takes questions as independent.</dd>
<dt>Detectable</dt><dd>The smallest true difference that this many questions would show with 80 % power at the discordance seen. A smaller difference is no evidence that there is none.</dd>
<dt>Band over rules</dt><dd>The same answers read by other extraction rules: the least and the most generous of those that read at least half of them. We never guess: what could not be read counts as wrong and is listed.</dd>
<dt>Images</dt><dd>Swapped: another question's image. Blank: mean grey. None: no image. A model that reasons about the image loses by them.</dd>
<dt>Several answers</dt><dd>Votes are for answers, not for being right; ties are broken by chance and counted. MMRP rates reasoning without being shown the right answer. pass@k and pass^k are bounds.</dd>
</dl><p>Made by MedE². Research only, not for diagnosis.</p>`;
