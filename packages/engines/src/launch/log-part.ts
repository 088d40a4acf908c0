import { open } from "node:fs/promises";
import type { LogPart } from "./launcher.ts";

const most = 1 << 20;

/** At most a mebibyte of a log from a byte on. A log that has become shorter was rotated: it is read from its beginning. */
export async function readLogPart(path: string, from: number): Promise<LogPart> {
  const file = await open(path, "r").catch((error: { code?: string }) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (file === undefined) return { text: "", next: 0 };
  try {
    const { size } = await file.stat();
    const start = size < from ? 0 : from;
    const buffer = Buffer.alloc(Math.min(most, size - start));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
    return logPart(buffer.subarray(0, bytesRead), start);
  } finally {
    await file.close();
  }
}

/** Bytes as a part: a character that is cut at the end waits for the rest of it. */
export function logPart(bytes: Buffer, from: number): LogPart {
  let end = bytes.length;
  for (let back = 1; back <= Math.min(3, end); back += 1) {
    const byte = bytes[end - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    if (length > back) end -= back;
    break;
  }
  return { text: bytes.subarray(0, end).toString("utf8"), next: from + end };
}
