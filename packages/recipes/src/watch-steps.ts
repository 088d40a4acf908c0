import { type RunView, readRun } from "@mede2/runs";

/** Reads a run folder now and then: the events are the only protocol between a run and whoever looks at it. */
export function watchSteps(
  dir: string,
  onStep: (step: number, steps: number) => void,
  everyMilliseconds = 500,
): { stop(): void } {
  let busy = false;
  const look = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    // a look that fails (the disk is busy, the folder is gone) tells nothing; the run itself says how it ended
    const view: RunView | undefined = await readRun(dir).catch(() => undefined);
    busy = false;
    if (view !== undefined && view.state.steps !== null) onStep(view.state.step, view.state.steps);
  };
  const timer = setInterval(() => void look(), everyMilliseconds);
  return { stop: () => clearInterval(timer) };
}
