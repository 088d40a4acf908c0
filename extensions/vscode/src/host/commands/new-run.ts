import { mkdir, rm } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import * as vscode from "vscode";
import { askCli } from "../../cli/ask-cli.ts";
import * as commands from "../../cli/cli-arguments.ts";
import {
  doctorReplySchema,
  estimateText,
  planReplySchema,
  recipesReplySchema,
} from "../../runs/plan-reply.ts";
import { runName } from "../../runs/run-name.ts";
import { type Answer, enter, goThrough, pick } from "../ask.ts";
import { diskFolders } from "../folders.ts";
import { cliOrTell, refuseUnlessTrusted, type Services } from "../services.ts";
import {
  deviceChoices,
  fileChoice,
  type Length,
  lengthChoices,
  modelChoices,
  type Recipe,
  recipeChoices,
  reviewChoices,
} from "./new-run-choices.ts";
import { startPlan } from "./start-plan.ts";

interface Form {
  workspace?: string;
  recipe?: Recipe;
  planFile?: string;
  model?: string;
  data?: string;
  length?: Length;
  device?: string;
}

const title = "New Run";
const steps = 6;

/** Recipe → model → data → length → device → review of the plan with its estimate → start. */
export async function newRun(services: Services, open: (dir: string) => void): Promise<void> {
  if (refuseUnlessTrusted()) return;
  const form: Form = {};
  const { workspaceState: state } = services.context;
  const memory = (name: string) => ({ state, name });
  const place = (step: number) => ({ title, step, steps });
  const survey = await services.surveys.all();
  const workspaces = [...new Set([...survey.workspaces, ...diskFolders()])];
  const cli = await cliOrTell(workspaces[0]);
  if (cli === undefined) return;
  const ask = async (args: readonly string[]) => {
    const reply = await askCli(cli, args, form.workspace!);
    if (!reply.ok) throw new Error(reply.message);
    return reply.json;
  };
  const doctor = ask0();
  async function ask0() {
    const reply = await askCli(cli!, commands.doctor(), workspaces[0]!);
    return reply.ok ? doctorReplySchema.safeParse(reply.json).data : undefined;
  }
  const keep = <T>(answer: Answer<T>, set: (value: T) => void): Answer<T> => {
    if (typeof answer === "object") set(answer.value);
    return answer;
  };
  const browse = async (folders: boolean) =>
    (
      await vscode.window.showOpenDialog({
        canSelectFolders: folders,
        canSelectFiles: !folders,
        canSelectMany: false,
      })
    )?.[0]?.fsPath;

  const went = await goThrough([
    async () => {
      if (workspaces.length === 1) {
        form.workspace = workspaces[0]!;
        return undefined;
      }
      const choices = workspaces.map((path) => ({
        label: basename(path),
        description: path,
        value: path,
        key: path,
        iconPath: new vscode.ThemeIcon("root-folder"),
      }));
      return keep(
        await pick(
          { ...place(1), title: `${title}: where` },
          "The workspace: runs and images are kept in it",
          choices,
          memory("workspace"),
        ),
        (value) => {
          form.workspace = value;
        },
      );
    },
    async () =>
      keep(
        await pick<Recipe>(
          place(1),
          "A recipe, or a plan that is written already",
          ask(commands.listRecipes()).then((reply) => recipeChoices(recipesReplySchema.parse(reply))),
          memory("recipe"),
        ),
        (value) => {
          form.recipe = value;
        },
      ),
    async () => {
      if (form.recipe !== "file") return undefined;
      const plans = (await vscode.workspace.findFiles("**/*.plan.json", "**/node_modules/**", 200)).map(
        ({ fsPath }) => fsPath,
      );
      return keep(
        await pick(place(2), "The plan", plans.map(fileChoice("notebook")), memory("plan")),
        (value) => {
          form.planFile = value;
        },
      );
    },
    async () => {
      if (form.recipe === "file") return undefined;
      const answer = await pick(
        place(2),
        "The model to begin with",
        doctor.then((reply) => modelChoices(reply, survey.models)),
        memory("model"),
      );
      if (typeof answer === "object" && answer.value === "") {
        const path = await browse(true);
        return path === undefined
          ? "left"
          : keep({ value: path }, (value) => {
              form.model = value;
            });
      }
      return keep(answer, (value) => {
        form.model = value;
      });
    },
    async () => {
      if (form.recipe === "file" || form.recipe === undefined) return undefined;
      const ending = form.recipe.data.replace(/^\*/, "");
      const found = survey.files.filter(
        ({ path }) => path.endsWith(ending) && !relative(form.workspace!, path).startsWith(".."),
      );
      if (found.length === 0) {
        void vscode.window.showWarningMessage(
          `MedE²: there is no *${ending} in ${form.workspace}. Run the demo, or write one first.`,
        );
        return "left";
      }
      return keep(
        await pick(
          place(3),
          `What to learn from (*${ending})`,
          found.map(({ path }) => fileChoice("database")(path)),
          memory(`data${ending}`),
        ),
        (value) => {
          form.data = value;
        },
      );
    },
    async () => {
      if (form.recipe === "file") return undefined;
      const answer = await pick(place(4), "How long", lengthChoices, memory("length"));
      if (typeof answer === "object" && answer.value === "other") {
        const entered = await enter(place(4), "Steps", "100", (text) =>
          /^[1-9]\d{0,6}$/.test(text) ? undefined : "A whole number above 0",
        );
        return typeof entered === "object"
          ? keep({ value: { steps: Number(entered.value) } }, (value) => {
              form.length = value;
            })
          : entered;
      }
      return keep(answer as Answer<Length>, (value) => {
        form.length = value;
      });
    },
    async () => {
      if (form.recipe === "file") return undefined;
      return keep(
        await pick<string>(place(5), "Engine and device", doctor.then(deviceChoices), memory("device")),
        (value) => {
          form.device = value;
        },
      );
    },
    async () => review(),
  ]);
  if (!went || form.planFile === undefined) return;
  await startPlan(services, form.planFile, form.workspace!, open);

  /** Lets the command make the plan, check it and estimate what it needs, and shows what it says. */
  async function review(): Promise<Answer<unknown>> {
    const recipe = form.recipe === "file" ? undefined : form.recipe;
    if (recipe !== undefined) form.planFile = await placeOfPlan(recipe);
    const file = form.planFile!;
    const reply = await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: "MedE²: checking the plan and estimating what it needs",
        cancellable: false,
      },
      async () =>
        planReplySchema.parse(
          await ask(
            recipe === undefined ? commands.checkPlan(file, form.workspace!) : planArguments(recipe, file),
          ),
        ),
    );
    const answer = await pick(
      place(6),
      reply.valid ? estimateText(reply) : "This plan cannot run",
      reviewChoices(reply, file),
      { state, name: "review" },
    );
    if (typeof answer === "object" && answer.value === "open") {
      await vscode.window.showTextDocument(vscode.Uri.file(file));
      return "left";
    }
    if (recipe !== undefined && answer !== "left" && (answer === "back" || answer.value === "no"))
      await rm(file, { force: true });
    return typeof answer === "object" && answer.value === "no" ? "left" : answer;
  }

  async function placeOfPlan({ name }: Exclude<Recipe, "file">): Promise<string> {
    const folder = join(form.workspace!, "plans");
    await mkdir(folder, { recursive: true });
    return join(folder, `${runName(name, new Date())}.plan.json`);
  }

  function planArguments({ name }: Exclude<Recipe, "file">, out: string): string[] {
    return commands.planFromRecipe({
      ...{ recipe: name, model: form.model!, data: form.data!, out },
      ...{ workspace: form.workspace!, ...form.length, device: form.device },
    });
  }
}
