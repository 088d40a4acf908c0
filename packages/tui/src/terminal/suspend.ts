/** The part of a process that can be stopped as a shell stops its jobs. */
export type StoppableProcess = Pick<NodeJS.Process, "pid" | "on" | "off" | "kill">;

/**
 * Stops this process until the shell continues it (`fg`), as Ctrl-Z does with any other: by SIGTSTP, which the system leaves undone where no shell could continue it. `handOver`
 * gives the terminal back, does what it is given, and takes the terminal again. A SIGTSTP from outside goes the same way until `close`.
 */
export function openSuspend(
  handOver: (stop: () => void) => Promise<void>,
  self: StoppableProcess = process,
): { suspend(): Promise<void>; close(): void } {
  let stopped = false;
  const suspend = async () => {
    if (stopped) return;
    stopped = true;
    try {
      await handOver(() => {
        self.off("SIGTSTP", onSignal); // so that the signal does what it does by itself
        self.kill(self.pid, "SIGTSTP");
        self.on("SIGTSTP", onSignal);
      });
    } finally {
      stopped = false;
    }
  };
  const onSignal = () => void suspend();
  self.on("SIGTSTP", onSignal);
  return { suspend, close: () => void self.off("SIGTSTP", onSignal) };
}
