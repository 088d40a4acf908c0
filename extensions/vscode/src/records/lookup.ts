import type { DataFile } from "@mede2/runs";
import type { EvaluationRecord, Outcome, Question, Trace } from "@mede2/schemas";
import { type ByteSource, fileSource } from "../files/byte-source.ts";
import type { Related } from "./case-of.ts";
import { type Neighbours, neighboursOf } from "./neighbours.ts";
import type { ShownName } from "./parse-line.ts";
import { factsOf, type RecordFacts } from "./record-facts.ts";
import { type RecordFile, recordFile } from "./record-file.ts";

/** What other files of the workspace say, looked up by key. Each file is indexed once, when it is first asked, and kept open. */
export interface Lookup extends Related {
  /** The stem of a question that is known already, for lists; asks for more in the background. */
  stem(questionId: string): string | undefined;
  /** What the first evaluation beside this one says of a row. */
  readonly baseline: { readonly name: string; outcome(key: string): RecordFacts["outcome"] } | undefined;
  prepare(): Promise<void>;
  close(): Promise<void>;
}

const stageOrder = ["base", "stage0", "stage1", "stage2", null];
const mostOthers = 3;

/** Looks up what belongs to the records of `file` among `files`; `source` opens one of them. */
export function openLookup(
  file: string,
  files: readonly DataFile[],
  nameOf: (path: string) => string,
  source: (path: string) => ByteSource = fileSource,
): Lookup {
  const near: Neighbours = neighboursOf(file, files);
  const opened = new Map<string, Promise<Indexed>>();
  const stems = new Map<string, string>();
  const ended = new AbortController();
  let baseline: { name: string; outcomes: Map<string, RecordFacts["outcome"]> } | undefined;
  const index = (path: string) => {
    const known = opened.get(path) ?? indexFile(path, source(path), ended.signal);
    opened.set(path, known);
    return known;
  };
  const recordIn = async (paths: readonly string[], key: string) => {
    for (const path of paths) {
      const { file: records, places } = await index(path);
      const at = places.get(key);
      if (at === undefined) continue;
      const found = await records.read(at);
      if ("ok" in found) return found.ok;
    }
    return undefined;
  };
  const outcome = async (traceId: string, paths = near.evaluations): Promise<Outcome | undefined> => {
    const record = await recordIn(paths, `trace\n${traceId}`);
    return record?.record === "evaluation-record" ? record.outcome : undefined;
  };
  const question = async (id: string): Promise<Question | undefined> => {
    const record = await recordIn(near.questions, `question\n${id}`);
    if (record === undefined) return undefined;
    const found = record.record === "question" ? record : "question" in record ? record.question : undefined;
    if (found !== undefined && stems.size < 200_000) stems.set(id, found.stem.slice(0, 400));
    return found;
  };

  return {
    question,
    outcome: (traceId) => outcome(traceId),
    async trace(id): Promise<Trace | undefined> {
      const record = await recordIn(near.traces, `id\n${id}`);
      return record?.record === "trace" ? record : undefined;
    },
    async others(trace) {
      const found: Awaited<ReturnType<Related["others"]>> = [];
      for (const path of near.otherTraces) {
        const record = await recordIn([path], factsOf(trace).key);
        if (record?.record !== "trace" || record.id === trace.id) continue;
        const folder = path.slice(0, path.lastIndexOf("/") + 1);
        const grades = files
          .filter(({ path: other, record: name }) => name === "evaluation-record" && other.startsWith(folder))
          .map(({ path: other }) => other);
        found.push({ trace: record, outcome: await outcome(record.id, grades), from: nameOf(path) });
      }
      return found
        .sort((a, b) => stageOrder.indexOf(a.trace.stage) - stageOrder.indexOf(b.trace.stage))
        .slice(0, mostOthers);
    },
    stem: (id) => stems.get(id),
    get baseline() {
      const known = baseline;
      return known === undefined
        ? undefined
        : { name: known.name, outcome: (key: string) => known.outcomes.get(key) };
    },
    async prepare() {
      for (const path of near.questions.slice(0, 12))
        for (const [id, stem] of (await index(path)).stems) stems.set(id, stem);
      const first = near.otherEvaluations[0];
      if (first !== undefined) baseline = { name: nameOf(first), outcomes: (await index(first)).outcomes };
    },
    async close() {
      ended.abort();
      for (const each of opened.values()) await (await each).file.close();
      opened.clear();
    },
  };
}

interface Indexed {
  readonly file: RecordFile;
  readonly places: ReadonlyMap<string, number>;
  readonly stems: ReadonlyMap<string, string>;
  readonly outcomes: Map<string, RecordFacts["outcome"]>;
}

const kinds: readonly [string, ShownName][] = [
  [".questions.jsonl", "question"],
  [".demonstrations.jsonl", "demonstration"],
  [".pairs.jsonl", "preference-pair"],
  [".trace.jsonl", "trace"],
  [".evaluation.jsonl", "evaluation-record"],
];

/** The keys of a file's records: `question\n<id>`, `id\n<trace id>`, `trace\n<trace id>` of grades, and those of `factsOf`. */
async function indexFile(path: string, source: ByteSource, signal: AbortSignal): Promise<Indexed> {
  const record = kinds.find(([ending]) => path.endsWith(ending))![1];
  const file = recordFile(source, record, path);
  const [places, stems, outcomes] = [
    new Map<string, number>(),
    new Map<string, string>(),
    new Map<string, RecordFacts["outcome"]>(),
  ];
  try {
    while (!file.index.done && !signal.aborted) await file.index.advance(1 << 24);
    let since = performance.now();
    for await (const { at, found } of file.scan(0, signal)) {
      if ("ok" in found) {
        const { ok } = found;
        const question =
          ok.record === "question" ? ok : "question" in ok ? (ok.question as Question) : undefined;
        if (question !== undefined) {
          if (!places.has(`question\n${question.id}`)) places.set(`question\n${question.id}`, at);
          stems.set(question.id, question.stem.slice(0, 400));
        }
        if (ok.record === "trace") places.set(`id\n${ok.id}`, at);
        if (ok.record === "evaluation-record") places.set(`trace\n${(ok as EvaluationRecord).traceId}`, at);
        const { key, outcome } = factsOf(ok);
        if (!places.has(key)) places.set(key, at);
        if (outcome !== undefined) outcomes.set(key, outcome);
      }
      if (performance.now() - since > 20) {
        await new Promise((resolve) => setImmediate(resolve)); // the extension host has other things to do as well
        since = performance.now();
      }
    }
  } catch (error) {
    if (typeof (error as { errno?: unknown }).errno !== "number") throw error; // a file that went away has no records
  }
  return { file, places, stems, outcomes };
}
