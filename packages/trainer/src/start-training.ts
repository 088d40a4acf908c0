import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { sharedHeapVariables } from "./device/shared-heap.ts";
import type { TrainingResult } from "./train/run-training.ts";
import { TrainerError } from "./trainer-error.ts";

export type StartSettings = { readonly runDir: string; readonly workspace: string };

export type StartedTraining = {
  readonly pid: number;
  /** Rejects with a TrainerError when the run failed, or its process died. */
  readonly done: Promise<TrainingResult>;
  /** Asks the run to save a checkpoint and stop. */
  stop(): void;
};

type Message = { result?: TrainingResult; error?: { code: string; message: string; next?: string } };

/** Trains in a child process, so that the native runtime never enters this one. Follow the run folder to see how it goes. */
export function startTraining({ runDir, workspace }: StartSettings): StartedTraining {
  const worker = fileURLToPath(new URL("./worker.js", import.meta.url));
  // what the runtime prints must not get into the parent's output
  const child = fork(worker, [runDir, workspace], {
    stdio: ["ignore", 2, 2, "ipc"],
    env: { ...process.env, ...sharedHeapVariables },
  });
  let message: Message = {};
  child.on("message", (received) => {
    message = received as Message;
  });
  const done = new Promise<TrainingResult>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      if (message.result !== undefined) return resolve(message.result);
      const { error } = message;
      if (error !== undefined)
        return reject(new TrainerError(error.code, error.message, error.next ?? "read the run's events"));
      const how = signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
      reject(
        new TrainerError(
          "process-lost",
          `the training process ${how}`,
          "resume the run: it goes on from its newest checkpoint",
        ),
      );
    });
  });
  return {
    pid: child.pid ?? 0,
    done,
    stop() {
      if (child.connected) child.send("stop");
    },
  };
}
