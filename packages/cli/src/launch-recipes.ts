import { spawn } from "node:child_process";
import { relative } from "node:path";
import { type DataFile, surveyFolder } from "@mede2/runs";
import type { LaunchChoice, LaunchField, PreparedRun } from "@mede2/tui";
import { bytes } from "./numbers.ts";
import { duration } from "./progress.ts";

/** What `mede2 plan` says of a recipe. */
export interface RecipeRow {
  readonly name: string;
  readonly about: string;
  /** Ending of the files that it learns from, such as `*.pairs.jsonl`. */
  readonly data: string;
}

/** Recipes as forms: which model, which data, how long. What a recipe lacks in this workspace is its problem. */
export async function recipeChoices(
  workspace: string,
  recipes: readonly RecipeRow[],
  shippedModel: string | undefined,
): Promise<LaunchChoice[]> {
  const { files, models } = await surveyFolder(workspace);
  const shown = (path: string) => relative(workspace, path);
  const newest = [...models].sort().reverse();
  const modelOptions = [
    ...newest.map((path) => ({ value: path, label: shown(path) })),
    ...(shippedModel === undefined
      ? []
      : [
          {
            value: shippedModel,
            label: "tiny, shipped with mede2",
            about: "1.3 M parameters: for trying everything out",
          },
        ]),
  ];
  return recipes.map(({ name, about, data }): LaunchChoice => {
    const found = files.filter(({ path }) => path.endsWith(data.replace(/^\*/, ""))).sort(newestFirst);
    const choice = { id: `recipe:${name}`, title: name, about, command: `mede2 plan ${name} …` };
    if (found.length === 0)
      return {
        ...choice,
        problem: `there is no ${data} in the workspace to learn from: mede2 demo writes one`,
      };
    if (modelOptions.length === 0) return { ...choice, problem: "there is no model in the workspace" };
    const dataOptions = found.map(({ path, bytes: size }) => ({
      value: path,
      label: shown(path),
      about: bytes(size),
    }));
    return {
      ...choice,
      fields: [{ name: "model", options: modelOptions }, { name: "data", options: dataOptions }, lengthField],
    };
  });
}

const newestFirst = (a: DataFile, b: DataFile) => b.modified - a.modified;

const lengthField: LaunchField = {
  name: "steps",
  options: [
    { value: "", label: "as the recipe says" },
    { value: "20", label: "20", about: "To see that everything works" },
    { value: "100", label: "100" },
    { value: "500", label: "500" },
  ],
  typed: {
    label: "steps",
    check: (text) =>
      text === "" || /^[1-9]\d{0,6}$/.test(text) ? undefined : `${text}: a whole number of steps above 0`,
  },
};

/** Arguments of `mede2 plan` for a filled form. */
export const planArguments = (
  recipe: string,
  { model = "", data = "", steps = "" }: Readonly<Record<string, string>>,
  out: string,
): string[] => [
  ...["plan", recipe, "--model", model, "--data", data, "--out", out],
  ...(steps === "" ? [] : ["--steps", steps]),
  "--json",
];

interface PlanReply {
  readonly valid: boolean;
  readonly findings: readonly { level: string; message: string }[];
  readonly estimate?: {
    readonly steps?: number;
    readonly seconds?: number;
    readonly memoryBytes: number;
    readonly diskBytes: number;
  };
}

/** Runs `mede2 plan` as a process of its own, since estimating computes, and says what it found. */
export async function preparePlan(
  command: readonly string[],
  { cwd, env, id }: { cwd: string; env: NodeJS.ProcessEnv; id: string },
): Promise<PreparedRun> {
  const { out, err, code } = await outputOf(command, cwd, env);
  const last = out.trim().split("\n").at(-1) ?? "";
  if (!last.startsWith("{"))
    throw new Error(err.trim().split("\n").at(-1) || `mede2 plan ended with ${code}`);
  const { valid, findings, estimate } = JSON.parse(last) as PlanReply;
  return { id: valid ? id : undefined, findings, estimate: estimateText(estimate) };
}

/** The model that comes with the command, as `mede2 doctor` says; asked in a process of its own, since that one loads the native runtime. */
export async function shippedModel(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const { out } = await outputOf(command, process.cwd(), env);
  const last = out.trim().split("\n").at(-1) ?? "";
  if (!last.startsWith("{")) return undefined;
  const { baseModel } = JSON.parse(last) as { baseModel?: { usable: boolean; path: string } };
  return baseModel?.usable === true ? baseModel.path : undefined;
}

function estimateText(estimate: PlanReply["estimate"]): string {
  if (estimate === undefined) return "";
  const { steps, seconds, memoryBytes, diskBytes } = estimate;
  return [
    ...(steps === undefined ? [] : [`${steps} steps`]),
    seconds === undefined ? "time not measured" : `about ${duration(seconds)}`,
    `${bytes(memoryBytes)} of memory`,
    `${bytes(diskBytes)} on disk`,
  ].join(", ");
}

function outputOf(
  command: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<{ out: string; err: string; code: number | null }> {
  return new Promise((resolve, reject) => {
    // no shell: file names are arguments, whatever they hold
    const child = spawn(process.execPath, command, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let [out, err] = ["", ""];
    child.stdout.on("data", (text: Buffer) => {
      out += text;
    });
    child.stderr.on("data", (text: Buffer) => {
      err = (err + text).slice(-4000);
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ out, err, code }));
  });
}
