import { fromInspect, type InspectError, openInspectLog } from "@mede2/inspect-log";
import type { Question, Trace } from "@mede2/schemas";
import type { ShowImage } from "./case-of.ts";
import type { Lookup } from "./lookup.ts";
import type { ReadRecord, RecordFile } from "./record-file.ts";

const entryBytes = 1 << 27;
const mostPictureBytes = 1 << 23;
const kept = 200;
const drawn = new Set(["image/png", "image/jpeg", "image/webp"]);

/** A log of Inspect as a file of graded answers: each sample is a record, and brings its own question, answer and pictures. */
export interface InspectFile {
  readonly file: RecordFile;
  readonly lookup: Lookup;
  readonly showImage: ShowImage;
}

/** Opens a `.eval`. Samples are read when they come into view. Throws an InspectError when it is no such log. */
export async function openInspectFile(path: string, name: string): Promise<InspectFile> {
  const log = await openInspectLog(path, { entryBytes });
  const questions = recent<Question>();
  const traces = recent<Trace>();
  const pictures = recent<string>();
  const read = async (at: number): Promise<ReadRecord> => {
    const key = log.samples[at];
    if (key === undefined) throw new RangeError(`there is no sample ${at} among ${log.samples.length}`);
    try {
      const found = fromInspect(log.header, await log.sample(key));
      questions.set(found.question.id, found.question);
      traces.set(found.trace.id, found.trace);
      for (const [index, { mime, bytes }] of found.pictures.entries()) {
        const ref = found.question.images[index];
        if (ref !== undefined && drawn.has(mime) && bytes.length <= mostPictureBytes)
          pictures.set(ref.sha256, `data:${mime};base64,${Buffer.from(bytes).toString("base64")}`);
      }
      return {
        ok: found.record,
        text: `${JSON.stringify(found.record)} ${found.question.stem} ${found.trace.text}`,
      };
    } catch (error) {
      if ((error as { name?: string }).name === "InspectError")
        return { fault: (error as InspectError).message };
      return {
        fault: `${name}: sample ${key.id} cannot be shown: ${error instanceof Error ? error.message : String(error)}`,
      };
    }
  };
  const file: RecordFile = {
    ...{ name, record: "evaluation-record" },
    index: {
      ...{ count: log.samples.length, scanned: log.samples.length, done: true },
      advance: async () => false,
    },
    read,
    async *scan(from, signal) {
      for (let at = from; at < log.samples.length && !signal.aborted; at++)
        yield { at, found: await read(at) };
    },
    close: async () => log.close(),
  };
  const lookup: Lookup = {
    question: async (id) => questions.get(id),
    trace: async (id) => traces.get(id),
    outcome: async () => undefined,
    others: async () => [],
    stem: (id) => questions.get(id)?.stem,
    baseline: undefined,
    prepare: async () => {},
    close: async () => {},
  };
  return {
    ...{ file, lookup },
    showImage: ({ sha256 }) => {
      const source = pictures.get(sha256);
      return source === undefined ? { reason: "it is not in the log, or not drawn here" } : { source };
    },
  };
}

/** A map that forgets the oldest. */
function recent<T>() {
  const map = new Map<string, T>();
  return {
    get: (key: string) => map.get(key),
    set(key: string, value: T) {
      map.delete(key);
      map.set(key, value);
      const [oldest] = map.keys();
      if (map.size > kept && oldest !== undefined) map.delete(oldest);
    },
  };
}
