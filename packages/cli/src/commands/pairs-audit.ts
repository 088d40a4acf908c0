import { existsSync } from "node:fs";
import type { PreferencePair, Verdict } from "@mede2/schemas";
import type { Command } from "commander";
import { addCommand, type Context, parse, pathOf, say } from "../command.ts";
import { CliError } from "../exit.ts";
import { addJudgeOptions, type JudgeOptions, openJudges } from "../preference/judges.ts";
import { printFields } from "../table.ts";

type AuditOptions = JudgeOptions & {
  readonly verdicts?: string;
  readonly doubtful: number;
  readonly doubtfulOut?: string;
  readonly calibrationOut?: string;
};

export function addPairsAudit(pairs: Command, context: Context): void {
  addJudgeOptions(
    addCommand(
      pairs,
      "audit",
      "bias, agreement, criteria and the most doubtful pairs of a set; reads people's verdicts",
      [
        "mede2 pairs audit stage2.pairs.jsonl --doubtful 50 --calibration-out stage2.calibration.json",
        "mede2 pairs audit stage2.pairs.jsonl --judge gemma-3-27b@http://127.0.0.1:8001/v1",
      ],
    )
      .argument("<pairs>", "*.pairs.jsonl")
      .option(
        "--verdicts <file>",
        "people's verdicts (default: *.verdicts.jsonl beside the pairs, where it is)",
      )
      .option("--doubtful <n>", "how many of the most doubtful pairs are listed", parse.positive, 20)
      .option("--doubtful-out <file>", "write those pairs as *.pairs.jsonl, to be reviewed")
      .option("--calibration-out <file>", "write what the verdicts say of judges and margins"),
  ).action((file: string, options: AuditOptions) => audit(file, options, context));
}

async function audit(file: string, options: AuditOptions, context: Context): Promise<void> {
  const { io, output } = context;
  const [
    { auditPairs, comparePair },
    {
      appendJsonl,
      preferencePairSchema,
      readAllJsonl,
      readJsonl,
      verdictSchema,
      writeFileAtomic,
      writeJsonlAtomic,
    },
  ] = await Promise.all([import("@mede2/preference"), import("@mede2/schemas")]);
  const path = pathOf(context, file);
  const stem = path.replace(/\.pairs\.jsonl$|\.jsonl$/, "");
  const read = async (from: string): Promise<Verdict[]> =>
    existsSync(from) ? readAllJsonl(from, verdictSchema) : [];
  const verdictFile =
    options.verdicts === undefined ? `${stem}.verdicts.jsonl` : pathOf(context, options.verdicts);
  if (options.verdicts !== undefined && !existsSync(verdictFile))
    throw new CliError("no-data", `${options.verdicts} does not exist`, "check the path");
  const verdicts = await read(verdictFile);
  const judgeFile = `${stem}.judge-verdicts.jsonl`;
  if (options.judge.length > 0) {
    const { judges } = await openJudges(options, `${stem}.judged`, context);
    const known = new Set((await read(judgeFile)).map(({ pairId, reviewer }) => `${pairId} ${reviewer}`));
    const progress = output.progress("judge");
    context.resumeHint = "the verdicts so far are kept; run the same command again to go on";
    let done = 0;
    for await (const pair of readJsonl(path, preferencePairSchema)) {
      io.stop.throwIfAborted();
      const left = judges.filter(({ name }) => !known.has(`${pair.id} judge:${name}`));
      const said = await Promise.all(
        left.map((judge) => comparePair(judge, pair, () => new Date(io.clock()), io.stop)),
      );
      await appendJsonl(judgeFile, said.flat(), { schema: verdictSchema });
      done += 1;
      progress.update(done, undefined, "pairs");
    }
    progress.clear();
  }
  const result = await auditPairs(readJsonl(path, preferencePairSchema), {
    ...{ verdicts, judgeVerdicts: await read(judgeFile), doubtful: options.doubtful },
  });
  if (options.calibrationOut !== undefined) {
    if (result.calibration === null)
      throw new CliError(
        "no-data",
        "there are no verdicts to calibrate by",
        `collect them in ${verdictFile}`,
      );
    await writeFileAtomic(
      pathOf(context, options.calibrationOut),
      `${JSON.stringify(result.calibration, null, 2)}\n`,
    );
  }
  if (options.doubtfulOut !== undefined) {
    const wanted = new Map(result.doubtful.map(({ pairId }, at) => [pairId, at]));
    const found: PreferencePair[] = [];
    for await (const pair of readJsonl(path, preferencePairSchema)) if (wanted.has(pair.id)) found.push(pair);
    found.sort((a, b) => wanted.get(a.id)! - wanted.get(b.id)!);
    await writeJsonlAtomic(pathOf(context, options.doubtfulOut), found, { schema: preferencePairSchema });
  }
  const { agreement, bias, criteria, doubtful, statistics } = result;
  const line = ({ value, low, high, n }: { value: number; low: number; high: number; n: number }) =>
    `${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}], n ${n}`;
  const lines = (title: string, of: Readonly<Record<string, Parameters<typeof line>[0]>>) =>
    Object.entries(of).map(([name, one]): [string, string] => [`${title} ${name}`, line(one)]);
  say(context, options, {
    json: { agreement, bias, criteria, doubtful, statistics, verdicts: result.verdicts },
    print: (to) => {
      printFields(to, [
        ["pairs", String(statistics.pairs)],
        ["verdicts", `${result.verdicts.read} on ${result.verdicts.pairs} pairs`],
        ...lines("agreement", agreement),
        ...lines("bias", bias),
        ...lines("chosen better:", criteria),
      ]);
      for (const { pairId, questionId, doubt, reasons } of doubtful.slice(0, 10))
        to.line(`${pairId} ${questionId}: ${doubt.toFixed(2)}, ${reasons.join("; ")}`);
    },
  });
}
