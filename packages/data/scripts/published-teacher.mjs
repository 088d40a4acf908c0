// A teacher that has written already: an OpenAI-compatible server that answers each multiple-choice question of HuatuoGPT-o1's demonstrations with its published chain, so that `mede2 demos` can be tried on
// real reasoning without a large model. Ends with Ctrl-C.
//   node packages/data/scripts/published-teacher.mjs DIR [--port 8765]
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

const [folder] = process.argv.slice(2);
const at = process.argv.indexOf("--port");
const port = at < 0 ? 8765 : Number(process.argv[at + 1]);
if (folder === undefined) {
  console.error("published-teacher: usage: published-teacher.mjs DIR [--port N]");
  process.exit(2);
}
const rows = JSON.parse(readFileSync(join(folder, "demo_data.json"), "utf8"));

createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  const asked = JSON.parse(body)
    .messages.map(({ content }) =>
      typeof content === "string" ? content : content.map(({ text = "" }) => text).join("\n"),
    )
    .join("\n");
  const row = rows.find(({ question }) => asked.includes(question.trim()));
  const message = { role: "assistant" };
  if (row === undefined) {
    response.writeHead(400, { "content-type": "application/json" });
    response.end(JSON.stringify({ error: { message: "no published chain answers this question" } }));
    return;
  }
  message.content = `<think>\n${row.Complex_CoT.trim()}\n</think>\n\n${row.Response.trim()}\n\n\\boxed{${row.options[row.answer_idx]}}`;
  const words = (text) => text.split(/\s+/).length;
  response.writeHead(200, { "content-type": "text/event-stream" });
  const chunk = {
    id: "1",
    model: "huatuo-o1",
    choices: [{ index: 0, delta: message, finish_reason: "stop" }],
    usage: { prompt_tokens: words(asked), completion_tokens: words(message.content) },
  };
  response.end(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`);
}).listen(port, "127.0.0.1", () => console.error(`published-teacher: http://127.0.0.1:${port}/v1`));
