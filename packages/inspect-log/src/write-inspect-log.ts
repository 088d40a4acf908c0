import { createHash } from "node:crypto";
import { InspectError } from "./inspect-error.ts";
import type { InspectSample } from "./log-schema.ts";
import { stringifyLooseJson } from "./loose-json.ts";
import { type Tally, tally } from "./score-tally.ts";
import { scoreValue } from "./score-value.ts";
import { summaryOf } from "./summary-of.ts";
import { writeZip, type ZipText } from "./write-zip.ts";

/** What stands at the head of a log, beside its samples. */
export interface NewInspectLog {
  task: string;
  model: string;
  created: Date;
  /** Default: `created`. */
  completed?: Date;
  dataset: { name: string; location?: string };
  /** Settings of the task, such as the condition of the images. */
  taskArgs?: Readonly<Record<string, unknown>>;
  /** How answers were drawn, by Inspect's names: temperature, top_p, max_tokens, seed. */
  generate?: Readonly<Record<string, number>>;
  metadata?: Readonly<Record<string, unknown>>;
  tags?: readonly string[];
  /** Names and versions of what made it. */
  packages?: Readonly<Record<string, string>>;
}

export interface WrittenInspectLog {
  path: string;
  samples: number;
  /** Of each scorer: samples with a score and without, and the mean over the samples of their epochs' means. */
  scores: Tally[];
}

/** Where a log of this head belongs in a folder: `<time>_<task>_<id>.eval`, as Inspect names it. */
export function inspectLogName(log: Pick<NewInspectLog, "task" | "model" | "created" | "taskArgs">): string {
  const time = log.created.toISOString().slice(0, 19).replaceAll(":", "-");
  return `${time}-00-00_${log.task.replace(/[^\w.-]+/g, "-").slice(0, 80)}_${idsOf(log).task_id}.eval`;
}

/**
 * Writes an `.eval` log (version 2), deflated, one sample in memory at a time. A file under that name is replaced when the new one is whole. Throws an InspectError when two samples
 * have the same id and epoch.
 */
export async function writeInspectLog(
  path: string,
  log: NewInspectLog,
  samples: AsyncIterable<InspectSample> | Iterable<InspectSample>,
): Promise<WrittenInspectLog> {
  const scores = tally();
  const spec = specOf(log);
  const plan = { name: "plan", steps: [], config: log.generate ?? {} };
  let count = 0;
  async function* entries(): AsyncGenerator<ZipText> {
    yield { name: "_journal/start.json", text: stringifyLooseJson({ version: 2, eval: spec, plan }) };
    const seen = new Set<string>();
    const ids = new Set<string | number>();
    const summaries: string[] = [];
    const usage = { input_tokens: 0, output_tokens: 0, total_tokens: 0 };
    let epochs = 1;
    let failed = 0;
    for await (const sample of samples) {
      const name = `samples/${sample.id}_epoch_${sample.epoch}.json`;
      if (seen.has(name))
        throw new InspectError(
          "sample-twice",
          `the sample ${sample.id} of epoch ${sample.epoch} occurs twice`,
        );
      seen.add(name);
      ids.add(sample.id);
      count += 1;
      epochs = Math.max(epochs, sample.epoch);
      if (sample.error) failed += 1;
      for (const [scorer, score] of Object.entries(sample.scores ?? {}))
        scores.add(scorer, sample.id, scoreValue(score));
      for (const used of Object.values(sample.model_usage ?? {}))
        for (const key of Object.keys(usage) as (keyof typeof usage)[]) usage[key] += used[key] ?? 0;
      summaries.push(stringifyLooseJson(summaryOf(sample)));
      yield { name, text: stringifyLooseJson(sample) };
    }
    yield { name: "summaries.json", text: `[${summaries.join(",")}]` };
    const time = (log.completed ?? log.created).toISOString();
    yield {
      name: "header.json",
      text: stringifyLooseJson({
        version: 2,
        status: "success",
        eval: {
          ...spec,
          dataset: { ...spec.dataset, samples: ids.size },
          config: { ...spec.config, epochs },
        },
        plan,
        results: {
          total_samples: count,
          completed_samples: count - failed,
          scores: scores.scores().map((one) => evalScore(one, epochs)),
        },
        stats: {
          started_at: spec.created,
          completed_at: time,
          model_usage: { [log.model]: usage },
          role_usage: {},
        },
        invalidated: false,
      }),
    };
  }
  await writeZip(path, entries(), log.created);
  return { path, samples: count, scores: scores.scores() };
}

function specOf(log: NewInspectLog) {
  const { task, model, created, dataset, taskArgs = {}, generate = {}, metadata, tags, packages = {} } = log;
  return {
    ...idsOf(log),
    created: created.toISOString(),
    task,
    task_version: 0,
    task_attribs: {},
    task_args: taskArgs,
    task_args_passed: taskArgs,
    dataset: {
      name: dataset.name,
      ...(dataset.location === undefined ? {} : { location: dataset.location }),
    },
    model,
    model_generate_config: generate,
    model_args: {},
    config: {},
    packages,
    ...(tags === undefined ? {} : { tags }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

/** The same evaluation gets the same ids, whenever it is written. */
function idsOf(log: Pick<NewInspectLog, "task" | "model" | "created" | "taskArgs">) {
  const { task, model, created, taskArgs = {} } = log;
  const id = (what: string) =>
    createHash("sha256")
      .update(JSON.stringify([what, task, model, created.getTime(), taskArgs]))
      .digest("hex")
      .slice(0, 22);
  return { eval_id: id("eval"), run_id: id("run"), task_id: id("task") };
}

function evalScore({ scorer, scored, unscored, mean, standardError }: Tally, epochs: number) {
  const metric = (name: string, value: number) => ({ [name]: { name, value, params: {} } });
  return {
    name: scorer,
    scorer,
    ...(epochs > 1 ? { reducer: "mean" } : {}),
    scored_samples: scored,
    unscored_samples: unscored,
    params: {},
    metrics:
      mean === null ? {} : { ...metric("accuracy", mean), ...metric("stderr", standardError ?? Number.NaN) },
  };
}
