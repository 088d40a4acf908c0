import { spawn } from "node:child_process";
import { add, closingLine, none, parseClosingLine } from "./counts.mjs";
import { root } from "./workspace.mjs";

/** Runs a command with the terminal's output, and returns its exit code and what it printed. */
export function runCommand(command, { env = process.env, cwd = root, limitSeconds = 3600 } = {}) {
  return new Promise((resolve) => {
    const own = process.platform !== "win32"; // a process group of its own, so that a timeout ends its children too
    const options = { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: own, shell: !own };
    const child = spawn(command[0], command.slice(1), options);
    const end = (signal) => (own ? process.kill(-child.pid, signal) : child.kill(signal));
    const interrupt = () => end("SIGINT");
    let output = "";
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      end("SIGKILL");
    }, limitSeconds * 1000);
    // Closing lines of parts are held back: the caller prints one for the whole, and prints it last.
    const passOn = (stream) => (text) => {
      output += text;
      stream.write(text.replace(/^\d+ passed, \d+ failed, \d+ skipped\n/gm, ""));
    };
    const done = (code) => {
      clearTimeout(timer);
      process.off("SIGINT", interrupt);
      resolve({ code: late ? `none: stopped after ${limitSeconds} s` : code, output });
    };
    process.on("SIGINT", interrupt);
    child.stdout.setEncoding("utf8").on("data", passOn(process.stdout));
    child.stderr.setEncoding("utf8").on("data", passOn(process.stderr));
    child.on("error", (error) => {
      console.error(error.message);
      done(127);
    });
    child.on("close", (code, signal) => done(code ?? signal));
  });
}

/**
 * Runs the parts one after another, prints what each took, and ends with the one closing line of the whole.
 *
 * A part is `{ name, command, cwd?, env?, limitSeconds?, needs?, counts? }`. `needs()` returns the reason why the part cannot run here, or
 * null. `counts()` reads its results; by default a part counts as its own closing line says, or as one check by its exit
 * code. Resolves to the exit code: 0 when nothing failed.
 */
export async function runParts(parts, env = process.env) {
  const results = [];
  for (const part of parts) {
    const reason = part.needs?.() ?? null;
    if (reason !== null) {
      results.push({
        name: part.name,
        seconds: 0,
        counts: { ...none, skipped: 1 },
        note: `skipped: ${reason}`,
      });
      console.log(`\n── ${part.name}: skipped: ${reason}`);
      continue;
    }
    console.log(`\n── ${part.name}`);
    const begin = performance.now();
    const { code, output } = await runCommand(part.command, { ...part, env: { ...env, ...part.env } });
    const seconds = (performance.now() - begin) / 1000;
    results.push({
      name: part.name,
      seconds,
      counts: countsOf(part, code, output),
      note: code === 0 ? "" : `exit code ${code}`,
    });
  }
  return report(results);
}

function countsOf(part, code, output) {
  const counts = part.counts?.() ??
    parseClosingLine(output) ?? { ...none, [code === 0 ? "passed" : "failed"]: 1 };
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function report(results) {
  const width = Math.max(...results.map(({ name }) => name.length));
  console.log("");
  for (const { name, seconds, counts, note } of results) {
    const figures = `${counts.passed} ok, ${counts.failed} not, ${counts.skipped} left out`;
    console.log(
      `${name.padEnd(width)} ${seconds.toFixed(1).padStart(7)} s   ${figures}${note ? `   ${note}` : ""}`,
    );
  }
  const total = results.map(({ counts }) => counts).reduce(add, none);
  const seconds = results.reduce((sum, it) => sum + it.seconds, 0);
  console.log(`${"all".padEnd(width)} ${seconds.toFixed(1).padStart(7)} s\n\n${closingLine(total)}`);
  return total.failed ? 1 : 0;
}
