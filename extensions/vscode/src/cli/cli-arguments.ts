/** Argument arrays of the `mede2` command. Nothing here is ever joined to a line. */

export interface RecipePlan {
  readonly recipe: string;
  readonly model: string;
  readonly data: string;
  readonly out: string;
  readonly epochs?: number | undefined;
  readonly steps?: number | undefined;
  readonly device?: string | undefined;
  readonly workspace: string;
}

export const planFromRecipe = ({ recipe, model, data, out, workspace, ...wish }: RecipePlan): string[] => [
  ...["plan", value(recipe), "--model", model, "--data", data, "--out", out],
  ...(wish.epochs === undefined ? [] : ["--epochs", String(wish.epochs)]),
  ...(wish.steps === undefined ? [] : ["--steps", String(wish.steps)]),
  ...(wish.device === undefined ? [] : ["--device", wish.device]),
  ...["--workspace", workspace, "--json"],
];

export const listRecipes = (): string[] => ["plan", "--json"];

export const checkPlan = (plan: string, workspace: string): string[] => [
  "plan",
  value(plan),
  "--workspace",
  workspace,
  "--json",
];

export const train = (plan: string, run: string, workspace: string): string[] => [
  ...["train", value(plan), "--out", run, "--workspace", workspace, "--json"],
];

export const resume = (run: string, workspace: string): string[] => [
  "train",
  "--resume",
  run,
  "--workspace",
  workspace,
  "--json",
];

export const demo = (out: string, quick: boolean): string[] => [
  "demo",
  ...(quick ? ["--quick"] : []),
  "--out",
  out,
  "--json",
];

export interface Evaluation {
  readonly model: string;
  readonly task: string;
  readonly data: string;
  readonly out: string;
  readonly images: readonly string[];
  readonly workspace: string;
}

export const evaluate = ({ model, task, data, out, images, workspace }: Evaluation): string[] => [
  ...["eval", "run", "--model", model, "--task", task, "--data", data, "--out", out],
  ...["--images", images.join(","), "--workspace", workspace, "--json"],
];

export const buildPairs = (
  candidates: string,
  out: string,
  bothRight: number | undefined,
  workspace: string,
): string[] => [
  ...["pairs", "build", value(candidates), "--out", out],
  ...(bothRight === undefined ? [] : ["--both-right", String(bothRight)]),
  ...["--workspace", workspace, "--json"],
];

export const scorePairs = (candidates: string, out: string, links: string, workspace: string): string[] => [
  ...[
    "pairs",
    "score",
    value(candidates),
    "--out",
    out,
    "--links",
    links,
    "--workspace",
    workspace,
    "--json",
  ],
];

export const doctor = (): string[] => ["doctor", "--json"];

export const watch = (workspace: string): string[] => ["watch", value(workspace), "--workspace", workspace];

/** A positional argument must not read as an option. */
function value(text: string): string {
  if (text.startsWith("-")) throw new RangeError(`${text} would read as an option of the command`);
  return text;
}
