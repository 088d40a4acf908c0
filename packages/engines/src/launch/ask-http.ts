import { request as plain } from "node:http";
import { request as encrypted } from "node:https";

export type HttpAnswer = { readonly code: number; readonly text: string };

/** One request and its whole answer; rejects where nobody answers within that time. */
export type AskHttp = (
  method: string,
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string | undefined,
  seconds: number,
) => Promise<HttpAnswer>;

const most = 64 << 20;

/**
 * By `node:http`, not by `fetch`: Ray 2.60 answers 405 "not allowed for browser traffic" to any POST with a `Sec-Fetch-Mode` header, which Node's `fetch` always sends. It
 * follows no redirect, so that a token goes to nobody else.
 */
export const askHttp: AskHttp = (method, url, headers, body, seconds) =>
  new Promise((resolve, reject) => {
    const request = url.startsWith("https:") ? encrypted : plain;
    const call = request(url, { method, headers, signal: AbortSignal.timeout(seconds * 1000) }, (answer) => {
      const parts: Buffer[] = [];
      let length = 0;
      answer.on("data", (part: Buffer) => {
        length += part.length;
        if (length > most) call.destroy(new Error(`its answer is longer than ${most} bytes`));
        else parts.push(part);
      });
      answer.on("error", reject);
      answer.on("end", () =>
        resolve({ code: answer.statusCode ?? 0, text: Buffer.concat(parts).toString("utf8") }),
      );
    });
    call.on("error", reject);
    call.end(body);
  });
