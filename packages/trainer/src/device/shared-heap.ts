/**
 * A compiled graph keeps the memory of its largest run in an arena of its own, and a training compiles one for each layout of a batch: measured on lengths of 32–176 in
 * batches of 64, 11 layouts held 8.5 GB. Without arenas they share the process's heap, 2.1 GB; but glibc gives large blocks back to the system at each release, and
 * fetching them anew costs a quarter of the speed. These variables make it keep them, and then nothing is lost. It reads them when a process starts.
 */
export const sharedHeapVariables = {
  MALLOC_MMAP_MAX_: "0",
  MALLOC_TRIM_THRESHOLD_: "1000000000000",
  MALLOC_ARENA_MAX: "1",
} as const;

/** Whether this process was started with them, so that compiled graphs need no arenas. Only glibc honours them. */
export function hasSharedHeap(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  platform: string = process.platform,
): boolean {
  return (
    platform === "linux" &&
    Object.entries(sharedHeapVariables).every(([name, value]) => environment[name] === value)
  );
}
