/** Work that is under way: some of it one after the other, some beside it. */
export interface WorkQueue {
  /** Counts work that is already running. */
  watch<T>(work: Promise<T>): Promise<T>;
  /** Does it after what was handed over before: keys that come fast must not overtake each other. What goes wrong is given to `failed`. */
  add(work: () => Promise<void> | void): void;
  /** Resolves when nothing is under way any more. */
  settled(): Promise<void>;
}

export function openWorkQueue(failed: (error: unknown) => void): WorkQueue {
  let busy = 0;
  const idle: (() => void)[] = [];
  let queue: Promise<void> = Promise.resolve();
  const watch = async <T>(work: Promise<T>): Promise<T> => {
    busy += 1;
    try {
      return await work;
    } finally {
      busy -= 1;
      if (busy === 0) for (const resolve of idle.splice(0)) resolve();
    }
  };
  return {
    watch,
    add(work) {
      queue = watch(
        queue.then(async () => {
          try {
            await work();
          } catch (error) {
            failed(error);
          }
        }),
      );
    },
    async settled() {
      do {
        await queue;
        if (busy > 0) await new Promise<void>((resolve) => idle.push(resolve));
      } while (busy > 0);
    },
  };
}
