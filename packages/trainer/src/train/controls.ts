import { setTimeout as sleep } from "node:timers/promises";
import type { RunWriter } from "@mede2/runs";
import type { ControlRequest } from "@mede2/schemas";

/** What requests asked for between two steps. */
export type Wishes = { stop: boolean; checkpoint: readonly ControlRequest[]; learningRate?: number };

/** Answers the requests that came since the last step. A pause is waited out here, with the heartbeat kept alive. */
export async function answerControls(writer: RunWriter, signal: AbortSignal): Promise<Wishes> {
  const wishes: { stop: boolean; checkpoint: ControlRequest[]; learningRate?: number } = {
    stop: signal.aborted,
    checkpoint: [],
  };
  let paused = false;
  do {
    for (const request of await writer.controls()) {
      switch (request.request) {
        case "pause":
          writer.acknowledge(
            request,
            paused ? "refused" : "done",
            ...(paused ? ["the run is paused already"] : []),
          );
          if (!paused) writer.append({ type: "run-paused" });
          paused = true;
          break;
        case "resume":
          writer.acknowledge(
            request,
            paused ? "done" : "refused",
            ...(paused ? [] : ["the run is not paused"]),
          );
          if (paused) writer.append({ type: "run-resumed" });
          paused = false;
          break;
        case "stop":
          writer.acknowledge(request, "done");
          wishes.stop = true;
          break;
        case "checkpoint":
          wishes.checkpoint.push(request);
          break;
        case "learning-rate": {
          const rate = request.args?.learningRate;
          const valid = typeof rate === "number" && rate > 0;
          writer.acknowledge(
            request,
            valid ? "done" : "refused",
            ...(valid ? [] : ["learningRate must be a number above 0"]),
          );
          if (valid) wishes.learningRate = rate;
          break;
        }
      }
    }
    if (paused && !wishes.stop && wishes.checkpoint.length === 0) {
      await sleep(250);
      writer.beat();
    }
  } while (paused && !wishes.stop && !signal.aborted && wishes.checkpoint.length === 0);
  if (signal.aborted) wishes.stop = true;
  return wishes;
}
