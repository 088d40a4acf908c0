import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { EventLine, FromRunView, RunView } from "../protocol/run-messages.ts";
import { Table } from "./table.tsx";

/** Evaluations, checkpoints, traces, requests, warnings, the event log and the plan of a run. */
export function RunDetails({
  view,
  events,
  post,
}: {
  readonly view: RunView;
  readonly events: readonly EventLine[];
  post(message: FromRunView): void;
}) {
  const { evaluations, summary, checkpoints, traces, controls, warnings } = view;
  const dim = (text: string) => <span class="dim">{text}</span>;
  return (
    <>
      <div class="parts">
        <Part title="Evaluations" of={evaluations}>
          <Table
            rows={evaluations.map(({ task, step, metrics }) => ({
              name: task,
              cells: [metrics.map(({ name, value }) => `${name} ${value}`).join(", "), dim(`step ${step}`)],
            }))}
          />
        </Part>
        <Part title="Summary" of={summary}>
          <Table rows={summary.map(({ name, value }) => ({ name, cells: [value] }))} />
        </Part>
        <Part title="Checkpoints" of={checkpoints}>
          <Table
            rows={checkpoints.map(({ step, path, size }) => ({
              name: `step ${step}`,
              cells: [path, dim(size)],
            }))}
          />
        </Part>
        <Part title="Traces" of={traces}>
          <ul class="plain">
            {traces.map(({ file, size }) => (
              <li key={file}>
                <button type="button" onClick={() => post({ type: "open", what: "trace", file })}>
                  {file}
                </button>{" "}
                {dim(size)}
              </li>
            ))}
          </ul>
        </Part>
        <Part title="Requests" of={controls}>
          <Table
            rows={controls.map(({ request, by, time, outcome }) => ({
              name: request,
              cells: [by, outcome, dim(clock(time))],
            }))}
          />
        </Part>
        <Part title="Warnings" of={warnings}>
          <ul class="plain">
            {warnings.map(({ code, message, time }, index) => (
              <li key={`${index}${time}`}>
                {dim(`${clock(time)} ${code}`)} {message}
              </li>
            ))}
          </ul>
        </Part>
      </div>
      <Events events={events} unreadable={view.unreadable} />
      {view.plan !== "" && (
        <details>
          <summary>Plan</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys */}
          <pre tabIndex={0}>{view.plan}</pre>
        </details>
      )}
    </>
  );
}

/** A part of the page, left out when there is nothing in it. */
function Part({
  title,
  of,
  children,
}: {
  readonly title: string;
  readonly of: readonly unknown[];
  readonly children: ComponentChildren;
}) {
  if (of.length === 0) return null;
  return (
    <section>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

function Events({
  events,
  unreadable,
}: {
  readonly events: readonly EventLine[];
  readonly unreadable: number;
}) {
  const [text, setText] = useState("");
  const [all, setAll] = useState(false);
  const found = events.filter(
    (event) =>
      (all || event.type !== "step-end") &&
      `${event.type} ${event.text}`.toLowerCase().includes(text.toLowerCase()),
  );
  return (
    <section>
      <div class="bar">
        <h2>Events</h2>
        <input
          type="search"
          aria-label="Search in the events"
          placeholder="Search"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <label>
          <input type="checkbox" checked={all} onChange={() => setAll(!all)} /> Steps too
        </label>
        {unreadable > 0 && <span class="badge warn">{unreadable} unreadable lines</span>}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys */}
      <div class="events" tabIndex={0} role="log" aria-label="Events, newest first">
        {found
          .slice(-200)
          .reverse()
          .map(({ offset, time, type, text: said }) => (
            <p key={offset}>
              <span class="dim">{clock(time)}</span> <strong>{type}</strong> {said}
            </p>
          ))}
      </div>
    </section>
  );
}

const clock = (time: string) => (Number.isNaN(Date.parse(time)) ? time : new Date(time).toLocaleTimeString());
