import { mkdir, stat } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { type Host, thisHost } from "@mede2/runs";
import { isoTime } from "@mede2/schemas";
import type { EmittedRun } from "../engine.ts";
import { EngineError } from "../engine-error.ts";
import type { Finding } from "../finding.ts";
import { type Execute, execute, firstLine } from "./execute.ts";
import { writeJobFiles } from "./job-files.ts";
import type { JobHandle, JobStatus, Launcher, LaunchTarget } from "./launcher.ts";
import { parseSupervisor, refuseNodes } from "./local.ts";
import { logPart } from "./log-part.ts";
import { type Remote, remoteOf, type SshPlace } from "./ssh-remote.ts";
import { checkTarget, type Settings, settingsOf } from "./target-settings.ts";

export type SshAround = { readonly execute?: Execute; readonly host?: Host };

/**
 * A process group on another machine, reached by ssh and rsync: the emitted folder is copied there, its supervisor is started and outlives the connection, and its log and
 * whole checkpoints are copied back. The other machine needs bash, rsync and the engine, and nothing of ours.
 */
export function sshLauncher(around: SshAround = {}): Launcher {
  const { execute: run = execute, host = thisHost() } = around;
  const submit = async (emitted: EmittedRun, target: LaunchTarget): Promise<JobHandle> => {
    const settings = settingsOf(target);
    refuseNodes(emitted, "ssh");
    const place = placeOf(settings);
    const remote = remoteOf(run, place);
    const there = emitted.targetDir;
    if ((await ask(remote, there))?.state !== "running") {
      await writeJobFiles(emitted, {
        grace: settings.whole("graceSeconds") ?? 120,
        setup: settings.text("setup"),
      });
      await must(
        remote.ask("make", [there]),
        `${place.host}: ${there} cannot be made, or bash or rsync is missing there`,
      );
      // what the job makes there stays there: only the emitted files and the supervisor's go over
      await remote.send(`${emitted.dir}/`, there, [
        ...["job.log", "attempts.jsonl"].map((name) => `--exclude=/launch/${name}`),
        `--exclude=/${pattern(emitted.checkpointsDir)}/checkpoint-*`,
        `--exclude=/${pattern(emitted.log.path)}`,
      ]);
      await must(remote.ask("forget", [there]), `${place.host}: ${there} cannot be written`);
      if (settings.text("setup") !== undefined)
        await remote.send(join(emitted.dir, "launch", "setup"), `${there}/launch/setup`, []);
      const { stdout, stderr } = await remote.ask("start", [there]);
      const begun = parseSupervisor(stdout);
      if (begun === undefined || begun.state === "lost")
        throw new EngineError(
          "not-started",
          `${place.host}: the job did not start in ${there}: ${firstLine(stderr || stdout)}`,
          `read launch/job.log there`,
        );
    }
    return {
      ...{ launcher: "ssh", id: `${place.host}:${there}`, submittedAt: isoTime(host.clock), host: host.name },
      ...{ dir: emitted.dir, targetDir: there },
      detail: {
        place: { ...place },
        checkpoints: emitted.checkpointsDir,
        mark: emitted.checkpointMark,
        log: emitted.log.path,
      },
    };
  };
  const remoteFor = ({ detail }: JobHandle) => remoteOf(run, detail.place as unknown as SshPlace);
  return {
    name: "ssh",
    pollMilliseconds: 3_000,
    async check(target) {
      const findings: Finding[] = checkTarget(target);
      if (findings.length > 0) return findings;
      const settings = settingsOf(target);
      try {
        await must(
          remoteOf(run, placeOf(settings)).ask("make", [settings.text("folder")!]),
          `${settings.text("host")}: ${settings.text("folder")} cannot be made, or bash or rsync is missing there`,
        );
        await run("rsync", ["--version"]);
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
        findings.push({ level: "error", code: error.code, message: error.message, next: error.next });
      }
      return findings;
    },
    submit,
    resume: submit,
    status: async (handle) =>
      (await ask(remoteFor(handle), handle.targetDir)) ?? {
        state: "lost",
        reason: `${handle.targetDir} is no longer there`,
      },
    async logs(handle, from) {
      const { code, stdout, stderr } = await remoteFor(handle).ask("logs", [
        handle.targetDir,
        String(from + 1),
      ]);
      if (code !== 0)
        throw new EngineError(
          "log-failed",
          `${handle.id}: the log cannot be read: ${firstLine(stderr)}`,
          "see whether the folder is there",
        );
      const line = stdout.indexOf("\n");
      if (line < 0) return { text: "", next: 0 };
      if (Number(stdout.slice(0, line)) < from) return { text: "", next: 0 }; // rotated: from its beginning the next time
      return logPart(Buffer.from(stdout.slice(line + 1), "latin1"), from);
    },
    async fetch(handle) {
      const remote = remoteFor(handle);
      const { checkpoints, mark, log } = handle.detail as Record<"checkpoints" | "mark" | "log", string>;
      const bring = async (path: string, options: readonly string[]) => {
        const here = join(handle.dir, path);
        await mkdir(dirname(here), { recursive: true });
        return remote.bring(posix.join(handle.targetDir, path), here, options);
      };
      await bring(log, ["--inplace"]); // the same file stays the same file for who follows it
      const step = await newestStep(remote, handle.targetDir);
      if (step === undefined) return;
      const name = `${checkpoints}/checkpoint-${step}`;
      if (await isThere(join(handle.dir, name, mark))) return;
      // its mark comes last, as the engine wrote it last: without it a checkpoint is not whole
      await mkdir(join(handle.dir, name), { recursive: true });
      const from = `${posix.join(handle.targetDir, name)}/`;
      const whole = await remote.bring(from, `${join(handle.dir, name)}/`, [`--exclude=/${pattern(mark)}`]);
      if (whole) await bring(`${name}/${mark}`, []);
    },
    async stop(handle) {
      await must(remoteFor(handle).ask("stop", [handle.targetDir]), `${handle.id} cannot be asked to stop`);
    },
  };
}

/** Where a run of this name will lie on the machine of a target; undefined where that is the same folder as here. */
export function targetDirOf(target: LaunchTarget, name: string): string | undefined {
  const folder = target.name === "ssh" ? settingsOf(target).text("folder") : undefined;
  return folder === undefined ? undefined : posix.join(folder, name);
}

function placeOf(settings: Settings): SshPlace {
  const port = settings.whole("port");
  const [identityFile, configFile, knownHostsFile] = ["identityFile", "configFile", "knownHostsFile"].map(
    (name) => settings.text(name),
  );
  return {
    host: settings.text("host")!,
    connectSeconds: settings.whole("connectSeconds") ?? 15,
    ...(port === undefined ? {} : { port }),
    ...(identityFile === undefined ? {} : { identityFile }),
    ...(configFile === undefined ? {} : { configFile }),
    ...(knownHostsFile === undefined ? {} : { knownHostsFile }),
  };
}

async function ask(remote: Remote, dir: string): Promise<JobStatus | undefined> {
  const { code, stdout, stderr } = await remote.ask("status", [dir]);
  if (code === 127) return undefined; // no job was ever started there
  const status = parseSupervisor(stdout);
  if (status === undefined)
    throw new EngineError(
      "status",
      `${dir}: the job's supervisor cannot be asked: ${firstLine(stderr)}`,
      "see whether the folder can be read there",
    );
  return status;
}

async function newestStep(remote: Remote, dir: string): Promise<number | undefined> {
  const { stdout } = await remote.ask("status", [dir]);
  const step = Number(stdout.trim().split("\n").at(-1));
  return Number.isSafeInteger(step) && step >= 0 ? step : undefined;
}

async function must(done: Promise<{ code: number; stderr: string }>, message: string): Promise<void> {
  const { code, stderr } = await done;
  if (code !== 0)
    throw new EngineError(
      "remote-failed",
      `${message}: ${firstLine(stderr)}`,
      "try it there by hand, in a shell",
    );
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** A path as rsync's patterns take it literally. */
const pattern = (path: string): string => path.replace(/[\\*?[]/g, "\\$&");
