// The launchers against the real thing, each brought up on this machine and torn down after: Slurm (Debian's packages), a Ray head, an sshd, a disk that fills, the built command.
//   node scripts/check-launchers.mjs slurm|ray|ssh|faults|command
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closingLine, vitestCounts, vitestFailures } from "./lib/counts.mjs";
import { root } from "./lib/workspace.mjs";

const [kind] = process.argv.slice(2);
if (!["slurm", "ray", "ssh", "faults", "command"].includes(kind)) {
  console.error("say slurm, ray, ssh, faults or command");
  process.exit(2);
}
const report = join(root, ".cache/test-results", `launchers-${kind}.json`);
rmSync(report, { force: true });
const folder = mkdtempSync(join(tmpdir(), "mede2-launchers-"));
const script = join(root, "scripts/ray-env.sh");
const ray = (...args) =>
  execFileSync("bash", [script, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
let code = 1;
try {
  let prefix = [];
  const env = { ...process.env, MEDE2_REAL: `launchers-${kind}` };
  if (kind === "ray") {
    env.MEDE2_RAY_TOKEN = "a-token-for-this-test";
    const said = ray("up", folder, env.MEDE2_RAY_TOKEN);
    env.MEDE2_RAY_ADDRESS = /^RAY_ADDRESS=(.*)$/m.exec(said)[1];
    prefix = /^RAY_ENTER=(.*)$/m.exec(said)[1].split(" ");
  }
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const args = [
    ...prefix,
    process.execPath,
    vitest,
    "run",
    "--config",
    "test/vitest.real.config.ts",
    `test/${kind}.real.ts`,
  ];
  // not spawnSync: a request to end must reach us, so that what was brought up is torn down
  const child = spawn(args[0], args.slice(1), { cwd: join(root, "packages/engines"), env, stdio: "inherit" });
  for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => child.kill(signal));
  code = await new Promise((done) => child.on("exit", (status) => done(status ?? 1)));
} finally {
  if (kind === "ray") ray("down", folder);
  rmSync(folder, { recursive: true, force: true });
}
for (const failure of vitestFailures(report)) console.log(failure);
const counts = vitestCounts(report);
console.log(closingLine(counts));
process.exit(code === 0 && counts.failed === 0 ? 0 : 1);
