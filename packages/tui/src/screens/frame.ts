import { keysOf } from "../keys/key-table.ts";
import type { Look } from "../look/look.ts";
import type { Model } from "../state/model.ts";
import { runScreens, type ScreenName, type Ui } from "../state/ui.ts";
import { percent } from "../text/format.ts";
import { fitHeight, type Line, lineCells, type Segment, span } from "../text/line.ts";
import { alarmsPage, alarmsScreen } from "./alarms.ts";
import { comparePage, compareScreen } from "./compare.ts";
import { helpPage, helpScreen } from "./help.ts";
import { launchScreen } from "./launch.ts";
import { logScreen } from "./log.ts";
import type { Page } from "./page.ts";
import { preferenceScreen } from "./preference.ts";
import { recipeScreen } from "./recipe.ts";
import { runScreen } from "./run.ts";
import { statusSegment } from "./status.ts";
import { systemPage, systemScreen } from "./system.ts";
import { type PictureView, tracePage, traceScreen } from "./trace.ts";
import { tracesScreen } from "./traces.ts";
import { workspaceScreen } from "./workspace.ts";

type Screen = (model: Model, ui: Ui, look: Look, rows: number, picture: PictureView) => Line[];

const screens: Readonly<Record<ScreenName, Screen>> = {
  workspace: workspaceScreen,
  run: runScreen,
  preference: preferenceScreen,
  system: systemScreen,
  log: logScreen,
  traces: tracesScreen,
  alarms: alarmsScreen,
  trace: traceScreen,
  compare: compareScreen,
  launch: launchScreen,
  recipe: recipeScreen,
  help: helpScreen,
};

/** The screens that are texts, which may be longer than the window. */
const pages: Readonly<Partial<Record<ScreenName, (...of: Parameters<Screen>) => Page>>> = {
  system: systemPage,
  alarms: alarmsPage,
  trace: tracePage,
  compare: comparePage,
  help: helpPage,
};

/** The text of the present screen; undefined where it is none. */
export const pageOf = (model: Model, ui: Ui, look: Look, picture: PictureView): Page | undefined =>
  pages[ui.screen]?.(model, ui, look, look.rows - 2, picture);

const leastColumns = 40;
const leastRows = 10;

/** The whole screen, exactly `look.rows` lines: a title line, the screen, and a line of keys, a question or a notice. Pure. */
export function frame(model: Model, ui: Ui, look: Look, picture?: PictureView): Line[] {
  if (look.columns < leastColumns || look.rows < leastRows) return fitHeight(tiny(model), look.rows);
  const body = fitHeight(screens[ui.screen](model, ui, look, look.rows - 2, picture), look.rows - 2);
  return [titleLine(model, ui, look), ...body, bottomLine(model, ui, look)];
}

/** Of a terminal that is too small for anything else. */
function tiny({ run, runs }: Model): Line[] {
  if (run === undefined) return [[`${runs?.length ?? 0} runs`], ["make the window larger"]];
  return [
    [run.id],
    [statusSegment(run.status), ` ${run.state.step}${run.state.steps === null ? "" : `/${run.state.steps}`}`],
    [run.state.losses.last === null ? "" : `loss ${run.state.losses.last.toPrecision(3)}`],
  ];
}

const tabs: Readonly<Record<(typeof runScreens)[number], string>> = {
  run: "1 curves",
  preference: "2 preference",
  system: "3 system",
  log: "4 log",
  traces: "5 traces",
};

function titleLine(model: Model, { screen }: Ui, look: Look): Line {
  const { run, replay } = model;
  const left: Segment[] = [span(" MedE² ", "title", { inverse: true }), span(" ", "text")];
  const inRun = ([...runScreens, "alarms", "trace"] as readonly ScreenName[]).includes(screen);
  if (inRun && run !== undefined) {
    left.push(span(run.id, "title"), span("  ", "text"), statusSegment(run.status));
    if (run.read < 1) left.push(span(`  reading the log: ${percent(run.read)}, curves are a sample`, "warn"));
    if (replay !== undefined)
      left.push(
        span(
          `  replay ${replay.speed}×${replay.paused ? ", paused" : ""}, ${percent(replay.place)}`,
          "accent",
        ),
      );
  } else
    left.push(
      span(
        { workspace: "workspace", compare: "compare", launch: "new run", recipe: "new run", help: "keys" }[
          screen as "workspace"
        ] ?? screen,
        "title",
      ),
    );
  const clockLine = [
    span(new Date(model.now).toISOString().slice(0, 19).replace("T", " "), "dim"),
    span(" UTC ", "dim"),
  ];
  const wide = inRun ? tabLine(screen, false) : clockLine;
  const right = !inRun || lineCells(left) + lineCells(wide) < look.columns ? wide : tabLine(screen, true);
  const room = look.columns - lineCells(left) - lineCells(right);
  return room >= 1 ? [...left, " ".repeat(room), ...right] : left;
}

/** The screens of a run; in a narrow window only the present one has its name. */
function tabLine(screen: ScreenName, narrow: boolean): Segment[] {
  return runScreens.flatMap((name) => {
    const here = screen === name || (screen === "trace" && name === "traces");
    const title = narrow && !here ? tabs[name].slice(0, 1) : tabs[name];
    return [span(title, here ? "accent" : "dim", { bold: here }), span(narrow ? " " : "  ", "text")];
  });
}

function bottomLine(model: Model, ui: Ui, look: Look): Line {
  const { prompt, notice } = ui;
  if (prompt?.kind === "confirm")
    return [span(` ${prompt.text} `, "warn", { bold: true }), span("y yes  n no", "accent")];
  if (prompt?.kind === "input")
    return [
      span(` ${prompt.label}: `, "accent"),
      span(prompt.value, "text", { bold: true }),
      span("█", "accent"),
      span("  enter takes it, escape leaves it", "dim"),
    ];
  if (notice !== null) return [span(` ${notice.bad ? "✗ " : ""}${notice.text}`, notice.bad ? "bad" : "good")];
  if (model.problem !== undefined) return [span(` ✗ ${model.problem}`, "bad")];
  const of = keysOf(ui.screen, model.replay !== undefined).filter(({ hint }) => hint !== undefined);
  // what is special to the screen first
  const hints = [
    ...of.filter(({ on }) => on !== "everywhere"),
    ...of.filter(({ on }) => on === "everywhere").reverse(),
  ];
  const pieces = hints.map(({ keys, hint }): Segment[] => [
    span(` ${keys[0]}`, "accent", { bold: true }),
    span(` ${hint} `, "dim"),
  ]);
  // what leads to all other keys, and out, has its place however narrow the window is
  const kept = of.filter(({ on }) => on === "everywhere").length;
  const [own, always] = [pieces.slice(0, -kept), pieces.slice(-kept)];
  const line: Segment[] = [];
  for (const piece of own) {
    if (lineCells(line) + lineCells(piece) + lineCells(always.flat()) > look.columns) break;
    line.push(...piece);
  }
  return [...line, ...always.flat()];
}
