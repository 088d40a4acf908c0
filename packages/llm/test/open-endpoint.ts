import { afterEach } from "vitest";
import { type CallEvent, chatMessage, type EndpointSettings, openAiModel } from "../src/index.ts";
import { type Behaviour, misbehavingServer } from "./misbehaving-server.ts";

export const sampling = { temperature: 0, topP: 1, maxTokens: 64, seed: 5 };
export const ask = (text = "What is it?") => ({ messages: [chatMessage("user", text)], sampling });
const servers: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

/** A model of a server that behaves as told; waits take a millisecond and move the clock. */
export async function openEndpoint(behaviour: Behaviour, more: Partial<EndpointSettings> = {}) {
  const server = await misbehavingServer(behaviour);
  servers.push(server);
  const waits: number[] = [];
  const events: CallEvent[] = [];
  let slept = 0;
  const model = openAiModel({
    ...{ url: server.url, model: "m", env: {}, onEvent: (one: CallEvent) => events.push(one) },
    runtime: {
      random: () => 0.5,
      now: () => Date.now() + slept,
      sleep: async (milliseconds) => {
        waits.push(Math.round(milliseconds));
        slept += milliseconds;
        await new Promise((done) => setTimeout(done, 1));
      },
    },
    ...more,
  });
  return { server, model, waits, events };
}
