import { existsSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { workspaceOfFile } from "@mede2/runs";
import { recordNameOfFile } from "@mede2/schemas";
import * as vscode from "vscode";
import * as commands from "../../cli/cli-arguments.ts";
import { isShown } from "../../records/parse-line.ts";
import { runName } from "../../runs/run-name.ts";
import { type Choice, enter, goThrough, pick } from "../ask.ts";
import { diskFolders, folderOf } from "../folders.ts";
import { traceEditorType } from "../panels/trace-editor.ts";
import { refuseUnlessTrusted, type Services } from "../services.ts";
import { followCommand, start } from "../start.ts";
import { type FileTarget, fileOf, shortFolder, uriOf } from "./choose-file.ts";

export async function openTrace(services: Services, target: FileTarget): Promise<void> {
  const uri = await fileOf(
    services,
    target,
    ({ record }) => isShown(record),
    "Traces, pairs, evaluations, candidates, demonstrations, questions",
  );
  if (uri !== undefined) await openRecords(uri);
}

const openRecords = (place: vscode.Uri | string) =>
  vscode.commands.executeCommand(
    "vscode.openWith",
    typeof place === "string" ? vscode.Uri.file(place) : place,
    traceEditorType,
  );

/** The name that stands on verdicts; asked once. */
export async function reviewerName(): Promise<string | undefined> {
  const settings = vscode.workspace.getConfiguration("mede2");
  const known = settings.get("reviewer", "").trim();
  if (known !== "") return known;
  const entered = await vscode.window.showInputBox({
    ...{
      title: "MedE²: reviewer",
      prompt: "The name that stands on your verdicts",
      value: process.env.USER ?? "",
      ignoreFocusOut: true,
    },
    validateInput: (text) =>
      text.trim() === "" || text.length > 80 ? "A name of 1 to 80 characters" : undefined,
  });
  if (entered === undefined) return undefined;
  await settings.update("reviewer", entered.trim(), vscode.ConfigurationTarget.Global);
  return entered.trim();
}

export async function reviewPairs(
  services: Services,
  target: FileTarget,
  show: (path: string, reviewer: string) => Promise<void>,
): Promise<void> {
  if (refuseUnlessTrusted()) return;
  const uri = await fileOf(
    services,
    target,
    ({ record }) => record === "preference-pair",
    "The pairs to review",
  );
  if (uri === undefined) return;
  if (
    uri.scheme !== "file" ||
    folderOf(uri.fsPath) === undefined ||
    recordNameOfFile(uri.fsPath) !== "preference-pair"
  ) {
    void vscode.window.showWarningMessage(
      "MedE²: a *.pairs.jsonl in a folder of this window can be reviewed.",
    );
    return;
  }
  const reviewer = await reviewerName();
  if (reviewer !== undefined) await show(uri.fsPath, reviewer);
}

const conditions: Choice<readonly string[]>[] = [
  { label: "real images", value: ["real"], key: "real" },
  {
    label: "real, blank and swapped images",
    detail: "What the image is worth",
    value: ["real", "blank", "swapped"],
    key: "three",
  },
  { label: "no images", value: ["none"], key: "none" },
];

/** Checkpoint → questions → condition → start. */
export async function evaluateCheckpoint(services: Services, target: FileTarget): Promise<void> {
  if (refuseUnlessTrusted()) return;
  const { models, files } = await services.surveys.all();
  const form: { model?: string; data?: string; images?: readonly string[] } = {};
  const named = uriOf(target)?.fsPath;
  if (named !== undefined) form.model = named;
  const memory = (name: string) => ({ state: services.context.workspaceState, name });
  const place = (step: number) => ({ title: "Evaluate Checkpoint", step, steps: 3 });
  const choice = (path: string): Choice<string> => ({
    label: basename(path),
    description: shortFolder(path),
    value: path,
    key: path,
  });
  const went = await goThrough([
    async () => {
      if (named !== undefined) return undefined;
      const answer = await pick(place(1), "The checkpoint", models.map(choice), memory("checkpoint"));
      if (typeof answer === "object") form.model = answer.value;
      return answer;
    },
    async () => {
      const questions = files.filter(({ record }) => record === "question").map(({ path }) => choice(path));
      const answer = await pick(
        place(2),
        "The questions (*.questions.jsonl)",
        questions,
        memory("questions"),
      );
      if (typeof answer === "object") form.data = answer.value;
      return answer;
    },
    async () => {
      const answer = await pick(place(3), "Under which condition", conditions, memory("conditions"));
      if (typeof answer === "object") form.images = answer.value;
      return answer;
    },
  ]);
  const { model, data, images } = form;
  if (!went || model === undefined || data === undefined || images === undefined) return;
  const top = folderOf(data) ?? diskFolders()[0]!;
  const workspace = workspaceOfFile(data, top);
  const task = basename(data)
    .replace(/\.questions\.jsonl$/, "")
    .replace(/[^\w.-]+/g, "-");
  const name = runName(`${basename(model)}-${task}`, new Date());
  const out = join(workspace, "evaluations", name);
  const started = await start(services, {
    args: commands.evaluate({ model, task, data, out, images, workspace }),
    workspace,
    name: `eval-${name}`,
  });
  if (started !== undefined)
    void followCommand(`the evaluation ${name}`, started, {
      title: "Read the Answers",
      open: () => openRecords(join(out, `${task}.evaluation.jsonl`)),
    });
}

/** Rated candidates → share of pairs with both answers right → file → start. */
export async function buildPairs(services: Services, target: FileTarget): Promise<void> {
  if (refuseUnlessTrusted()) return;
  const uri = await fileOf(
    services,
    target,
    ({ record }) => record === "candidates",
    "Candidates with ratings (*.candidates.jsonl)",
  );
  if (uri === undefined) return;
  const workspace = workspaceOfFile(uri.fsPath, folderOf(uri.fsPath) ?? dirname(uri.fsPath));
  const place = (step: number) => ({ title: "Build Pairs", step, steps: 2 });
  let share: number | undefined;
  let file = join(workspace, "data", basename(uri.fsPath).replace(/\.candidates\.jsonl$/, ".pairs.jsonl"));
  const went = await goThrough([
    async () => {
      const answer = await enter(
        place(1),
        "Least share of pairs with both answers right, 0 to 1; empty for the default",
        "",
        (text) =>
          text === "" ||
          (/^(0(\.\d+)?|1(\.0+)?)$/.test(text) ? undefined : "A number from 0 to 1") === undefined
            ? undefined
            : "A number from 0 to 1",
      );
      if (typeof answer === "object") share = answer.value === "" ? undefined : Number(answer.value);
      return answer;
    },
    async () => {
      const answer = await enter(
        place(2),
        "File to write, in the workspace",
        relative(workspace, file),
        (text) => {
          const path = join(workspace, text);
          if (!text.endsWith(".pairs.jsonl")) return "A *.pairs.jsonl";
          if (relative(workspace, path).startsWith("..")) return "It must lie in the workspace";
          return existsSync(path) ? "There is such a file already" : undefined;
        },
      );
      if (typeof answer === "object") file = join(workspace, answer.value);
      return answer;
    },
  ]);
  if (!went) return;
  const name = `pairs-${runName(basename(file, ".pairs.jsonl"), new Date())}`;
  const started = await start(services, {
    args: commands.buildPairs(uri.fsPath, file, share, workspace),
    workspace,
    name,
  });
  if (started !== undefined)
    void followCommand(`building ${basename(file)}`, started, {
      title: "Open the Pairs",
      open: () => openRecords(file),
    });
}
