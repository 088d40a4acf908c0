import { existsSync } from "node:fs";
import { basename, relative } from "node:path";
import * as vscode from "vscode";
import { type DoctorReply, estimateText, type PlanReply, type RecipesReply } from "../../runs/plan-reply.ts";
import type { Choice } from "../ask.ts";
import { folderOf } from "../folders.ts";

/** A recipe of the command, or a plan that is written already. */
export type Recipe = { readonly name: string; readonly data: string } | "file";
export interface Length {
  readonly steps?: number;
  readonly epochs?: number;
}

const icon = (name: string) => new vscode.ThemeIcon(name);

export const recipeChoices = ({ recipes }: RecipesReply): Choice<Recipe>[] => [
  ...recipes.map(({ name, about, data }) => ({
    label: name,
    detail: about,
    description: data,
    value: { name, data },
    key: name,
    iconPath: icon("beaker"),
  })),
  {
    label: "A plan file…",
    detail: "*.plan.json, complete and nothing left to a default",
    value: "file" as const,
    key: "file",
    iconPath: icon("notebook"),
  },
];

/** The models to begin with; an empty value asks for a folder of the disk. */
export function modelChoices(doctor: DoctorReply | undefined, models: readonly string[]): Choice<string>[] {
  const shipped = doctor?.baseModel;
  return [
    ...(shipped?.usable
      ? [
          {
            label: "tiny, shipped with mede2",
            detail: "1.3 M parameters: for trying everything out",
            value: shipped.path,
            key: shipped.path,
            iconPath: icon("package"),
          },
        ]
      : []),
    ...models.map(fileChoice("package")),
    {
      label: "Browse…",
      detail: "A folder of a Hugging Face checkpoint",
      value: "",
      key: "browse",
      iconPath: icon("folder-opened"),
    },
  ];
}

/** The devices that `mede2 doctor` found usable; the CPU when it could not be asked. */
export const deviceChoices = (doctor: DoctorReply | undefined): Choice<string>[] =>
  (doctor?.devices ?? [{ name: "cpu", usable: true, reason: "" }])
    .filter(({ usable }) => usable)
    .map(({ name, reason }) => ({
      label: `embedded on ${name}`,
      detail: reason,
      value: name,
      key: name,
      iconPath: icon("chip"),
    }));

/** What to do with a checked plan: start it if it can run, look at what was found, or not. */
export function reviewChoices(reply: PlanReply, file: string): Choice<"start" | "open" | "no">[] {
  const findings = reply.findings.map(({ level, message }) => ({
    ...{ label: message, description: level, key: message },
    value: existsSync(file) ? ("open" as const) : ("no" as const),
    iconPath: icon(level === "error" ? "error" : "warning"),
  }));
  const begin: Choice<"start">[] = reply.valid
    ? [
        {
          label: "Start the run",
          detail: estimateText(reply),
          description: "it goes on when you close this window",
          value: "start",
          key: "start",
          iconPath: icon("play"),
          alwaysShow: true,
        },
      ]
    : [];
  return [
    ...begin,
    ...findings,
    // a plan of a recipe that cannot run is not written
    ...(existsSync(file)
      ? [
          {
            label: "Open the plan",
            detail: shortPath(file),
            value: "open" as const,
            key: "open",
            iconPath: icon("go-to-file"),
          },
        ]
      : []),
    { label: "Throw it away", value: "no", key: "no", iconPath: icon("trash") },
  ];
}

export const lengthChoices: Choice<Length | "other">[] = [
  { label: "3 epochs", detail: "As the demo's recipe", value: { epochs: 3 }, key: "3 epochs" },
  { label: "1 epoch", value: { epochs: 1 }, key: "1 epoch" },
  { label: "20 steps", detail: "To see that everything works", value: { steps: 20 }, key: "20 steps" },
  { label: "Other…", detail: "A number of steps", value: "other", key: "other" },
];

const shortPath = (path: string) => relative(folderOf(path) ?? "/", path);

/** A file or a folder, with its place in the window's folder. */
export const fileChoice =
  (name: string) =>
  (path: string): Choice<string> => ({
    label: basename(path),
    description: shortPath(path),
    value: path,
    key: path,
    iconPath: icon(name),
  });
