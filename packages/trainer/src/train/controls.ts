import { setTimeout as sleep } from "node:timers/promises";
import type { RunWriter } from "@mede2/runs";
import type { ControlRequest } from "@mede2/schemas";

/** What the engine does when it is asked to. */
export type Handlers = {
  save(): Promise<unknown>;
  setLearningRate(learningRate: number): void;
};

const pollMilliseconds = 100;

/**
 * Answers the requests that came since the last step, in their order. A pause is waited out here, with the heartbeat kept alive; a checkpoint or a learning rate that is
 * asked for meanwhile does not end it. True when the run shall stop, by request or by the signal.
 */
export async function answerControls(
  writer: RunWriter,
  signal: AbortSignal,
  handlers: Handlers,
): Promise<boolean> {
  let paused = false;
  for (;;) {
    for (const request of await writer.controls()) {
      switch (request.request) {
        case "pause":
          if (refuse(writer, request, paused, "the run is paused already")) break;
          writer.append({ type: "run-paused" });
          paused = true;
          break;
        case "resume":
          if (refuse(writer, request, !paused, "the run is not paused")) break;
          writer.append({ type: "run-resumed" });
          paused = false;
          break;
        case "stop":
          writer.acknowledge(request, "done");
          return true;
        case "checkpoint":
          await save(writer, request, handlers);
          break;
        case "learning-rate": {
          const rate = request.args?.learningRate;
          const valid = typeof rate === "number" && Number.isFinite(rate) && rate > 0;
          if (refuse(writer, request, !valid, "learningRate must be a number above 0")) break;
          handlers.setLearningRate(rate as number);
          break;
        }
      }
    }
    if (signal.aborted) return true;
    if (!paused) return false;
    await sleep(pollMilliseconds, undefined, { signal }).catch(() => undefined);
    writer.beat();
  }
}

/** Refuses what came too late for the run to heed. */
export async function refuseControls(writer: RunWriter, reason: string): Promise<void> {
  for (const request of await writer.controls()) writer.acknowledge(request, "refused", reason);
}

/** Acknowledges a request as refused when `refused`, else as done. */
function refuse(writer: RunWriter, request: ControlRequest, refused: boolean, reason: string): boolean {
  if (refused) writer.acknowledge(request, "refused", reason);
  else writer.acknowledge(request, "done");
  return refused;
}

async function save(writer: RunWriter, request: ControlRequest, handlers: Handlers): Promise<void> {
  try {
    await handlers.save();
  } catch (error) {
    writer.acknowledge(
      request,
      "refused",
      `the checkpoint could not be written: ${(error as Error).message}`,
    );
    throw error;
  }
  writer.acknowledge(request, "done");
}
