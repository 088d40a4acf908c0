import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import os from "node:os";

export interface GpuSample {
  name: string;
  /** 0 to 1; undefined where the driver doesn't say. */
  load: number | undefined;
  memoryUsed: number;
  memoryTotal: number;
  celsius: number | undefined;
  watts: number | undefined;
}

/** What the machine of the viewer is doing. Shares from 0 to 1, sizes in bytes. */
export interface SystemSample {
  host: string;
  cores: number[];
  load: number;
  memory: { used: number; total: number };
  disk: { free: number; total: number } | undefined;
  /** Of the run, when it runs here. */
  process: { pid: number; memory: number; share: number } | undefined;
  gpus: GpuSample[];
  /** Shares of the last samples, oldest first. */
  history: number[];
}

/** Samples the machine. Call it every second or two; `close` ends what it started. */
export interface SystemProbe {
  sample(dir: string, pid: number | undefined): Promise<SystemSample>;
  close(): void;
}

const ticksPerSecond = 100; // USER_HZ on every Linux that Node runs on

export function openSystemProbe(): SystemProbe {
  let before = os.cpus();
  let processBefore: { pid: number; ticks: number; at: number } | undefined;
  const gpus = watchGpus();
  let history: number[] = [];
  return {
    async sample(dir, pid) {
      const now = os.cpus();
      const cores = now.map((core, index) => busyShare(before[index]?.times, core.times));
      before = now;
      const mean = cores.reduce((sum, share) => sum + share, 0) / Math.max(1, cores.length);
      history = [...history, mean].slice(-120);
      const own = pid === undefined ? undefined : processUse(pid);
      const share =
        own !== undefined && processBefore?.pid === pid
          ? (own.ticks - processBefore!.ticks) /
            ticksPerSecond /
            ((performance.now() - processBefore!.at) / 1000)
          : 0;
      processBefore = own === undefined ? undefined : { pid: pid!, ticks: own.ticks, at: performance.now() };
      const [free, total] = [availableMemory() ?? os.freemem(), os.totalmem()];
      return {
        ...{ host: os.hostname(), cores, load: os.loadavg()[0] ?? 0, history, gpus: gpus.newest() },
        memory: { used: total - free, total },
        disk: await statfs(dir).then(
          ({ bavail, blocks, bsize }) => ({ free: bavail * bsize, total: blocks * bsize }),
          () => undefined,
        ),
        process: own === undefined ? undefined : { pid: pid!, memory: own.memory, share: Math.max(0, share) },
      };
    },
    close: () => gpus.close(),
  };
}

type Times = ReturnType<typeof os.cpus>[number]["times"];

function busyShare(before: Times | undefined, now: Times): number {
  if (before === undefined) return 0;
  const idle = now.idle - before.idle;
  const all =
    Object.values(now).reduce((sum, value) => sum + value, 0) -
    Object.values(before).reduce((sum, value) => sum + value, 0);
  return all <= 0 ? 0 : Math.min(1, Math.max(0, 1 - idle / all));
}

/** Memory without what the system would give back: MemAvailable of /proc/meminfo; undefined off Linux. */
function availableMemory(): number | undefined {
  try {
    const match = /MemAvailable:\s+(\d+) kB/.exec(readFileSync("/proc/meminfo", "utf8"));
    return match === null ? undefined : Number(match[1]) * 1024;
  } catch {
    return undefined;
  }
}

/** Resident bytes and processor ticks of a process of this machine (proc(5)); undefined when it is gone, and off Linux. */
function processUse(pid: number): { memory: number; ticks: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { memory: Number(fields[21]) * 4096, ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return undefined;
  }
}

/** GPUs by `nvidia-smi`, which reports every two seconds by itself; none where it is not installed. */
function watchGpus(): { newest(): GpuSample[]; close(): void } {
  const fields = "index,name,utilization.gpu,memory.used,memory.total,temperature.gpu,power.draw";
  const found = new Map<string, GpuSample>();
  const child = spawn("nvidia-smi", [`--query-gpu=${fields}`, "--format=csv,noheader,nounits", "-l", "2"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  child.on("error", () => {}); // not installed
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const [index = "", name = "", load, used, total, celsius, watts] = line.split(", ");
      if (index === "") continue;
      const value = (field: string | undefined) =>
        field === undefined || Number.isNaN(Number(field)) ? undefined : Number(field);
      const share = value(load);
      found.set(index, {
        ...{
          name,
          load: share === undefined ? undefined : share / 100,
          celsius: value(celsius),
          watts: value(watts),
        },
        memoryUsed: (value(used) ?? 0) * 2 ** 20,
        memoryTotal: (value(total) ?? 0) * 2 ** 20,
      });
    }
  });
  child.unref();
  return { newest: () => [...found.values()], close: () => child.kill() };
}
