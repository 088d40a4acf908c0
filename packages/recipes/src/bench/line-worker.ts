import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { BenchFault } from "./bench-fault.ts";

/** An answer of a worker: one JSON object a line. */
export type Reply = { readonly event: string; readonly [field: string]: unknown };

/** A process that does one step when it is told to. Ours and the peer's speak the same protocol (python/bench_peer.py). */
export type LineWorker = {
  readonly ready: Reply;
  /** Milliseconds of `performance.now()` at which the process was started. */
  readonly startedAt: number;
  /** The same when it was ready. */
  readonly readyAt: number;
  /** Sends a command and waits for its answer. */
  ask(command: "step"): Promise<Reply>;
  /** Peak resident memory so far, in bytes. */
  peakBytes(): Promise<number>;
  quit(): Promise<void>;
};

/**
 * Starts a worker and waits until it is ready. `name` is for messages; an abort ends the process; `variables` are added to its environment. Threads of OpenMP (PyTorch's) wait without
 * spinning, as ours do: beside other work on the same cores spinning made PyTorch 4 to 40 times slower.
 */
export async function startLineWorker(
  name: string,
  command: string,
  argv: readonly string[],
  signal?: AbortSignal,
  variables: Readonly<Record<string, string>> = {},
): Promise<LineWorker> {
  const startedAt = performance.now();
  const child = spawn(command, argv, {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, OMP_WAIT_POLICY: "passive", ...variables },
  });
  const kill = () => child.kill();
  signal?.addEventListener("abort", kill, { once: true });
  const errors = lastLines(child);
  const replies = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<number | null>((resolve) => {
    child.on("close", (code) => resolve(code));
    child.on("error", () => resolve(null));
  });
  child.stdin.on("error", () => {}); // a worker that died is noticed by its missing answer
  const failed = (what: string) =>
    new BenchFault(
      "worker-failed",
      `${name}: ${what}`,
      `Run it by hand to see more: ${[command, ...argv].join(" ")}${errors() === "" ? "" : `\n${errors()}`}`,
    );
  const next = async (event: string): Promise<Reply> => {
    const line = await replies.next();
    signal?.throwIfAborted();
    if (line.done === true) throw failed(`ended with code ${await ended} instead of answering`);
    const reply = parse(line.value);
    if (reply === undefined) throw failed(`answered what is no JSON: ${line.value.slice(0, 200)}`);
    if (reply.event === "error") throw failed(String(reply.message));
    if (reply.event !== event) throw failed(`answered ${reply.event} instead of ${event}`);
    return reply;
  };
  const ask = (what: string, event: string): Promise<Reply> => {
    child.stdin.write(`${what}\n`);
    return next(event);
  };
  const quit = async (): Promise<void> => {
    child.stdin.end("quit\n");
    await ended;
    signal?.removeEventListener("abort", kill);
  };
  try {
    const ready = await next("ready");
    return {
      ready,
      startedAt,
      readyAt: performance.now(),
      ask: (what) => ask(what, what),
      peakBytes: async () => residentPeak(child.pid) ?? Number((await ask("memory", "memory")).peakBytes),
      quit,
    };
  } catch (fault) {
    child.kill();
    throw fault;
  }
}

function parse(line: string): Reply | undefined {
  try {
    return JSON.parse(line) as Reply;
  } catch {
    return undefined;
  }
}

/**
 * Linux knows the peak of the program that runs now. What a process reports of itself (`ru_maxrss`) also counts the parent it was forked from.
 */
function residentPeak(pid: number | undefined): number | undefined {
  try {
    const found = /^VmHWM:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return found === null ? undefined : Number(found[1]) * 1024;
  } catch {
    return undefined;
  }
}

/** The end of what a process writes to stderr. */
function lastLines(child: ChildProcess): () => string {
  let text = "";
  child.stderr?.setEncoding("utf8").on("data", (part: string) => {
    text = (text + part).slice(-2000);
  });
  return () => text.trim();
}
