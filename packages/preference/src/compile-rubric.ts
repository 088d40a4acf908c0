import { problemSentence, problemsOf } from "@mede2/schemas";
import type { CheckResult, TraceCheck } from "./checks/check.ts";
import { traceChecks } from "./checks/index.ts";
import { PreferenceError } from "./preference-error.ts";
import { type Rubric, rubricSchema } from "./rubric.ts";
import type { TraceContext } from "./trace-context.ts";

/** A check with its settings in place. */
export interface ReadyCheck {
  name: string;
  run(context: TraceContext): CheckResult;
}

export type JudgeQuestion = NonNullable<Rubric["criteria"][string]["judge"]>;

export interface CompiledRubric {
  rubric: Rubric;
  gates: { name: string; atLeast: number; check: ReadyCheck }[];
  criteria: {
    name: string;
    weight: number;
    floor: number;
    parts: { weight: number; check: ReadyCheck }[];
    combine: "mean" | "worst";
    judge: JudgeQuestion | undefined;
  }[];
}

const compiled = new WeakMap<Rubric, CompiledRubric>();

/** A rubric ready to use; the same object is read once. Throws a PreferenceError "invalid-rubric" or "unknown-check". */
export function compileRubric(rubric: Rubric): CompiledRubric {
  const known = compiled.get(rubric);
  if (known !== undefined) return known;
  const { data, error } = rubricSchema.safeParse(rubric);
  if (error !== undefined)
    throw new PreferenceError("invalid-rubric", `rubric: ${problemSentence(problemsOf(error, rubric))}`);
  const made = new Map<string, ReadyCheck>();
  /** A gate and a criterion that ask for the same with the same settings share the check, which is then run once a trace. */
  const ready = (name: string, settings: object, place: string): ReadyCheck => {
    const key = `${name} ${JSON.stringify(settings)}`;
    const before = made.get(key);
    if (before !== undefined) return before;
    const check = readyCheck(name, settings, place);
    made.set(key, check);
    return check;
  };
  const result: CompiledRubric = {
    rubric: data,
    gates: Object.entries(data.gates).map(([name, { atLeast, check, ...settings }]) => ({
      name,
      atLeast,
      check: ready(check, settings, `gates.${name}`),
    })),
    criteria: Object.entries(data.criteria).map(
      ([name, { weight, floor, parts, combine = "mean", judge }]) => ({
        name,
        weight,
        floor,
        combine,
        judge,
        parts: parts.map(({ weight, check, ...settings }, at) => ({
          weight,
          check: ready(check, settings, `criteria.${name}.parts.${at}`),
        })),
      }),
    ),
  };
  compiled.set(rubric, result);
  return result;
}

function readyCheck(name: string, settings: object, place: string): ReadyCheck {
  const check: TraceCheck | undefined = Object.hasOwn(traceChecks, name)
    ? traceChecks[name as keyof typeof traceChecks]
    : undefined;
  if (check === undefined)
    throw new PreferenceError(
      "unknown-check",
      `rubric: ${place} names the check ${JSON.stringify(name)}; there are ${Object.keys(traceChecks).join(", ")}`,
    );
  const { data, error } = check.settings.safeParse(settings);
  if (error !== undefined)
    throw new PreferenceError(
      "invalid-rubric",
      `rubric: ${place} (${name}): ${problemSentence(problemsOf(error, settings))}`,
    );
  let last: { context: TraceContext; result: CheckResult } | undefined;
  return {
    name,
    run(context) {
      if (last?.context !== context) last = { context, result: check.run(context, data) };
      return last.result;
    },
  };
}
