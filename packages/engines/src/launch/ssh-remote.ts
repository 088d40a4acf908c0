import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EngineError } from "../engine-error.ts";
import { type Execute, type Executed, firstLine } from "./execute.ts";

/** How a machine is reached: the parts of a target that ssh and rsync need, kept in the handle. */
export type SshPlace = {
  readonly host: string;
  readonly port?: number;
  readonly identityFile?: string;
  readonly configFile?: string;
  readonly knownHostsFile?: string;
  readonly connectSeconds: number;
};

/**
 * What may be asked of the other machine. The texts are fixed: no path or setting is ever put into a command, since ssh joins its arguments and hands them to a shell. The folder
 * (and a number) come by standard input, one a line.
 */
const asked = {
  make: 'IFS= read -r d && mkdir -p -- "$d" && command -v bash >/dev/null && command -v rsync >/dev/null',
  forget: 'IFS= read -r d && cd -- "$d/launch" && rm -f exit.json started.json stop starts setup',
  // HUP ignored and a process group of its own: the job outlives the connection
  start:
    "IFS= read -r d && cd -- \"$d\" && bash -c 'set -m; nohup bash launch/job.sh run </dev/null >>launch/job.log 2>&1 &' && for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do [ -s launch/started.json ] || [ -s launch/exit.json ] || sleep 0.5; done; bash launch/job.sh status",
  status: 'IFS= read -r d && { cd -- "$d" 2>/dev/null || exit 127; } && bash launch/job.sh status',
  stop: 'IFS= read -r d && cd -- "$d" && bash launch/job.sh stop',
  logs: 'IFS= read -r d && IFS= read -r n && cd -- "$d" && { [ ! -e launch/job.log ] || { wc -c <launch/job.log; tail -c "+$n" launch/job.log | head -c 1048576; }; }',
} as const;

export type Remote = {
  /** Runs one of the fixed commands; the lines go to its standard input. */
  ask(what: keyof typeof asked, lines: readonly string[]): Promise<Executed>;
  /** Copies from here to there. */
  send(from: string, to: string, options: readonly string[]): Promise<void>;
  /** Copies from there to here. Resolves to false where the source is not there yet. */
  bring(from: string, to: string, options: readonly string[]): Promise<boolean>;
};

/** Throws an EngineError "ssh-unreachable" when the machine cannot be reached: that says nothing of the job. */
export function remoteOf(run: Execute, place: SshPlace): Remote {
  const options = [...sshOptions(place), ...sharedConnection()];
  const rsync = async (args: readonly string[]): Promise<Executed> => {
    // rsync parts the text of -e at spaces and honours quotes, doubled within
    const shell = ["ssh", ...options].map((word) => `'${word.replaceAll("'", "''")}'`).join(" ");
    const done = await run("rsync", ["-e", shell, "--protect-args", "--timeout=120", ...args], {
      seconds: 6 * 3600,
    });
    if (done.code === 255 || done.code === 10 || done.code === 30 || done.code === 35)
      throw unreachable(place, done);
    return done;
  };
  // an address of IPv6 stands in brackets, as its colons would part it from the path
  const at = (path: string) =>
    `${place.host.includes(":") ? place.host.replace(/([^@]+)$/, "[$1]") : place.host}:${path}`;
  return {
    async ask(what, lines) {
      const done = await run("ssh", [...options, "--", place.host, asked[what]], {
        input: lines.map((line) => `${line}\n`).join(""),
        seconds: place.connectSeconds + 60,
        bytes: what === "logs",
      });
      if (done.code === 255) throw unreachable(place, done);
      return done;
    },
    async send(from, to, more) {
      const done = await rsync(["--archive", ...more, "--", from, at(to)]);
      if (done.code !== 0) throw copyFailed(done, `${from} to ${place.host}`);
    },
    async bring(from, to, more) {
      const done = await rsync(["--archive", ...more, "--", at(from), to]);
      if (done.code === 24) return false; // a checkpoint that the engine removed meanwhile
      if (done.code === 23 && /No such file or directory/.test(done.stderr)) return false;
      if (done.code !== 0) throw copyFailed(done, `${place.host}:${from}`);
      return true;
    },
  };
}

function sshOptions({
  port,
  identityFile,
  configFile,
  knownHostsFile,
  connectSeconds,
}: SshPlace): readonly string[] {
  return [
    ...(configFile === undefined ? [] : ["-F", configFile]),
    // nobody is there to answer a question; a host key that is not known is refused
    ...["-o", "BatchMode=yes", "-o", `ConnectTimeout=${connectSeconds}`, "-o", "ServerAliveInterval=15"],
    ...(port === undefined ? [] : ["-p", String(port)]),
    ...(identityFile === undefined ? [] : ["-o", "IdentitiesOnly=yes", "-i", identityFile]),
    // ssh parts this option's value at spaces unless it is quoted
    ...(knownHostsFile === undefined ? [] : ["-o", `UserKnownHostsFile="${knownHostsFile}"`]),
  ];
}

let sockets: string | undefined;

/** Who looks every few seconds should log in once: all calls of this process share a connection, which closes when it was idle for a minute. */
function sharedConnection(): readonly string[] {
  if (sockets === undefined) {
    sockets = mkdtempSync(join(tmpdir(), "mede2-ssh-")); // for this user alone
    const made = sockets;
    process.once("exit", () => rmSync(made, { recursive: true, force: true }));
  }
  return ["-o", "ControlMaster=auto", "-o", "ControlPersist=60", "-o", `ControlPath="${sockets}/%C"`];
}

const unreachable = ({ host }: SshPlace, { stderr }: Executed) =>
  new EngineError(
    "ssh-unreachable",
    `${host} cannot be reached by ssh: ${lastLine(stderr)}`,
    `try: ssh ${host} true (keys and host keys must be known: no question is answered); a job that was started goes on`,
  );

const copyFailed = ({ stderr }: Executed, what: string) =>
  new EngineError(
    /No space left on device/.test(stderr) ? "disk-full" : "copy-failed",
    `rsync of ${what} failed: ${firstLine(stderr)}`,
    /No space left on device/.test(stderr)
      ? "free disk space and start it again: what was copied is not copied twice"
      : "see whether the folder there can be written, and whether both sides have rsync",
  );

const lastLine = (text: string): string => text.trim().split("\n").at(-1)?.trim() || "it said nothing";
