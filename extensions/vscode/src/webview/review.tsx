import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { z } from "zod/mini";
import type { CaseView } from "../protocol/case-view.ts";
import {
  type Choice,
  fromReviewSchema,
  type ToReview,
  toReviewSchema,
  type VerdictMessage,
} from "../protocol/review-messages.ts";
import { CasePage } from "./case-page.tsx";
import { openChannel } from "./channel.ts";
import { quoteInColumns } from "./quote.ts";
import { VerdictForm } from "./verdict-form.tsx";
import { Fault, Waiting } from "./waiting.tsx";
import "./base.css";
import "./case.css";
import "./review.css";

type Session = Extract<ToReview, { type: "session" }>;
type Pair = {
  readonly index: number;
  readonly view: CaseView;
  readonly criteria: readonly string[];
  readonly judged: boolean;
};
type Revealed = Extract<ToReview, { type: "revealed" }>;
type Draft = Pick<VerdictMessage, "criteria" | "spans" | "comment">;

const channel = openChannel(toReviewSchema, fromReviewSchema);
const kept = z
  .object({ path: z.optional(z.string()), index: z.optional(z.number()) })
  .safeParse(channel.state()).data;
const empty: Draft = { criteria: {}, spans: [], comment: "" };

function Review() {
  const [session, setSession] = useState<Session | undefined>(undefined);
  const [pair, setPair] = useState<Pair | undefined>(undefined);
  const [revealed, setRevealed] = useState<Revealed | undefined>(undefined);
  const [draft, setDraft] = useState(empty);
  const [fault, setFault] = useState("");
  const begun = useRef(performance.now());
  const columns = useRef<HTMLElement | null>(null);
  channel.receive = (message) => {
    switch (message.type) {
      case "session":
        return setSession(message);
      case "pair":
        begun.current = performance.now();
        setRevealed(undefined);
        setDraft(empty);
        setFault("");
        scrollTo(0, 0);
        return setPair(message);
      case "revealed":
        return setRevealed(message);
      case "fault":
        return setFault(message.message);
    }
  };
  useEffect(
    () => channel.post({ type: "ready", ...(kept?.index === undefined ? {} : { index: kept.index }) }),
    [],
  );
  useEffect(() => channel.keep({ path: session?.file, index: pair?.index }), [session?.file, pair?.index]);

  const decided = revealed !== undefined && revealed.index === pair?.index;
  const open = pair !== undefined && !decided && (session?.mayWrite ?? false);
  const judge = (choice: Choice) => {
    if (!open) return;
    channel.post({
      type: "verdict",
      index: pair.index,
      choice,
      ...draft,
      seconds: (performance.now() - begun.current) / 1000,
    });
  };
  const next = () => pair !== undefined && channel.post({ type: "next", after: pair.index });
  const go = (index: number) =>
    session !== undefined && index >= 0 && index < session.pairs && channel.post({ type: "go", index });
  const mark = () => {
    const found = columns.current === null ? undefined : quoteInColumns(columns.current);
    if (found !== undefined && draft.spans.length < 50)
      setDraft({ ...draft, spans: [...draft.spans, found] });
  };
  const actions: Record<string, () => unknown> = {
    ...{
      "1": () => judge("first"),
      "2": () => judge("second"),
      t: () => judge("tie"),
      n: () => judge("neither"),
    },
    ...{
      m: mark,
      Enter: () => decided && next(),
      j: () => go((pair?.index ?? 0) + 1),
      k: () => go((pair?.index ?? 0) - 1),
    },
  };
  useEffect(() => {
    const keys = (event: KeyboardEvent) => {
      const { target } = event;
      const typing =
        target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT|BUTTON|SUMMARY)$/.test(target.tagName);
      if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
      const action = actions[event.key];
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    addEventListener("keydown", keys);
    return () => removeEventListener("keydown", keys);
  });

  if (pair === undefined || session === undefined) return <Waiting fault={fault} />;
  const shown = decided ? revealed.view : pair.view;
  return (
    <>
      <Fault text={fault} />
      <CasePage
        view={shown}
        answers={(element) => {
          columns.current = element;
        }}
        actions={<Progress {...{ session, index: pair.index, go }} />}
        between={
          decided ? (
            <Reveal revealed={revealed} next={next} />
          ) : (
            <VerdictForm
              {...{ draft, open, blind: session.blind, criteria: pair.criteria }}
              onDraft={setDraft}
              onJudge={judge}
              onMark={mark}
            />
          )
        }
      />
    </>
  );
}

function Progress({
  session,
  index,
  go,
}: {
  readonly session: Session;
  readonly index: number;
  go(index: number): unknown;
}) {
  const { pairs, judged, reviewer, verdicts, blind, indexed } = session;
  return (
    <div class="actions">
      <button type="button" aria-label="Pair before (k)" disabled={index === 0} onClick={() => go(index - 1)}>
        ‹
      </button>
      <span>
        Pair {index + 1} of {pairs}
        {indexed ? "" : "+"}
      </span>
      <button
        type="button"
        aria-label="Next pair (j)"
        disabled={index + 1 >= pairs}
        onClick={() => go(index + 1)}
      >
        ›
      </button>
      <span class="dim">
        {judged} judged by {reviewer}, {blind ? "blind" : "not blind"}, in {verdicts}
      </span>
    </div>
  );
}

function Reveal({ revealed, next }: { readonly revealed: Revealed; next(): unknown }) {
  const { choice, chosen } = revealed;
  const agrees = choice === chosen;
  const said =
    choice === "tie"
      ? "You called it a tie."
      : choice === "neither"
        ? "You preferred neither."
        : agrees
          ? "You preferred the chosen answer."
          : "You preferred the rejected answer.";
  return (
    <section class="verdict decided" role="status">
      <p>
        <strong>{said}</strong> The {chosen} answer was the chosen one; its scores are below.
      </p>
      <button type="button" class="primary" ref={(element) => element?.focus()} onClick={() => next()}>
        Next pair (Enter)
      </button>
    </section>
  );
}

render(<Review />, document.getElementById("root")!);
