import { basename, dirname, relative, sep } from "node:path";
import type { DataFile } from "@mede2/runs";

/** Files in which the rest of a record may stand, nearest first. */
export interface Neighbours {
  readonly questions: readonly string[];
  readonly traces: readonly string[];
  readonly evaluations: readonly string[];
  /** Answers of other models: in the folders beside this one. */
  readonly otherTraces: readonly string[];
  /** Evaluations of other models of the same name, in the folders beside this one. */
  readonly otherEvaluations: readonly string[];
}

/** Bigger files are not looked through for a single question. */
const mostBytes = 1 << 28;

export function neighboursOf(file: string, files: readonly DataFile[]): Neighbours {
  const here = dirname(file);
  const usable = files.filter(({ bytes }) => bytes <= mostBytes);
  const near = (a: string, b: string) => distance(here, a) - distance(here, b) || (a < b ? -1 : 1);
  const of = (record: string) =>
    usable
      .filter((other) => other.record === record)
      .map(({ path }) => path)
      .sort(near);
  const besides = (paths: readonly string[]) =>
    paths.filter((path) => dirname(path) !== here && dirname(dirname(path)) === dirname(here));
  const [traces, evaluations] = [of("trace"), of("evaluation-record")];
  return {
    questions: [...of("question"), ...of("demonstration"), ...of("preference-pair")],
    traces: traces.filter((path) => dirname(path) === here),
    evaluations: evaluations.filter((path) => dirname(path) === here),
    otherTraces: besides(traces).filter(
      (path) =>
        sameSet(here, dirname(path)) &&
        basename(path) === (file.endsWith(".trace.jsonl") ? basename(file) : basename(path)),
    ),
    otherEvaluations: besides(evaluations).filter(
      (path) => basename(path) === basename(file) && sameSet(here, dirname(path)),
    ),
  };
}

/** Folders up and down from one to the other. */
function distance(from: string, path: string): number {
  return relative(from, dirname(path))
    .split(sep)
    .filter((part) => part !== "").length;
}

/**
 * Whether two folders of evaluations are of the same set: the demo names them MODEL-SET, so that what follows the model must agree. Folders without
 * a dash stand for models alone.
 */
function sameSet(a: string, b: string): boolean {
  const set = (folder: string) => /-(.*)$/.exec(basename(folder))?.[1] ?? "";
  return set(a) === set(b);
}
