import { inflateSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import {
  type Behaviour,
  delta,
  event,
  misbehavingServer,
  problem,
  usage,
} from "../test/misbehaving-server.ts";
import { probeEndpoint } from "./index.ts";

const servers: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

interface Server {
  sees?: boolean;
  keeps?: number;
  field?: "reasoning" | "reasoning_content";
  steady?: boolean;
}

/** A model in a few lines: it sees colours, remembers words and can be given faults. */
function pretend({ sees = true, keeps = Number.POSITIVE_INFINITY, field, steady = true }: Server): Behaviour {
  return ({ body }, response, count) => {
    const [message] = body.messages as {
      content: string | { type: string; text?: string; image_url?: { url: string } }[];
    }[];
    const parts =
      typeof message!.content === "string" ? [{ type: "text", text: message!.content }] : message!.content;
    const text = parts.map((part) => part.text ?? "").join("");
    const words = text.split(" ");
    const known = words.slice(Math.max(0, words.length - keeps)).join(" ");
    const url = parts.find((part) => "image_url" in part)?.image_url?.url;
    const colour = url === undefined || !sees ? "red" : colourOf(Buffer.from(url.split(",")[1]!, "base64"));
    const secret = /secret word is (\w+)/.exec(known)?.[1] ?? "unknown";
    const [reply, end] = text.includes("secret")
      ? [secret, "stop"]
      : url !== undefined
        ? [colour, "stop"]
        : [steady ? "bones" : `bones ${count}`, body.max_tokens === 8 ? "length" : "stop"];
    response.writeHead(200, { "content-type": "text/event-stream" });
    if (field !== undefined) response.write(delta({ [field]: "Let me think." }));
    response.write(delta({ content: reply }, end));
    response.write(usage(Math.min(words.length, keeps) + 10, 3));
    response.end(event("[DONE]"));
  };
}

/** The first pixel of a PNG. */
function colourOf(png: Buffer): string {
  const at = png.indexOf("IDAT");
  const pixels = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)));
  const [red, green, blue] = [pixels[1]!, pixels[2]!, pixels[3]!];
  return red > green && red > blue ? "red" : blue > green ? "blue" : "green";
}

async function probe(behaviour: Behaviour) {
  const server = await misbehavingServer(behaviour);
  servers.push(server);
  return probeEndpoint({ url: server.url, model: "m", env: {}, retry: { attempts: 1 } }, { words: 800 });
}

describe("probeEndpoint", () => {
  it("tells a server that does all from one that only seems to", async () => {
    expect(await probe(pretend({ field: "reasoning" }))).toMatchObject({
      ...{
        model: "served-1",
        image: { sees: "yes", answers: ["red", "blue", "green"] },
        reasoning: "reasoning",
      },
      ...{
        determinism: { same: true, replies: 3 },
        longPrompt: { verdict: "whole" },
        saysLength: true,
        countsTokens: true,
        logProbs: false,
      },
    });
    expect(await probe(pretend({ sees: false, keeps: 300, steady: false }))).toMatchObject({
      ...{ image: { sees: "no" }, reasoning: "none", determinism: { same: false } },
      longPrompt: { verdict: "truncated", promptTokens: 310 },
    });
  });

  it("hears a server say no to pictures and to long prompts", async () => {
    const fine = pretend({});
    const report = await probe((seen, response, count) =>
      JSON.stringify(seen.body).includes("image_url") || JSON.stringify(seen.body).length > 3000
        ? problem(response, 400, "not supported")
        : fine(seen, response, count),
    );
    expect(report).toMatchObject({ image: { sees: "refused" }, longPrompt: { verdict: "refused" } });
  });
});
