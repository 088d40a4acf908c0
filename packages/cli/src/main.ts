import { exitCodes, Stopped } from "./exit.ts";
import type { Io } from "./io.ts";
import { run } from "./run.ts";

/** The process: its streams, its signals, its exit code. */
const stop = new AbortController();
const end = new AbortController();

function onSignal(): void {
  if (stop.signal.aborted) {
    end.abort(new Stopped("ended"));
    process.exit(exitCodes.stopped);
  }
  process.stderr.write("\nstopping: putting the work away; once more to end at once\n");
  stop.abort(new Stopped("stopped"));
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(process.exitCode ?? exitCodes.done); // the reader has gone, such as `| head`
    // the terminal has gone: nobody is there to be told, and Node's own exit fails to put its settings back
    if (error.code === "EIO") process.kill(process.pid, "SIGKILL");
    throw error;
  });

const io: Io = {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  clock: Date.now,
  stop: stop.signal,
  end: end.signal,
};
process.exitCode = await run(process.argv.slice(2), io);
