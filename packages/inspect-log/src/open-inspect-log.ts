import type { z } from "zod";
import { withAttachments } from "./attachments.ts";
import { InspectError } from "./inspect-error.ts";
import {
  type InspectHeader,
  type InspectSample,
  type InspectSummary,
  inspectHeaderSchema,
  inspectSampleSchema,
  inspectSummarySchema,
} from "./log-schema.ts";
import { parseLooseJson } from "./loose-json.ts";
import { readChunkedSample } from "./read-chunked-sample.ts";
import { chunkStarts, type SampleKey, samplePlaces } from "./sample-entries.ts";
import { openZip, type ZipLimits } from "./zip-entries.ts";

/** A log, read entry by entry. */
export interface InspectLog {
  readonly path: string;
  readonly header: InspectHeader;
  /** The log has no header yet: it is being written, or its writer died. */
  readonly unfinished: boolean;
  /** All samples, by the file's directory alone. */
  readonly samples: readonly SampleKey[];
  /** A line for each sample, without texts; what was journaled, where the log is unfinished. */
  summaries(): Promise<InspectSummary[]>;
  /** One sample, its attachments in place. Only its own entries are read. */
  sample(key: { id: string | number; epoch: number }): Promise<InspectSample>;
  /** Every sample, one in memory at a time. */
  eachSample(): AsyncGenerator<InspectSample>;
  close(): void;
}

/**
 * Opens an `.eval` log: a ZIP of JSON (`inspect_ai/log/_recorders/eval.py`). Reads the directory and the header, however large the file is. Throws an
 * InspectError that names the file and the entry.
 */
export async function openInspectLog(path: string, limits: ZipLimits = {}): Promise<InspectLog> {
  const zip = await openZip(path, limits);
  const json = async (name: string): Promise<unknown> => {
    const text = Buffer.from(await zip.read(name)).toString("utf8");
    try {
      return parseLooseJson(text);
    } catch (cause) {
      throw new InspectError("not-json", `${path}: ${name} is no JSON (${(cause as Error).message})`, cause);
    }
  };
  const read = async <S extends z.ZodType>(name: string, schema: S): Promise<z.infer<S>> =>
    checked(schema, await json(name), `${path}: ${name}`);
  const list = async (name: string): Promise<InspectSummary[]> => {
    const value = await json(name);
    if (!Array.isArray(value)) throw new InspectError("not-a-log", `${path}: ${name} is no list`);
    return value.map((item) => checked(inspectSummarySchema, item, `${path}: ${name}`) as InspectSummary);
  };
  try {
    const unfinished = !zip.names.has("header.json");
    if (unfinished && !zip.names.has(start))
      throw new InspectError(
        "not-a-log",
        `${path} has neither header.json nor ${start}: it is no log of Inspect`,
      );
    const header = unfinished
      ? checked(
          inspectHeaderSchema,
          { status: "started", ...((await json(start)) as object) },
          `${path}: ${start}`,
        )
      : await read("header.json", inspectHeaderSchema);
    const places = samplePlaces(zip.names);
    const byKey = new Map(places.map((place) => [keyOf(place), place]));
    let chunks: ReturnType<typeof chunkStarts> | undefined;
    const log: InspectLog = {
      path,
      header: header as InspectHeader,
      unfinished,
      samples: places.map(({ id, epoch }) => ({ id, epoch })),
      close: () => zip.close(),
      async summaries() {
        if (zip.names.has("summaries.json")) return list("summaries.json");
        const last = new Map<string, InspectSummary>(); // a sample that was run again replaces the first
        for (const name of journal(zip.names))
          for (const summary of await list(name)) last.set(keyOf(summary), summary);
        return [...last.values()];
      },
      async sample(key) {
        const place = byKey.get(keyOf(key));
        if (place === undefined)
          throw new InspectError("entry-missing", `${path} has no sample ${key.id} of epoch ${key.epoch}`);
        if (place.chunked) chunks ??= chunkStarts(zip.names);
        const value = place.chunked
          ? await readChunkedSample(place.entry, zip.names, chunks!, json)
          : await json(place.entry);
        const sample = checked(inspectSampleSchema, value, `${path}: ${place.entry}`) as InspectSample;
        const { attachments = {}, ...rest } = sample;
        return withAttachments(rest, new Map(Object.entries(attachments)));
      },
      async *eachSample() {
        for (const key of log.samples) yield await log.sample(key);
      },
    };
    return log;
  } catch (error) {
    zip.close();
    throw error;
  }
}

const start = "_journal/start.json";
const keyOf = ({ id, epoch }: { id: string | number; epoch: number }) => `${epoch} ${id}`;

/** The journaled summaries in the order in which they were written. */
function journal(names: Iterable<string>): string[] {
  return [...names]
    .flatMap((name) => {
      const number = /^_journal\/summaries\/(\d+)\.json$/.exec(name)?.[1];
      return number === undefined ? [] : [{ name, number: Number(number) }];
    })
    .sort((a, b) => a.number - b.number)
    .map(({ name }) => name);
}

function checked<S extends z.ZodType>(schema: S, value: unknown, where: string): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new InspectError("not-a-log", `${where}: ${path.join(".") || "the document"}: ${message}`);
}
