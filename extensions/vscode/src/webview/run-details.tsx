import { useState } from "preact/hooks";
import type { EventLine, FromRunView, RunView } from "../protocol/run-messages.ts";

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
  return (
    <>
      <div class="parts">
        {view.evaluations.length > 0 && (
          <section>
            <h2>Evaluations</h2>
            <table>
              <tbody>
                {view.evaluations.map(({ task, step, metrics }) => (
                  <tr key={task}>
                    <th scope="row">{task}</th>
                    <td>{metrics.map(({ name, value }) => `${name} ${value}`).join(", ")}</td>
                    <td class="dim">step {step}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        )}
        {view.summary.length > 0 && (
          <section>
            <h2>Summary</h2>
            <table>
              <tbody>
                {view.summary.map(({ name, value }) => (
                  <tr key={name}>
                    <th scope="row">{name}</th>
                    <td>{value}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        )}
        {view.checkpoints.length > 0 && (
          <section>
            <h2>Checkpoints</h2>
            <table>
              <tbody>
                {view.checkpoints.map(({ step, path, size }) => (
                  <tr key={path + step}>
                    <th scope="row">step {step}</th>
                    <td>{path}</td>
                    <td class="dim">{size}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        )}
        {view.traces.length > 0 && (
          <section>
            <h2>Traces</h2>
            <ul class="plain">
              {view.traces.map(({ file, size }) => (
                <li key={file}>
                  <button type="button" onClick={() => post({ type: "open", what: "trace", file })}>
                    {file}
                  </button>{" "}
                  <span class="dim">{size}</span>
                </li>
              ))}
            </ul>
          </section>
        )}
        {view.controls.length > 0 && (
          <section>
            <h2>Requests</h2>
            <table>
              <tbody>
                {view.controls.map(({ request, by, time, outcome }) => (
                  <tr key={time + request}>
                    <th scope="row">{request}</th>
                    <td>{by}</td>
                    <td>{outcome}</td>
                    <td class="dim">{clock(time)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        )}
        {view.warnings.length > 0 && (
          <section>
            <h2>Warnings</h2>
            <ul class="plain">
              {view.warnings.map(({ code, message, time }, index) => (
                <li key={`${index}${time}`}>
                  <span class="dim">
                    {clock(time)} {code}
                  </span>{" "}
                  {message}
                </li>
              ))}
            </ul>
          </section>
        )}
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
