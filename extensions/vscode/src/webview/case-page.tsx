import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { CaseView, QuestionView } from "../protocol/case-view.ts";
import { AnswerColumn } from "./answer-column.tsx";
import { ImageViewer } from "./image-viewer.tsx";

export interface CasePageProps {
  readonly view: CaseView;
  readonly actions?: ComponentChildren;
  /** Between the question and the answers. */
  readonly between?: ComponentChildren;
  readonly answers?: (element: HTMLElement | null) => void;
}

export const ResearchOnly = () => (
  <p class="research" role="note">
    Research only, not for diagnosis
  </p>
);

const kindNames: Readonly<Record<string, string>> = {
  ...{ trace: "answer", "evaluation-record": "graded answer", "preference-pair": "pair" },
  ...{ candidates: "candidate answers", demonstration: "demonstration", question: "question" },
};

/** A case: the image beside the question, and the answers below or beside each other. */
export function CasePage({ view, actions, between, answers }: CasePageProps) {
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  const [region, setRegion] = useState<string | undefined>(undefined);
  const regions = view.images.flatMap((image) => image.regions);
  const criteria = [
    ...new Set(view.columns.flatMap(({ rating }) => rating?.criteria.map(({ name }) => name) ?? [])),
  ];
  const aligned = view.columns.length === 2 ? view.aligned : undefined;
  return (
    <main class="case">
      <header class="case-head">
        <div class="case-title">
          <h2>{view.question?.id ?? view.id}</h2>
          <span class="dim">
            {kindNames[view.kind] ?? view.kind} · line {view.line}
          </span>
        </div>
        {actions}
        <ResearchOnly />
      </header>
      <div class={view.images.length > 0 ? "upper with-image" : "upper"}>
        <ImageViewer key={view.id} images={view.images} region={region} onRegion={setRegion} />
        {view.question === undefined ? (
          <p class="absent">{view.questionMissing}</p>
        ) : (
          <Question question={view.question} />
        )}
      </div>
      {between}
      <div
        class={`columns n${Math.min(4, view.columns.length)}`}
        {...(answers === undefined ? {} : { ref: answers })}
      >
        {view.columns.map((trace, index) => (
          <AnswerColumn
            key={`${trace.id}${index}`}
            {...{ trace, criteria, chosen, regions, region }}
            onChoose={setChosen}
            onRegion={setRegion}
            {...(aligned === undefined ? {} : { rows: aligned.map((pair) => pair[index as 0 | 1]) })}
          />
        ))}
      </div>
      {view.facts.length > 0 && (
        <details>
          <summary>Details</summary>
          <dl>
            {view.facts.map(({ name, value }, index) => (
              <div key={`${index}${name}`}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </main>
  );
}

function Question({ question }: { readonly question: QuestionView }) {
  return (
    <section class="question" aria-label="Question">
      <p class="stem">{question.stem}</p>
      {question.options.length > 0 && (
        <ol class="options">
          {question.options.map(({ label, text, gold }) => (
            <li key={label} class={gold ? "gold" : ""}>
              <span class="label">{label}</span>
              <span>{text}</span>
              {gold && <span class="badge right">right</span>}
            </li>
          ))}
        </ol>
      )}
      {question.options.length === 0 && question.gold !== "" && (
        <p>
          <span class="dim">Right answer</span> {question.gold}
        </p>
      )}
      {question.findings !== undefined && (
        <details>
          <summary>The images in words</summary>
          <p class="stem">{question.findings}</p>
        </details>
      )}
      <p class="dim">{question.tags.map(({ name, value }) => `${name} ${value}`).join(" · ")}</p>
    </section>
  );
}
