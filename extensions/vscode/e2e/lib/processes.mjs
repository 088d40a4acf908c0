import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const processes = () =>
  execFileSync("ps", ["-eo", "pid,ppid,args"], { encoding: "utf8" })
    .trim()
    .split("\n")
    .slice(1)
    .map((row) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(row))
    .map(([, own, parent, args]) => ({ own: Number(own), parent: Number(parent), args }));

/** What works on `folder` for us: commands, and the processes that they train in. The editor's own are none of these. */
export const processesOf = (folder) =>
  processes()
    .filter(({ args }) => args.includes(folder) && !/code-server|chrom/.test(args))
    .map(({ own }) => own);

/** The process below `pid` that is the extension host. */
export function extensionHost(pid) {
  const rows = processes();
  const below = new Set([pid]);
  for (let more = true; more; ) {
    more = false;
    for (const { own, parent } of rows)
      if (below.has(parent) && !below.has(own)) {
        below.add(own);
        more = true;
      }
  }
  return rows.find(({ own, args }) => below.has(own) && args.includes("type=extensionHost")).own;
}

/** User and system time of a process, from /proc (ticks of 1/100 s). */
export function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
