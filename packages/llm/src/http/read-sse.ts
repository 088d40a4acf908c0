/** Thrown for a stream that is longer than anything a model writes. */
export class StreamTooLong extends Error {}

/**
 * The `data` of server-sent events (WHATWG HTML §9.2), one string an event. Comments, event names and ids are dropped; a last event without
 * its blank line still counts. Lines end with `\n` or `\r\n`. Linear, also for a line that comes byte by byte. Throws StreamTooLong past `maxBytes`.
 */
export async function* readSse(
  chunks: AsyncIterable<Uint8Array>,
  { maxBytes = 1 << 26 }: { maxBytes?: number } = {},
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let pending: string[] = [];
  let data: string[] = [];
  let bytes = 0;
  function* lines(text: string): Generator<string> {
    let start = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      pending.push(text.slice(start, end));
      const line = pending.length === 1 ? pending[0]! : pending.join("");
      pending = [];
      start = end + 1;
      yield line.endsWith("\r") ? line.slice(0, -1) : line;
    }
    if (start < text.length) pending.push(text.slice(start));
  }
  const take = (line: string): string | null => {
    if (line === "") {
      if (data.length === 0) return null;
      const event = data.join("\n");
      data = [];
      return event;
    }
    if (line.startsWith("data:")) data.push(line.slice(line[5] === " " ? 6 : 5));
    return null;
  };
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new StreamTooLong(`more than ${maxBytes} bytes`);
    for (const line of lines(decoder.decode(chunk, { stream: true }))) {
      const event = take(line);
      if (event !== null) yield event;
    }
  }
  for (const line of lines(`${decoder.decode()}\n\n`)) {
    const event = take(line);
    if (event !== null) yield event;
  }
}
