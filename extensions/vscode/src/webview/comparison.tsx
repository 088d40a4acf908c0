import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import {
  type ComparedRow,
  fromComparisonSchema,
  type ToComparison,
  toComparisonSchema,
} from "../protocol/run-messages.ts";
import { openChannel } from "./channel.ts";
import { Chart, type ChartLine } from "./chart.tsx";
import { CurveControls, type CurveLook } from "./curve-controls.tsx";
import { Waiting } from "./waiting.tsx";
import "./base.css";
import "./run.css";

let receive: (message: ToComparison) => void = () => {};
const channel = openChannel(toComparisonSchema, fromComparisonSchema, (message) => receive(message));
const colours = [
  "--vscode-charts-blue",
  "--vscode-charts-yellow",
  "--vscode-charts-green",
  "--vscode-charts-purple",
];

function Comparison() {
  const [found, setFound] = useState<Extract<ToComparison, { type: "runs" }> | undefined>(undefined);
  const [fault, setFault] = useState("");
  const [look, setLook] = useState<CurveLook>({ smoothing: 0, logarithmic: false });
  const [same, setSame] = useState(false);
  receive = (message) => (message.type === "fault" ? setFault(message.message) : setFound(message));
  useEffect(() => channel.post({ type: "ready" }), []);
  if (found === undefined) return <Waiting fault={fault} />;
  const { runs, results, settings } = found;
  const names = [
    ...new Map(
      runs.flatMap(({ curves }) =>
        curves.map(({ name, title, unit }) => [name, { name, title, unit }] as const),
      ),
    ).values(),
  ];
  return (
    <main class="run">
      <header class="run-head">
        <h1>Comparison of {runs.length} runs</h1>
        <ul class="legend">
          {runs.map(({ id, status, recipe }, index) => (
            <li key={id}>
              <span class={`swatch s${index}`} aria-hidden="true" />
              <button type="button" onClick={() => channel.post({ type: "open", run: index })}>
                {id}
              </button>
              <span class="dim">
                {recipe}, {status}
              </span>
            </li>
          ))}
        </ul>
      </header>
      <div class="bar">
        <h2>Curves</h2>
        <CurveControls look={look} onChange={setLook} />
      </div>
      <div class="charts">
        {names.map(({ name, title, unit }) => {
          const lines = runs.flatMap(({ id, curves }, index): ChartLine[] => {
            const curve = curves.find((each) => each.name === name);
            return curve === undefined ? [] : [{ label: id, curve, colour: colours[index]! }];
          });
          return <Chart key={name} {...{ title, unit, lines, ...look }} />;
        })}
      </div>
      <section>
        <h2>Results</h2>
        <Rows rows={results} runs={runs.map(({ id }) => id)} />
      </section>
      <section>
        <div class="bar">
          <h2>Settings of the plans</h2>
          <label>
            <input type="checkbox" checked={same} onChange={() => setSame(!same)} /> Equal ones too
          </label>
        </div>
        <Rows rows={settings.filter(({ differ }) => same || differ)} runs={runs.map(({ id }) => id)} />
      </section>
    </main>
  );
}

function Rows({ rows, runs }: { readonly rows: readonly ComparedRow[]; readonly runs: readonly string[] }) {
  if (rows.length === 0) return <p class="dim">Nothing differs.</p>;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Name</th>
          {runs.map((id) => (
            <th key={id} scope="col">
              {id}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, values, differ }) => (
          <tr key={name} class={differ ? "differ" : ""}>
            <th scope="row">{name}</th>
            {values.map((value, index) => (
              <td key={`${index}${name}`}>{value}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

render(<Comparison />, document.getElementById("root")!);
