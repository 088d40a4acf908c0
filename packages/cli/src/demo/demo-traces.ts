import { join } from "node:path";
import { evaluationFiles } from "@mede2/eval";
import { type DemoStage, evaluationFolder } from "@mede2/recipes";
import {
  type EvaluationRecord,
  evaluationRecordSchema,
  type Question,
  questionSchema,
  readAllJsonl,
  type Trace,
  traceSchema,
} from "@mede2/schemas";
import { printColumns, wrapped } from "../columns.ts";
import { bold, dim, type Output, type Piece } from "../output.ts";
import { printable } from "../printable.ts";

const stages = ["base", "stage1", "stage2"] as const satisfies readonly DemoStage[];
type Sides = Readonly<Record<DemoStage, { readonly trace: Trace; readonly right: boolean }>>;

/** A question with the answers of the three models to its own image, and why it is shown. */
export type ShownTraces = { readonly why: string; readonly question: Question; readonly sides: Sides };

/** One question of each kind, the first in the order of the set: those that a stage won, and one that it lost. */
const kinds: readonly { readonly why: string; fits(sides: Sides): boolean }[] = [
  {
    why: "Stage II is right where Stage I was wrong",
    fits: ({ stage1, stage2 }) => stage2.right && !stage1.right,
  },
  {
    why: "Stage I is right where the base was wrong",
    fits: ({ base, stage1 }) => stage1.right && !base.right,
  },
  {
    why: "Stage II is wrong where Stage I was right",
    fits: ({ stage1, stage2 }) => !stage2.right && stage1.right,
  },
];

/** Answers on the set held out by combination, for looking at. */
export async function chooseTraces(workspace: string): Promise<ShownTraces[]> {
  const questions = await readAllJsonl(
    join(workspace, "data/test-combination.questions.jsonl"),
    questionSchema,
  );
  const answers = await Promise.all(
    stages.map(async (stage) => [stage, await answersOf(workspace, stage)] as const),
  );
  const shown: ShownTraces[] = [];
  for (const { why, fits } of kinds) {
    for (const question of questions) {
      const sides = Object.fromEntries(answers.map(([stage, of]) => [stage, of.get(question.id)]));
      if (
        shown.some((other) => other.question.id === question.id) ||
        Object.values(sides).includes(undefined)
      )
        continue;
      if (!fits(sides as Sides)) continue;
      shown.push({ why, question, sides: sides as Sides });
      break;
    }
  }
  return shown;
}

async function answersOf(
  workspace: string,
  stage: DemoStage,
): Promise<Map<string, { trace: Trace; right: boolean }>> {
  const { traces, records } = evaluationFiles(
    evaluationFolder(workspace, stage, "combination"),
    "ward-combination",
  );
  const byId = new Map((await readAllJsonl(traces, traceSchema)).map((trace) => [trace.id, trace]));
  const real = (await readAllJsonl(records, evaluationRecordSchema)).filter(
    ({ images, sample }) => images === "real" && sample === 0,
  );
  return new Map(
    real.flatMap((record) => {
      const trace = byId.get(record.traceId);
      return trace === undefined ? [] : [[record.questionId, { trace, right: isRight(record) }] as const];
    }),
  );
}

const isRight = ({ outcome }: EvaluationRecord): boolean => "correct" in outcome && outcome.correct === true;

/** Prints them side by side, or one below the other where the terminal is narrow. */
export function printTraces(output: Output, shown: readonly ShownTraces[], width: number): void {
  for (const { why, question, sides } of shown) {
    const { gold } = question;
    output.line();
    output.line(bold(why), dim(`  ${question.id}`));
    for (const line of wrapped(printable(question.stem.replaceAll("<image>", "[image]")), width))
      output.line(line);
    const rights =
      "labels" in gold
        ? gold.labels.map((label) => question.options[label.charCodeAt(0) - 65] ?? label).join(", ")
        : "";
    output.line(dim("options "), question.options.join("; "), dim("   right "), rights);
    const cells = stages.map((stage): { title: Piece; text: string } => ({
      title: {
        text: `${{ base: "base", stage1: "Stage I", stage2: "Stage II" }[stage]}: ${sides[stage].right ? "right" : "wrong"}`,
        style: sides[stage].right ? "green" : "red",
      },
      text: sides[stage].trace.text,
    }));
    printColumns(output, cells, width);
  }
}
