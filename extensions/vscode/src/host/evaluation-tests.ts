import { basename, dirname } from "node:path";
import {
  type EvaluationRecord,
  evaluationRecordSchema,
  type Question,
  readJsonlLenient,
} from "@mede2/schemas";
import * as vscode from "vscode";
import { openLookup } from "../records/lookup.ts";
import { wordedAnswer, wordedGold } from "../records/question-view.ts";
import { oneLine } from "../records/visible-text.ts";
import { splitName } from "../runs/run-name.ts";
import { folderOf } from "./folders.ts";
import type { Services } from "./services.ts";

const mostTests = 5000;

/** Evaluations in the Test Explorer: a file is a suite, a graded answer a test. To run one is to read what its records say. */
export function evaluationTests(services: Services): vscode.Disposable {
  const controller = vscode.tests.createTestController("mede2.evaluations", "MedE² Evaluations");
  const find = async () => {
    const files = await services.surveys.files("evaluation-record");
    controller.items.replace(
      files.map(({ path }) => {
        const { short, when } = splitName(basename(dirname(path)));
        const label = `${short} · ${basename(path, ".evaluation.jsonl")}`;
        const item = controller.createTestItem(path, label, vscode.Uri.file(path));
        item.description = when;
        item.canResolveChildren = true;
        return item;
      }),
    );
  };
  const resolve = async (file: vscode.TestItem): Promise<EvaluationRecord[]> => {
    const records: EvaluationRecord[] = [];
    const items: vscode.TestItem[] = [];
    for await (const line of readJsonlLenient(file.id, evaluationRecordSchema)) {
      if (records.length >= mostTests) break;
      if ("error" in line) continue;
      const { ok: record } = line;
      const condition = record.images === "real" ? "" : ` · ${record.images}`;
      const item = controller.createTestItem(
        `${file.id}\n${records.length}`,
        `${oneLine(record.questionId, 100)}${condition}`,
        file.uri,
      );
      item.range = new vscode.Range(line.line - 1, 0, line.line - 1, 0);
      records.push(record);
      items.push(item);
    }
    file.children.replace(items);
    if (records.length >= mostTests) file.description = `the first ${mostTests}`;
    return records;
  };
  controller.resolveHandler = async (item) => (item === undefined ? find() : void (await resolve(item)));
  controller.refreshHandler = find;
  controller.createRunProfile(
    "Read the records",
    vscode.TestRunProfileKind.Run,
    async ({ include }, cancel) => {
      const run = controller.createTestRun(new vscode.TestRunRequest(include), "MedE²");
      const wanted = include ?? [...controller.items].map(([, item]) => item);
      const files = new Set(wanted.map((item) => item.parent ?? item));
      for (const file of files) {
        if (cancel.isCancellationRequested) break;
        const chosen = new Set(wanted.filter(({ parent }) => parent === file).map(({ id }) => id));
        const records = await resolve(file);
        const top = folderOf(file.id);
        const lookup = openLookup(
          file.id,
          top === undefined ? [] : (await services.surveys.of(top)).files,
          basename,
        );
        for (const [index, record] of records.entries()) {
          const item = file.children.get(`${file.id}\n${index}`);
          if (
            item === undefined ||
            cancel.isCancellationRequested ||
            (chosen.size > 0 && !chosen.has(item.id))
          )
            continue;
          await report(run, item, record, () => lookup.question(record.questionId));
        }
        await lookup.close();
      }
      run.end();
    },
    true,
  );
  return controller;
}

async function report(
  run: vscode.TestRun,
  item: vscode.TestItem,
  record: EvaluationRecord,
  find: () => Promise<Question | undefined>,
) {
  const { outcome, answer } = record;
  if ("excluded" in outcome) return run.skipped(item);
  const right = "score" in outcome ? outcome.score === 1 : outcome.correct;
  if (right) return run.passed(item);
  const question = await find();
  const wanted =
    question === undefined ? "unknown: the question is not in this workspace" : wordedGold(question);
  const given = answer.status === "found" ? wordedAnswer(answer, question) : answer.status;
  const what = "score" in outcome ? `a score of ${outcome.score}` : `${record.model.name} answered otherwise`;
  const message = vscode.TestMessage.diff(oneLine(what, 200), wanted, given);
  if (item.uri !== undefined && item.range !== undefined)
    message.location = new vscode.Location(item.uri, item.range);
  run.failed(item, message);
}
