// The built package in a process of its own: node demo-child.mjs SETTINGS [STEP AT WHICH TO STOP]. The last line of its output is the report, {"stopped": true}, or {"code", "message"}.
import { runDemo } from "../dist/index.js";

const settings = JSON.parse(process.argv[2]);
const stopAt = process.argv[3];
const stop = new AbortController();
try {
  const report = await runDemo({
    ...settings,
    signal: stop.signal,
    onProgress: ({ step }) => step === stopAt && stop.abort(),
  });
  process.stdout.write(`${JSON.stringify(report)}\n`);
} catch (error) {
  const { code, message } = error;
  process.stdout.write(`${JSON.stringify(stop.signal.aborted ? { stopped: true } : { code, message })}\n`);
}
