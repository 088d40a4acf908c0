import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { Clock } from "@mede2/schemas";

/** The machine and the process, as far as runs need them. Tests hand in their own. */
export interface Host {
  clock: Clock;
  /** Uniform in [0, 1). */
  random(): number;
  name: string;
  /** Changes with every boot; "unknown" where the system doesn't say. */
  bootId: string;
  pid: number;
  /** When this process began; undefined where the system doesn't say. */
  processStart?: string | undefined;
  /** In whose count `pid` stands; undefined where the system doesn't say. */
  pidNamespace?: string | undefined;
  /** Whether that process lives on this host now. With `start`, whether it is still the same one. */
  isAlive(pid: number, start?: string): boolean;
}

/** The real host and this process. */
export function thisHost(): Host {
  return {
    clock: Date.now,
    random: Math.random,
    name: hostname(),
    bootId: readBootId(),
    pid: process.pid,
    processStart: startOf(process.pid),
    pidNamespace: readPidNamespace(),
    isAlive,
  };
}

function readBootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return "unknown"; // not Linux: a run is then judged by pid and heartbeat alone
  }
}

/** Of a container another one than that of its host, though it may have the name of that (pid_namespaces(7)). */
function readPidNamespace(): string | undefined {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return undefined;
  }
}

/** Clock ticks since boot at which a process began: field 22 of /proc/PID/stat (proc(5)); undefined off Linux. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

function isAlive(pid: number, start?: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as { code?: string }).code !== "EPERM") return false; // EPERM: it lives and belongs to somebody else
  }
  const now = startOf(pid);
  return start === undefined || now === undefined || now === start;
}
