import { InspectError } from "./inspect-error.ts";

type Ranges = readonly (readonly [number, number])[];

/**
 * A sample that Inspect wrote in pieces (`log/_recorders/chunked/format.py`): a shell, its metadata, and sequences in chunks. The conversation is put together from the ranges that the shell names;
 * events stay where they are, as they are most of the bytes.
 */
export async function readChunkedSample(
  shellName: string,
  names: ReadonlySet<string>,
  chunks: ReadonlyMap<string, readonly number[]>,
  json: (name: string) => Promise<unknown>,
): Promise<unknown> {
  const prefix = shellName.slice(0, -"sample.json".length);
  const { message_refs: refs = [], ...shell } = (await json(shellName)) as Record<string, unknown> & {
    message_refs?: Ranges;
  };
  const metadata = names.has(`${prefix}metadata.json`) ? await json(`${prefix}metadata.json`) : {};
  const attachments: Record<string, string> = {};
  for (const first of chunks.get(`${prefix}attachments/`) ?? []) {
    const contents = (await json(`${prefix}attachments/${first}.json`)) as string[];
    for (const [at, content] of contents.entries()) attachments[String(first + at)] = content;
  }
  const messages: unknown[] = [];
  const starts = chunks.get(`${prefix}messages/`) ?? [];
  const read = new Map<number, unknown[]>();
  for (const [from, to] of refs)
    for (let index = from; index < to; ) {
      const first = starts.findLast((one) => one <= index);
      const chunk =
        first === undefined
          ? []
          : (read.get(first) ?? ((await json(`${prefix}messages/${first}.json`)) as unknown[]));
      if (first !== undefined) read.set(first, chunk);
      const take = chunk.slice(index - (first ?? 0), to - (first ?? 0));
      if (take.length === 0)
        throw new InspectError("damaged", `${shellName} names message ${index}, which the log does not have`);
      messages.push(...take);
      index += take.length;
    }
  return { ...shell, metadata, messages, attachments };
}
