import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a server saw of one request. */
export interface Seen {
  path: string;
  authorization: string | undefined;
  body: Record<string, unknown>;
}

export type Behaviour = (seen: Seen, response: ServerResponse, count: number) => void | Promise<void>;

/** A real HTTP server on a free port of this machine that does whatever the test says. */
export async function misbehavingServer(behaviour: Behaviour) {
  const seen: Seen[] = [];
  let [open, most] = [0, 0];
  const server = createServer(async (request: IncomingMessage, response) => {
    open += 1;
    most = Math.max(most, open);
    response.on("close", () => {
      open -= 1;
    });
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const text = Buffer.concat(parts).toString("utf8");
    const one = {
      path: request.url ?? "",
      authorization: request.headers.authorization,
      body: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>),
    };
    seen.push(one);
    await behaviour(one, response, seen.length);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    seen,
    get mostOpen() {
      return most;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((done) => server.close(() => done()));
    },
  };
}

export function event(value: object | string): string {
  return `data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`;
}

export const delta = (content: object, finish: string | null = null, index = 0) =>
  event({ model: "served-1", choices: [{ index, delta: content, finish_reason: finish }] });

export const usage = (prompt: number, completion: number) =>
  event({ model: "served-1", choices: [], usage: { prompt_tokens: prompt, completion_tokens: completion } });

/** A well-behaved stream of a text. */
export function streamText(response: ServerResponse, text: string, finish = "stop"): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(delta({ role: "assistant", content: "" }));
  for (const piece of text.match(/.{1,7}/gs) ?? []) response.write(delta({ content: piece }));
  response.write(delta({}, finish));
  response.write(usage(11, 5));
  response.end(event("[DONE]"));
}

export function problem(
  response: ServerResponse,
  status: number,
  message: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify({ error: { message } }));
}
