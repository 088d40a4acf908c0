import type { Launcher, LauncherName } from "./launcher.ts";
import { localLauncher } from "./local.ts";
import { rayLauncher } from "./ray.ts";
import { slurmLauncher } from "./slurm.ts";
import { sshLauncher } from "./ssh.ts";

const makers: Readonly<Record<LauncherName, () => Launcher>> = {
  local: localLauncher,
  slurm: slurmLauncher,
  ray: rayLauncher,
  ssh: sshLauncher,
};

export const launcherNames = Object.keys(makers) as readonly LauncherName[];

export const launcherOf = (name: LauncherName): Launcher => makers[name]();
