import type { ReportAnswer, ReportExample } from "../report.ts";
import { html, type Markup, type Piece } from "./markup.ts";

export const reasons: Readonly<Record<ReportExample["why"], string>> = {
  won: "won",
  lost: "lost",
  "both-right": "right in both",
  "both-wrong": "wrong in both",
  right: "right",
  wrong: "wrong",
};

/** Questions with their pictures, and side by side what each evaluation answered. */
export function examplesSection(examples: readonly ReportExample[], headings: string): Markup | null {
  if (examples.length === 0) return null;
  return html`<section aria-labelledby="${headings}"><h3 id="${headings}">Answers to single questions</h3><p class="quiet">Drawn at random by kind, not chosen. The marked words are what the extractor read as the answer.</p>${examples.map(example)}</section>`;
}

function example({ questionId, why, question, pictures, answers }: ReportExample, at: number): Markup {
  const labels = question !== null && "labels" in question.gold ? question.gold.labels : [];
  const stem = question?.stem.replace(/<image>\n?/g, "").trim() ?? "";
  const gold =
    question === null || "labels" in question.gold
      ? null
      : "text" in question.gold
        ? question.gold.text
        : `${question.gold.value} ${question.gold.unit}`;
  return html`<details class="example" ${at < 2 ? html`open` : null}><summary><span class="tag ${`tag-${why}`}">${reasons[why]}</span> <span class="id">${questionId}</span></summary><div class="asked">${pictures.map(
    (picture) =>
      "uri" in picture
        ? html`<img src="${picture.uri}" alt="the picture that was sent">`
        : html`<p class="quiet nopicture">picture ${picture.sha256.slice(0, 8)}… not shown: ${picture.left}</p>`,
  )}<div><p class="stem">${stem === "" ? "The question was not at hand (--data)." : stem}</p>${
    question === null || question.options.length === 0
      ? null
      : html`<ol type="A">${question.options.map((option, index) => {
          const right = labels.includes(String.fromCharCode(65 + index));
          return html`<li class="${right ? "gold" : ""}">${option}${right ? html` <b>✓ right answer</b>` : null}</li>`;
        })}</ol>`
  }${gold === null ? null : html`<p>Right answer: <b>${gold}</b></p>`}</div></div><div class="answers">${answers.map(answer)}</div></details>`;
}

function answer({ name, correct, status, said, text, cut, span, reasoning, tokens }: ReportAnswer): Markup {
  const verdict = correct === null ? "not scored" : correct ? "✓ right" : "✗ wrong";
  const heard = status === "found" ? html`answered <b>${said}</b>` : html`no answer: <b>${status}</b>`;
  return html`<article class="${correct === null ? "unscored" : correct ? "was-right" : "was-wrong"}"><h4>${name} <span class="verdict">${verdict}</span></h4><p class="quiet">${heard} · ${tokens} tokens</p><pre tabindex="0" aria-label="${`what ${name} wrote`}">${text === "" ? "(the text was not at hand)" : marked(text, span, reasoning)}${cut ? "\n[cut]" : ""}</pre></article>`;
}

/** The text with its reasoning and its answer set off. */
function marked(text: string, span: ReportAnswer["span"], reasoning: ReportAnswer["reasoning"]): Piece {
  const edges = [
    ...new Set([
      0,
      text.length,
      ...[span, reasoning].flatMap((one) => (one === null ? [] : [one.start, one.end])),
    ]),
  ]
    .filter((edge) => edge >= 0 && edge <= text.length)
    .sort((a, b) => a - b);
  return edges.slice(1).map((end, at) => {
    const start = edges[at]!;
    const within = (one: ReportAnswer["span"]) => one !== null && start >= one.start && end <= one.end;
    const piece = text.slice(start, end);
    if (within(span)) return html`<mark>${piece}</mark>`;
    return within(reasoning) ? html`<span class="thought">${piece}</span>` : html`${piece}`;
  });
}
