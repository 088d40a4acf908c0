import { preferenceView, seriesRange } from "@mede2/runs";
import { describeSeries } from "../chart/describe.ts";
import { answersInOrder } from "../data/pair-order.ts";
import type { ReadTrace } from "../data/trace-sources.ts";
import { keysOf } from "../keys/key-table.ts";
import { chartsOf } from "../state/charts.ts";
import { criteriaOf } from "../state/criteria.ts";
import { idOf, listedRuns, selectedIndex } from "../state/listed-runs.ts";
import type { Model } from "../state/model.ts";
import { fieldValue, formKey } from "../state/recipe-form.ts";
import type { Ui } from "../state/ui.ts";
import { bytes, number, percent } from "../text/format.ts";
import { plainText } from "../text/line.ts";
import { visible } from "../text/visible.ts";
import { alarmsPage } from "./alarms.ts";
import { eventSegments } from "./event-text.ts";
import { researchOnly } from "./research-only.ts";
import { sideOf } from "./trace.ts";
import { answerText } from "./traces.ts";
import { details } from "./workspace.ts";

/** A screen as sentences, one a line, for a screen reader. Without frames, colours and pictures of curves. */
export function spokenScreen(model: Model, ui: Ui): string[] {
  return spoken(model, ui)
    .flatMap((text) => text.split("\n"))
    .map(visible);
}

function spoken(model: Model, ui: Ui): string[] {
  const { run, log, traces } = model;
  switch (ui.screen) {
    case "workspace": {
      const runs = listedRuns(model, ui);
      const at = selectedIndex(runs, ui.selected);
      const chosen = runs[at];
      const list = runs.map(
        (each, index) =>
          `${index === at ? "Selected: " : ""}${idOf(each)}, ${each.readable ? spokenRun(each.run) : each.reason}`,
      );
      return [
        `${runs.length} runs.`,
        ...list,
        ...(chosen === undefined
          ? []
          : details(chosen, 500, model.now)
              .slice(1)
              .map((line) => plainText(line).trim())),
      ];
    }
    case "run":
      if (run === undefined) return [model.problem ?? "Reading."];
      return [
        `${run.id}: ${spokenRun(run)}.`,
        ...run.alarms.map(({ level, message, next }) => `${level}: ${message}. Next: ${next}.`),
        ...chartsOf(run, ui).flatMap(({ series, title, format }) =>
          series.map((each) =>
            describeSeries(series.length > 1 ? `${title} ${each.title}` : title, each.series, format),
          ),
        ),
      ];
    case "preference": {
      const view = run === undefined ? null : preferenceView(run.state);
      if (view === null) return ["This run has no rewards."];
      const said = (value: number | null, format = number) => (value === null ? "unknown" : format(value));
      return [
        `Reward accuracy ${said(view.accuracy, (share) => percent(share))}, margin ${said(view.margin)}.`,
        `Rewards: chosen ${said(view.chosen)}, rejected ${said(view.rejected)}.`,
        `Log-ratios: chosen ${said(view.chosenLogRatio)}, rejected ${said(view.rejectedLogRatio)}; the squeeze begins at minus 1 of the chosen.`,
        ...(view.logProbs === null
          ? []
          : [
              `Log-probabilities: chosen ${number(view.logProbs.chosen)}, rejected ${number(view.logProbs.rejected)}.`,
            ]),
        `Estimate of the KL divergence: ${said(view.kl)}.`,
      ];
    }
    case "log":
      return log.lines.map(({ text }) => {
        const { time, type, text: words } = eventSegments(text, run?.requests);
        return `${time} ${type.text}: ${words}`;
      });
    case "traces":
    case "trace": {
      const { open } = traces;
      if (open === undefined) return [researchOnly, traces.problem ?? "No record is open."];
      return [
        researchOnly,
        ...(ui.screen === "traces"
          ? traces.sources.map(({ label }, index) => `${index === traces.source ? "Selected: " : ""}${label}`)
          : []),
        `Record ${traces.record + 1} of ${traces.count} in ${traces.sources[traces.source]?.label ?? ""}.`,
        open.question?.stem ?? "The question is not in the workspace.",
        ...(open.question?.options ?? []).map(
          (option, index) => `Option ${String.fromCharCode(65 + index)}: ${option}`,
        ),
        ...answersInOrder(open, ui.trace.blind).flatMap((answer, index) => [
          `${sideOf(open, answer, index, ui.trace).title}, ${answerText(answer.trace.answer)}:`,
          ...(ui.trace.blind && open.pair !== undefined
            ? []
            : ratingWords(answer, criteriaOf(open)[ui.trace.criterion])),
          answer.trace.text,
        ]),
      ];
    }
    case "system": {
      const { system } = model;
      return system === undefined
        ? ["Measuring."]
        : [
            `Load ${system.load.toFixed(2)} on ${system.cores.length} processors; memory ${percent(system.memory.used / system.memory.total)} used.`,
            ...(system.disk === undefined
              ? []
              : [`Disk: ${bytes(system.disk.free)} free of ${bytes(system.disk.total)}.`]),
            ...system.gpus.map(
              ({ name, load, memoryUsed, memoryTotal, celsius }, index) =>
                `GPU ${index}, ${name}: ${load === undefined ? "" : `${percent(load)} busy, `}${bytes(memoryUsed)} of ${bytes(memoryTotal)} used${celsius === undefined ? "" : `, ${celsius} degrees`}.`,
            ),
            ...(system.process === undefined
              ? []
              : [`The run: process ${system.process.pid}, ${bytes(system.process.memory)} resident.`]),
          ];
    }
    case "compare": {
      const { runs = [], differences = [] } = model.compare ?? {};
      return [
        ...runs.flatMap(({ run: each, scores }) => [
          `${each.id}: ${spokenRun(each)}`,
          ...scores.map(
            ({ task, images, correct, n, low, high }) =>
              `${task}, ${images}: ${percent(correct / n, 1)}, interval ${percent(low, 1)} to ${percent(high, 1)}`,
          ),
        ]),
        ...differences.map(({ path, values }) => `The plans differ in ${path}: ${values.join(", ")}`),
      ];
    }
    case "alarms":
      return alarmsPage(model, ui, { columns: 500 }, 0)
        .lines.map((line) => plainText(line).trim())
        .filter((text) => text !== "");
    case "launch":
      return (model.launch ?? []).map(
        ({ title, about }, index) => `${index === ui.launch ? "Selected: " : ""}${title}, ${about}`,
      );
    case "recipe": {
      const choice = model.launch?.[ui.launch];
      if (choice === undefined) return [];
      const { at, values } = ui.form;
      const { preparing } = model;
      const prepared = preparing?.key === formKey(choice, values) ? preparing.result : undefined;
      return [
        `New run: ${choice.title}.`,
        ...(choice.fields ?? []).map((field, index) => {
          const value = fieldValue(field, values);
          const label = field.options.find((option) => option.value === value)?.label ?? value;
          return `${index === at ? "Selected: " : ""}${field.name}, ${label}`;
        }),
        `${at === choice.fields?.length ? "Selected: " : ""}check the plan, and say what it needs`,
        ...(prepared === undefined
          ? []
          : [prepared.id === undefined ? "This plan cannot run." : prepared.estimate]),
        ...(prepared?.findings ?? []).map(({ level, message }) => `${level}: ${message}`),
      ];
    }
    case "help":
      return keysOf(ui.before.at(-1) ?? "workspace", model.replay !== undefined).map(
        ({ keys, help }) => `${keys.join(" or ")}: ${help}`,
      );
  }
}

/** What an answer was rated, and what the chosen criterion points to. */
function ratingWords({ rating }: ReadTrace, criterion: string | undefined): string[] {
  if (rating === undefined) return [];
  const failed = Object.entries(rating.gates).filter(([, gate]) => gate === "failed");
  const chosen = criterion === undefined ? undefined : rating.criteria[criterion];
  return [
    rating.total === null ? "no total" : `total ${rating.total.toFixed(2)}`,
    ...Object.entries(rating.criteria).map(
      ([name, judgement]) =>
        `${name}: ${judgement.status === "scored" ? judgement.value.toFixed(2) : `not scored, ${judgement.reason}`}`,
    ),
    ...(failed.length === 0 ? [] : [`Gates that failed: ${failed.map(([name]) => name).join(", ")}`]),
    ...(chosen?.status === "scored"
      ? chosen.spans.map(({ quote }) => `${criterion} points to: ${quote}`)
      : []),
  ];
}

/** A run in half a sentence. */
export function spokenRun({ status, state, series, alarms }: NonNullable<Model["run"]>): string {
  const loss = state.losses.last === null ? "" : `, loss ${number(state.losses.last)}`;
  const steps =
    state.latest === null && seriesRange(series.byName.loss ?? { levels: [] }) === null
      ? ""
      : `, step ${state.step}${state.steps === null ? "" : ` of ${state.steps}`}`;
  const alarm =
    alarms.length === 0
      ? ""
      : `, ${alarms.length} ${alarms.length === 1 ? "alarm" : "alarms"}: ${alarms.map(({ name }) => name).join(", ")}`;
  return `${status}${steps}${loss}${alarm}`;
}
