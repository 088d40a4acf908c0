import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import {
  type ComparedRow,
  fromComparisonSchema,
  type ToComparison,
  toComparisonSchema,
} from "../protocol/run-messages.ts";
import { openChannel } from "./channel.ts";
import { ComparedAnswers } from "./compared-answers.tsx";
import { type CurveLook, Curves } from "./curves.tsx";
import { Table } from "./table.tsx";
import { Fault, Waiting } from "./waiting.tsx";
import "./base.css";
import "./run.css";

const channel = openChannel(toComparisonSchema, fromComparisonSchema);
const colours = [
  "--vscode-charts-blue",
  "--vscode-charts-yellow",
  "--vscode-charts-green",
  "--vscode-charts-purple",
];
type Runs = Extract<ToComparison, { type: "runs" }>;

function Comparison() {
  const [found, setFound] = useState<Runs | undefined>(undefined);
  const [answers, setAnswers] = useState<Extract<ToComparison, { type: "answers" }> | undefined>(undefined);
  const [fault, setFault] = useState("");
  const [look, setLook] = useState<CurveLook>({ smoothing: 0, logarithmic: false });
  const [same, setSame] = useState(false);
  channel.receive = (message) => {
    switch (message.type) {
      case "runs":
        return setFound(message);
      case "answers":
        return setAnswers(message);
      case "fault":
        return setFault(message.message);
    }
  };
  useEffect(() => channel.post({ type: "ready" }), []);
  if (found === undefined) return <Waiting fault={fault} />;
  const { runs, results, settings } = found;
  const names = runs.map(({ name }) => name);
  return (
    <main class="run">
      <header class="run-head">
        <h1>Comparison of {runs.length} runs</h1>
        <ul class="legend">
          {runs.map(({ id, name, status, recipe }, index) => (
            <li key={id}>
              <span class={`swatch s${index}`} aria-hidden="true" />
              <button type="button" title={id} onClick={() => channel.post({ type: "open", run: index })}>
                {name}
              </button>
              <span class="dim">
                {recipe}, {status}
              </span>
            </li>
          ))}
        </ul>
      </header>
      <Fault text={fault} />
      <Curves charts={chartsOf(runs)} look={look} onLook={setLook} />
      <section>
        <h2>Results</h2>
        <Rows rows={results} runs={names} />
      </section>
      {answers !== undefined && (
        <ComparedAnswers
          {...{ answers, runs: names }}
          onOpen={(row, run) => channel.post({ type: "answer", row, run })}
        />
      )}
      <section>
        <div class="bar">
          <h2>Settings of the plans</h2>
          <label>
            <input type="checkbox" checked={same} onChange={() => setSame(!same)} /> Equal ones too
          </label>
        </div>
        <Rows rows={settings.filter(({ differ }) => same || differ)} runs={names} />
      </section>
    </main>
  );
}

/** A chart for each metric that any of the runs has, with a line for each run that has it. */
function chartsOf(runs: Runs["runs"]) {
  const metrics = new Map(
    runs.flatMap(({ curves }) =>
      curves.map(({ name, title, unit }) => [name, { name, title, unit }] as const),
    ),
  );
  return [...metrics.values()].map((metric) => ({
    ...metric,
    lines: runs.flatMap(({ name: label, curves }, index) => {
      const curve = curves.find(({ name }) => name === metric.name);
      return curve === undefined ? [] : [{ label, swatch: `s${index}`, curve, colour: colours[index]! }];
    }),
  }));
}

function Rows({ rows, runs }: { readonly rows: readonly ComparedRow[]; readonly runs: readonly string[] }) {
  if (rows.length === 0) return <p class="dim">Nothing differs.</p>;
  return (
    <Table
      columns={["Name", ...runs]}
      rows={rows.map(({ name, values, differ }) => ({ name, cells: values, differ }))}
    />
  );
}

render(<Comparison />, document.getElementById("root")!);
