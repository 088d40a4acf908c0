import { readFile, stat } from "node:fs/promises";
import { type Host, thisHost } from "@mede2/runs";
import { isoTime, sha256Hex, writeFileAtomic } from "@mede2/schemas";
import type { EmittedRun } from "../engine.ts";
import { EngineError } from "../engine-error.ts";
import type { Finding } from "../finding.ts";
import { type AskHttp, askHttp } from "./ask-http.ts";
import { readJobEnd, statusOfEnd } from "./job-end.ts";
import { jobPlaces, writeJobFiles } from "./job-files.ts";
import type { JobHandle, JobStatus, Launcher, LaunchTarget } from "./launcher.ts";
import { refuseNodes } from "./local.ts";
import { logPart } from "./log-part.ts";
import { type RayClient, rayClient } from "./ray-client.ts";
import { checkTarget, settingsOf } from "./target-settings.ts";

/** More than any log has. */
const attemptBytes = 2 ** 40;

export type RayAround = {
  readonly host?: Host;
  readonly ask?: AskHttp;
  readonly env?: NodeJS.ProcessEnv;
};

/**
 * Jobs of a Ray cluster, by the REST interface of its head; the run lies on a file system that the cluster shares, under the same path. A stop is a file in the folder, which the
 * job's supervisor heeds: Ray's own stop leaves a waiting job waiting.
 */
export function rayLauncher(around: RayAround = {}): Launcher {
  const { host = thisHost(), ask = askHttp, env = process.env } = around;
  const clientOf = async (address: string, tokenFile: string | undefined): Promise<RayClient> => {
    const token = tokenFile === undefined ? env.RAY_AUTH_TOKEN : await readToken(tokenFile);
    return rayClient(address, token || undefined, ask);
  };
  const clientFor = ({ detail: { address, tokenFile } }: JobHandle) =>
    clientOf(String(address), typeof tokenFile === "string" ? tokenFile : undefined);

  const submit = async (emitted: EmittedRun, target: LaunchTarget, attempt: number): Promise<JobHandle> => {
    const settings = settingsOf(target);
    refuseNodes(emitted, "ray");
    const address = settings.text("address")!;
    const tokenFile = settings.text("tokenFile");
    const client = await clientOf(address, tokenFile);
    // runs of other workspaces may have the same name
    const place = sha256Hex(emitted.targetDir).slice(0, 8);
    const id = [emitted.name, place, ...(attempt === 1 ? [] : [attempt])].join("-");
    const there = await client.job(id);
    if (there === undefined) {
      const grace = settings.whole("graceSeconds") ?? 120;
      await writeJobFiles(emitted, {
        grace,
        setup: settings.text("setup"),
      });
      const [cpus, gpus, memory] = ["cpus", "gpusPerNode", "memoryBytes"].map((name) => settings.whole(name));
      await client.submit({
        entrypoint: `cd -- ${shellQuoted(emitted.targetDir)} && exec bash launch/job.sh run`,
        submission_id: id,
        metadata: { run: emitted.name, attempt: String(attempt) },
        // Ray's own stop kills all that the job started after three seconds, unless this says otherwise
        runtime_env: { env_vars: { RAY_JOB_STOP_WAIT_TIME_S: String(grace + 10) } },
        ...(cpus === undefined ? {} : { entrypoint_num_cpus: cpus }),
        ...(gpus === undefined ? {} : { entrypoint_num_gpus: gpus }),
        ...(memory === undefined ? {} : { entrypoint_memory: memory }),
      });
    }
    return {
      ...{ launcher: "ray", id, submittedAt: isoTime(host.clock), host: host.name },
      ...{ dir: emitted.dir, targetDir: emitted.targetDir },
      detail: { address, attempt, ...(tokenFile === undefined ? {} : { tokenFile }) },
    };
  };

  const status = async (handle: JobHandle): Promise<JobStatus> => {
    const job = await (await clientFor(handle)).job(handle.id);
    const end = await readJobEnd(handle.dir);
    if (job?.status === "PENDING" && (await wasStopped(handle)))
      return {
        state: "stopped",
        reason:
          "stopped before it began; Ray lists it as PENDING still, and it will end at once when its turn comes",
      };
    if (job?.status === "PENDING")
      return { state: "queued", ...(job.message === "" ? {} : { reason: job.message }) };
    if (job?.status === "RUNNING") return { state: "running" };
    if (end !== undefined) return statusOfEnd(end);
    switch (job?.status) {
      case undefined:
        return {
          state: "lost",
          reason: `the Ray head does not know job ${handle.id}: it was started anew, or the job was deleted`,
        };
      case "STOPPED":
        return { state: "stopped", reason: "stopped through Ray" };
      case "SUCCEEDED":
        return { state: "succeeded", exitCode: 0 };
      default:
        return {
          state: "failed",
          ...(job?.exitCode === undefined ? {} : { exitCode: job.exitCode }),
          reason: job?.message.trim().split("\n").at(-1) || "Ray does not say why",
        };
    }
  };

  return {
    name: "ray",
    pollMilliseconds: 2_000,
    async check(target) {
      const findings: Finding[] = checkTarget(target);
      if (findings.length > 0) return findings;
      const address = String(target.address);
      try {
        await (await clientOf(address, target.tokenFile as string | undefined)).version();
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
        findings.push({ level: "error", code: error.code, message: error.message, next: error.next });
      }
      if (address.startsWith("http:") && !isLoopback(address))
        findings.push({
          level: "warning",
          code: "launcher",
          message: `${address} is not encrypted: who can listen on the way can run programs there`,
          next: "use a tunnel (ssh -L 8265:localhost:8265) or https",
        });
      return findings;
    },
    submit: (emitted, target) => submit(emitted, target, 1),
    resume: (emitted, target, before) => submit(emitted, target, Number(before.detail.attempt ?? 1) + 1),
    status,
    async logs(handle, from) {
      // each attempt is a job with a log of its own: a place in it is told with the attempt
      const begin = Number(handle.detail.attempt ?? 1) * attemptBytes;
      const bytes = Buffer.from(await (await clientFor(handle)).logs(handle.id), "utf8");
      const start = from >= begin && from - begin <= bytes.length ? from - begin : 0;
      const { text, next } = logPart(bytes.subarray(start), start);
      return { text, next: begin + next };
    },
    async fetch() {},
    async stop(handle) {
      await writeFileAtomic(jobPlaces.stop(handle.dir), "");
      // a job that waits may stay PENDING in Ray all the same; when its turn comes, the supervisor sees the file and ends at once
      const client = await clientFor(handle);
      if ((await client.job(handle.id))?.status === "PENDING") await client.stop(handle.id);
    },
  };
}

const wasStopped = ({ dir }: JobHandle): Promise<boolean> =>
  stat(jobPlaces.stop(dir)).then(
    () => true,
    () => false,
  );

/** A word of a POSIX shell that stands for exactly this text. */
export const shellQuoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

function isLoopback(address: string): boolean {
  const { hostname } = new URL(address);
  return hostname === "localhost" || hostname === "[::1]" || /^127\./.test(hostname);
}

async function readToken(path: string): Promise<string> {
  const token = await readFile(path, "utf8").catch((error: unknown) => {
    throw new EngineError(
      "ray-token",
      `${path}: the token cannot be read`,
      "name a file that holds it",
      error,
    );
  });
  return token.trim();
}
