import { appendFile, mkdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type EventOf, recordLine, repairJsonlTail } from "@mede2/schemas";

/**
 * Appends a record to a JSONL file of the run folder (such as `traces/samples.trace.jsonl`) and returns the `trace-written` event that says where
 * it lies. Call it one after the other: the file has one writer.
 */
export async function appendTrace(
  runDir: string,
  file: string,
  record: { id: string },
  step?: number,
): Promise<Pick<EventOf<"trace-written">, "type" | "file" | "offset" | "length" | "id" | "step">> {
  const path = join(runDir, file);
  await mkdir(dirname(path), { recursive: true });
  await repairJsonlTail(path);
  const offset = await stat(path).then(
    (info) => info.size,
    () => 0,
  );
  const line = Buffer.from(recordLine(record, { file: path, line: 0 }), "utf8");
  await appendFile(path, line);
  return {
    type: "trace-written",
    file,
    offset,
    length: line.length,
    id: record.id,
    ...(step !== undefined && { step }),
  };
}
