import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { z } from "zod/mini";
import {
  type Curve,
  type EventLine,
  type FromRunView,
  fromRunViewSchema,
  type RunView,
  toRunViewSchema,
} from "../protocol/run-messages.ts";
import { openChannel } from "./channel.ts";
import { type CurveLook, Curves } from "./curves.tsx";
import { RunDetails } from "./run-details.tsx";
import { Fault, Waiting } from "./waiting.tsx";
import "./base.css";
import "./run.css";

const channel = openChannel(toRunViewSchema, fromRunViewSchema);
const stateSchema = z.object({
  run: z.optional(z.string()),
  smoothing: z.number(),
  logarithmic: z.boolean(),
});
type Kept = z.infer<typeof stateSchema>;
const kept: Kept = stateSchema.safeParse(channel.state()).data ?? { smoothing: 0, logarithmic: false };
const post = (message: FromRunView) => channel.post(message);
const mostEvents = 2000;

function Run() {
  const [run, setRun] = useState<{ view: RunView; mayControl: boolean; why: string } | undefined>(undefined);
  const [curves, setCurves] = useState<readonly Curve[]>([]);
  const [events, setEvents] = useState<readonly EventLine[]>([]);
  const [fault, setFault] = useState("");
  const [look, setLook] = useState<CurveLook>(kept);
  const { smoothing, logarithmic } = look;
  channel.receive = (message) => {
    switch (message.type) {
      case "run":
        return setRun(message);
      case "curves":
        return setCurves(message.curves);
      case "events":
        return setEvents((known) =>
          message.first ? message.lines : [...known, ...message.lines].slice(-mostEvents),
        );
      case "fault":
        return setFault(message.message);
    }
  };
  useEffect(() => post({ type: "ready" }), []);
  // before the run is told of, the page keeps the one that it was of: the window may be loaded again at any time
  const place = run?.view.place ?? kept.run;
  useEffect(
    () => channel.keep({ ...(place === undefined ? {} : { run: place }), smoothing, logarithmic }),
    [place, smoothing, logarithmic],
  );
  if (run === undefined) return <Waiting fault={fault} />;
  const { view } = run;
  return (
    <main class="run">
      <Head {...{ view, mayControl: run.mayControl, why: run.why }} />
      <Fault text={fault} />
      <Alarms view={view} />
      <dl class="figures">
        {view.figures.map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Curves
        charts={curves.map((curve) => ({
          ...{ name: curve.name, title: curve.title, unit: curve.unit },
          lines: [{ label: curve.title, curve, colour: "--vscode-charts-blue" }],
        }))}
        look={look}
        onLook={setLook}
        {...(view.read < 1
          ? { note: `${Math.floor(view.read * 100)} % of the log is read; curves show a sample` }
          : {})}
      />
      <RunDetails {...{ view, events, post }} />
    </main>
  );
}

function Head({
  view,
  mayControl,
  why,
}: {
  readonly view: RunView;
  readonly mayControl: boolean;
  readonly why: string;
}) {
  const { status, share, steps, step, left, learningRate } = view;
  const live = status === "running" || status === "paused";
  const ask = (request: Extract<FromRunView, { type: "control" }>["request"]) => () =>
    post({ type: "control", request });
  const off = !mayControl;
  return (
    <header class="run-head">
      <div>
        <h1>
          {view.id} <span class={`status ${status}`}>{status}</span>
        </h1>
        <p class="dim">
          {view.kind}, {view.recipe}
        </p>
      </div>
      <fieldset class="actions" aria-label="Controls" title={off ? why : ""}>
        {status === "running" && (
          <button type="button" disabled={off} onClick={ask("pause")}>
            Pause
          </button>
        )}
        {(status === "paused" ||
          status === "stopped" ||
          status === "failed" ||
          status === "lost" ||
          status === "queued") && (
          <button type="button" class="primary" disabled={off} onClick={ask("resume")}>
            Resume
          </button>
        )}
        {live && (
          <>
            <button type="button" disabled={off} onClick={ask("checkpoint")}>
              Save a checkpoint
            </button>
            {learningRate !== null && (
              <button type="button" disabled={off} onClick={ask("learning-rate")}>
                Learning rate…
              </button>
            )}
            <button type="button" disabled={off} onClick={ask("stop")}>
              Stop
            </button>
          </>
        )}
        <button type="button" onClick={() => post({ type: "open", what: "plan" })}>
          Plan
        </button>
        <button type="button" onClick={() => post({ type: "open", what: "folder" })}>
          Folder
        </button>
      </fieldset>
      <div class="progress">
        <progress max={1} {...(share === null ? {} : { value: share })} aria-label="Progress of the run" />
        <span class="dim">
          {steps === null ? (step > 0 ? `step ${step}` : "") : `step ${step} of ${steps}`}
          {left === "" ? "" : ` · ${left}`}
        </span>
      </div>
    </header>
  );
}

function Alarms({ view }: { readonly view: RunView }) {
  const { alarms, failure } = view;
  if (alarms.length === 0 && failure === null) return null;
  return (
    <div role="alert">
      <ul class="alarms">
        {failure !== null && (
          <li class="error">
            <strong>Failed: {failure.message}</strong>
            <p>{failure.next}</p>
          </li>
        )}
        {alarms.map(({ name, level, message, next, step }) => (
          <li key={name} class={level}>
            <strong>{message}</strong> <span class="dim">since step {step}</span>
            <p>{next}</p>
          </li>
        ))}
      </ul>
    </div>
  );
}

render(<Run />, document.getElementById("root")!);
