import { existsSync } from "node:fs";
import { delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import type { ExportFormat } from "@mede2/preference";
import { runPlaces } from "@mede2/runs";
import {
  isTrainingPlan,
  type RunManifest,
  readRecord,
  runManifestSchema,
  type TrainingPlan,
} from "@mede2/schemas";
import type { Emission } from "./emit/emission.ts";
import { type EngineParts, emitRun, readEmitted } from "./emit/emit-run.ts";
import type { EmittedRun, Engine, EngineContext } from "./engine.ts";
import { EngineError } from "./engine-error.ts";
import type { Finding } from "./finding.ts";
import { collectCheckpoint } from "./follow/collect.ts";
import { engineFolder, superviseRun } from "./follow/supervise.ts";
import { wholeCheckpoints } from "./follow/whole-checkpoints.ts";
import type { LaunchTarget } from "./launch/launcher.ts";
import { launcherOf } from "./launch/launchers.ts";
import { targetDirOf } from "./launch/ssh.ts";
import { preflight } from "./preflight/preflight.ts";

/** What tells one outside engine from another. */
export type OutsideKind = {
  readonly name: EmittedRun["engine"];
  readonly format: ExportFormat;
  /** Its executable, by the folder of its environment; by the PATH without one. */
  program(folder: string | undefined): string;
  emit(emission: Emission, program: string): EngineParts | Promise<EngineParts>;
};

/** An engine that runs outside, by files and a launcher. */
export function outsideEngine(kind: OutsideKind): Engine {
  const emit = async (plan: TrainingPlan, dir: string, context: EngineContext): Promise<EmittedRun> => {
    const program = kind.program(context.engineDir);
    return emitRun(kind.name, kind.format, (emission) => kind.emit(emission, program), plan, dir, context);
  };
  return {
    name: kind.name,
    async preflight(plan, context) {
      const { findings, estimate } = await preflight(plan, kind.name, context);
      const missing = (plan.launcher?.name ?? "local") === "local" ? missingProgram(kind, context) : [];
      return {
        findings: [...missing, ...(await checkLaunch(plan)), ...findings],
        ...(estimate === undefined || missing.length > 0 ? {} : { estimate }),
      };
    },
    emit,
    start(runDir, manifest, context) {
      const stop = new AbortController();
      return { done: run(runDir, manifest, context, emit, stop.signal), stop: () => stop.abort() };
    },
    async collect(runDir, writer, { workspace }) {
      const newest = (await wholeCheckpoints(await readEmitted(engineFolder(runDir)))).at(-1);
      if (newest === undefined) return undefined;
      const plan = trainingPlan(await readRecord(runPlaces.manifest(runDir), runManifestSchema));
      return collectCheckpoint(runDir, plan, workspace, newest, writer);
    },
  };
}

async function run(
  runDir: string,
  manifest: RunManifest,
  context: EngineContext,
  emit: Engine["emit"],
  signal: AbortSignal,
) {
  const plan = trainingPlan(manifest);
  const target = targetOf(plan);
  const launcher = launcherOf(target.name);
  const faults = (await checkLaunch(plan)).filter(({ level }) => level === "error");
  if (faults[0] !== undefined)
    throw new EngineError(
      "launcher",
      faults.map(({ message }) => message).join("; "),
      faults[0].next ?? "see the plan's launcher",
    );
  const targetDir = context.targetDir ?? targetDirOf(target, runName(runDir));
  return superviseRun(runDir, {
    ...{ manifest, plan, launcher, target, signal, workspace: context.workspace },
    emit: (dir) => emit(plan, dir, { ...context, ...(targetDir === undefined ? {} : { targetDir }) }),
  });
}

function trainingPlan({ plan }: RunManifest): TrainingPlan {
  if (isTrainingPlan(plan)) return plan;
  throw new EngineError("plan-kind", `a plan of kind ${plan.kind} does not train`, "run it by its command");
}

const targetOf = ({ launcher }: TrainingPlan): LaunchTarget =>
  ({ name: "local", ...launcher }) as LaunchTarget;

/** Whether the plan's launcher can be used from here, and what its settings lack. */
export async function checkLaunch(plan: TrainingPlan): Promise<readonly Finding[]> {
  const target = targetOf(plan);
  return launcherOf(target.name).check(target);
}

/** Whether the engine is here: on a cluster that is for the job to find out. */
function missingProgram(kind: OutsideKind, { engineDir }: EngineContext): Finding[] {
  const program = kind.program(engineDir);
  const places = isAbsolute(program)
    ? [program]
    : (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, program));
  if (places.some((path) => existsSync(path))) return [];
  return [
    {
      level: "error",
      code: "not-installed",
      message: `${kind.name}: there is no program ${program}${isAbsolute(program) ? "" : " on the PATH"}`,
      next: "make its environment (docs/engines.md) and name its folder with --engine-dir",
    },
  ];
}

/** The name of a run among the launcher's. */
const runName = (runDir: string): string => resolve(runDir).slice(dirname(resolve(runDir)).length + 1);

/** The executable of an environment's folder, or its name alone. */
export const programIn = (folder: string | undefined, name: string): string =>
  folder === undefined ? name : join(folder, "bin", name);
