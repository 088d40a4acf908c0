import { render } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { z } from "zod/mini";
import type { CaseView } from "../protocol/case-view.ts";
import {
  type Facets,
  type Filter,
  filterSchema,
  fromTraceEditorSchema,
  type RowView,
  type ToTraceEditor,
  toTraceEditorSchema,
} from "../protocol/trace-messages.ts";
import { CasePage, ResearchOnly } from "./case-page.tsx";
import { openChannel } from "./channel.ts";
import { FilterBar } from "./filter-bar.tsx";
import { Outline } from "./outline.tsx";
import { VirtualList } from "./virtual-list.tsx";
import { Fault } from "./waiting.tsx";
import "./base.css";
import "./case.css";

type Progress = Extract<ToTraceEditor, { type: "progress" }>;
const stateSchema = z.object({ filter: filterSchema, line: z.optional(z.number()), beside: z.boolean() });
const noFacets: Facets = {
  outcomes: false,
  answers: [],
  specialties: [],
  images: [],
  negativeKinds: [],
  criteria: [],
};
const rowHeight = 44;

const channel = openChannel(toTraceEditorSchema, fromTraceEditorSchema);
const kept = stateSchema.safeParse(channel.state()).data ?? { filter: {}, beside: true };

function Traces() {
  const [file, setFile] = useState<Extract<ToTraceEditor, { type: "file" }> | undefined>(undefined);
  const [progress, setProgress] = useState<Progress | undefined>(undefined);
  const [facets, setFacets] = useState(noFacets);
  const [filter, setFilter] = useState<Filter>(kept.filter);
  const [rows, setRows] = useState<ReadonlyMap<number, RowView>>(new Map());
  const [selected, setSelected] = useState(-1);
  const [view, setView] = useState<CaseView | undefined>(undefined);
  const [fault, setFault] = useState("");
  const [beside, setBeside] = useState(kept.beside);
  const seen = useRef<[number, number]>([0, 0]);
  const generation = progress?.generation ?? -1;

  channel.receive = (message) => {
    switch (message.type) {
      case "file":
        return setFile(message);
      case "progress":
        if (message.generation !== generation) setRows(new Map());
        return setProgress(message);
      case "facets":
        return setFacets(message.facets);
      case "rows":
        if (message.generation !== generation) return;
        return setRows((known) => {
          const all = new Map(known.size > 3000 ? [] : known);
          for (const row of message.rows) all.set(row.position, row);
          return all;
        });
      case "case":
        setFault("");
        return setView(message.view);
      case "fault":
        if (message.position !== undefined) setView(undefined);
        return setFault(message.message);
      case "reveal":
        if (asksSomething(filter)) look({});
        return setSelected((now) => (now === message.line - 1 ? now : message.line - 1));
    }
  };

  useEffect(
    () =>
      channel.post({
        type: "ready",
        filter: kept.filter,
        ...(kept.line === undefined ? {} : { line: kept.line }),
      }),
    [],
  );
  useEffect(() => {
    if (progress === undefined || progress.rows === 0) return;
    // by what is selected when this runs: a link may have chosen a record since the page was drawn
    setSelected((now) => (now < 0 ? 0 : now >= progress.rows && progress.done ? progress.rows - 1 : now));
  }, [progress?.rows, progress?.done]);
  useEffect(() => {
    if (selected >= 0 && selected < (progress?.rows ?? 0))
      channel.post({ type: "open", generation, position: selected, beside });
  }, [selected, generation, beside, selected < (progress?.rows ?? 0)]);
  useEffect(() => {
    const [from, to] = seen.current;
    if (generation >= 0) askRows(from, to);
  }, [generation]);
  useEffect(
    () => channel.keep({ filter, beside, ...(view === undefined ? {} : { line: view.line }) }),
    [filter, beside, view?.line],
  );

  const askRows = (from: number, to: number) => {
    seen.current = [from, to];
    const missing = Array.from({ length: to - from }, (_, index) => from + index).filter(
      (position) => !rows.has(position),
    );
    if (missing.length > 0 && generation >= 0)
      channel.post({ type: "rows", generation, from: missing[0]!, to: missing.at(-1)! + 1 });
  };
  const look = (next: Filter) => {
    setFilter(next);
    setSelected(-1);
    channel.post({ type: "filter", filter: next });
  };
  const words = useMemo(
    () => (progress === undefined ? "" : progressText(progress, filter)),
    [progress, filter],
  );
  const line = view === undefined ? {} : { line: view.line };
  return (
    <div class="split">
      <aside class="side">
        <FilterBar {...{ filter, facets }} onChange={look} />
        <p class="dim status" role="status">
          {words}
        </p>
        <VirtualList
          label={`Records of ${file?.name ?? "this file"}`}
          count={progress?.rows ?? 0}
          {...{ rowHeight, selected }}
          onView={askRows}
          onSelect={setSelected}
          row={(position) => <Row row={rows.get(position)} />}
        />
        {view !== undefined && <Outline view={view} />}
      </aside>
      <div class="page">
        <Fault text={fault} />
        {view === undefined ? (
          <main class="empty">
            <ResearchOnly />
            <p class="dim">
              {progress === undefined
                ? "Reading…"
                : progress.rows === 0 && progress.done
                  ? "No record passes."
                  : ""}
            </p>
          </main>
        ) : (
          <CasePage
            {...{ view }}
            actions={
              <div class="actions">
                {(view.kind === "trace" || view.kind === "evaluation-record") && (
                  <label>
                    <input type="checkbox" checked={beside} onChange={() => setBeside(!beside)} /> Other
                    stages beside it
                  </label>
                )}
                {view.kind === "preference-pair" && file?.mayReview === true && (
                  <button
                    type="button"
                    onClick={() => channel.post({ type: "command", command: "review", ...line })}
                  >
                    Review blind
                  </button>
                )}
                <button
                  type="button"
                  onClick={() => channel.post({ type: "command", command: "text", ...line })}
                >
                  Reopen as text
                </button>
                <button
                  type="button"
                  onClick={() => channel.post({ type: "command", command: "link", ...line })}
                >
                  Copy link
                </button>
              </div>
            }
          />
        )}
      </div>
    </div>
  );
}

function Row({ row }: { readonly row: RowView | undefined }) {
  if (row === undefined) return <span class="dim">…</span>;
  return (
    <>
      <span class="row-title">{row.title}</span>
      <span class="row-badges">
        <span class="dim">{row.line}</span>
        {row.badges.map(({ text, tone }, index) => (
          <span
            key={`${index}${text}`}
            class={`badge ${tone === "good" ? "right" : tone === "bad" ? "wrong" : tone}`}
          >
            {text}
          </span>
        ))}
      </span>
    </>
  );
}

const asksSomething = (filter: Filter) =>
  Object.values(filter).some((value) => value !== undefined && value !== "");

function progressText({ rows, lines, done, unreadable, scanned }: Progress, filter: Filter): string {
  const asks = asksSomething(filter);
  const found = asks
    ? `${rows.toLocaleString("en")} of ${lines.toLocaleString("en")} records`
    : `${lines.toLocaleString("en")} ${lines === 1 ? "record" : "records"}`;
  const state = done ? "" : asks ? `, looked through ${scanned.toLocaleString("en")} …` : ", reading …";
  return `${found}${state}${unreadable > 0 ? `, ${unreadable} unreadable` : ""}`;
}

render(<Traces />, document.getElementById("root")!);
