import type { JsonValue } from "@mede2/schemas";
import { EngineError } from "../engine-error.ts";
import type { Finding } from "../finding.ts";
import type { LauncherName, LaunchTarget } from "./launcher.ts";

/** What a setting may be. */
type Rule = {
  readonly is: "text" | "whole" | "yes-or-no";
  /** Of texts: the whole of it must fit. What goes into a script or an option of a program is restricted to what cannot be read as anything else. */
  readonly fits?: RegExp;
  readonly such: string;
  readonly needed?: true;
};

const word = /^[A-Za-z0-9][A-Za-z0-9._+-]*$/;
const list = /^[A-Za-z0-9][A-Za-z0-9._+:=,*&|()[\]-]*$/;
const absolute = /^\/[^\n\r\0]*$/;

const everywhere = {
  nodes: { is: "whole", such: "1" },
  processesPerNode: { is: "whole", such: "2" },
  gpusPerNode: { is: "whole", such: "8" },
  /** Seconds between the request to end and the kill. */
  graceSeconds: { is: "whole", such: "120" },
  /** A shell file to source first, where the job runs. */
  setup: { is: "text", fits: absolute, such: '"/home/anna/swift.sh"' },
} satisfies Record<string, Rule>;

const rules: Readonly<Record<LauncherName, Readonly<Record<string, Rule>>>> = {
  local: everywhere,
  slurm: {
    ...everywhere,
    time: {
      is: "text",
      fits: /^(?:\d+-)?\d{1,3}(?::\d{2}){0,2}$/,
      such: '"1-00:00:00", "24:00:00" or "90" (minutes)',
      needed: true,
    },
    partition: { is: "text", fits: list, such: '"gpu"' },
    account: { is: "text", fits: word, such: '"medai"' },
    qos: { is: "text", fits: word, such: '"normal"' },
    constraint: { is: "text", fits: list, such: '"a100|h100"' },
    gres: { is: "text", fits: list, such: '"gpu:h100:8"' },
    reservation: { is: "text", fits: word, such: '"course"' },
    nodelist: { is: "text", fits: list, such: '"node[01-04]"' },
    exclude: { is: "text", fits: list, such: '"node07"' },
    memory: { is: "text", fits: /^\d+[KMGT]?$/, such: '"200G"' },
    cpusPerTask: { is: "whole", such: "64" },
    /** Seconds before the end of the time at which the trainer is told to save. */
    warnSeconds: { is: "whole", such: "300" },
    requeue: { is: "yes-or-no", such: "true" },
  },
  ray: {
    ...everywhere,
    address: { is: "text", fits: /^https?:\/\/[^\s]+$/, such: '"http://127.0.0.1:8265"', needed: true },
    /** A file that holds the token; else $RAY_AUTH_TOKEN is used, if it is set. */
    tokenFile: { is: "text", fits: absolute, such: '"/home/anna/.ray/auth_token"' },
    cpus: { is: "whole", such: "16" },
    memoryBytes: { is: "whole", such: "64000000000" },
  },
  ssh: {
    ...everywhere,
    host: {
      is: "text",
      fits: /^(?:[A-Za-z0-9_][A-Za-z0-9._-]*@)?[A-Za-z0-9][A-Za-z0-9._:-]*$/,
      such: '"anna@gpu1" or a name of your ssh configuration',
      needed: true,
    },
    port: { is: "whole", such: "22" },
    /** The folder there in which the folders of runs are made. */
    folder: { is: "text", fits: absolute, such: '"/data/anna/mede2"', needed: true },
    identityFile: { is: "text", fits: absolute, such: '"/home/anna/.ssh/id_ed25519"' },
    configFile: { is: "text", fits: absolute, such: '"/home/anna/.ssh/config"' },
    knownHostsFile: { is: "text", fits: absolute, such: '"/home/anna/.ssh/known_hosts"' },
    connectSeconds: { is: "whole", such: "15" },
  },
};

/** What is wrong with a target: unknown, missing and malformed settings, each with the form that is expected. */
export function checkTarget(target: LaunchTarget): Finding[] {
  const known = rules[target.name];
  if (known === undefined)
    return [error(`launcher ${JSON.stringify(target.name)} is unknown`, "say local, slurm, ray or ssh")];
  const findings: Finding[] = [];
  for (const [name, value] of Object.entries(target)) {
    if (name === "name" || value === undefined) continue;
    const rule = known[name];
    if (rule === undefined)
      findings.push(
        error(
          `the launcher ${target.name} has no setting ${JSON.stringify(name)}`,
          `it has ${Object.keys(known).join(", ")}`,
        ),
      );
    else if (!fits(rule, value))
      findings.push(error(`launcher.${name} is ${JSON.stringify(value)}`, `say such as ${rule.such}`));
  }
  for (const [name, rule] of Object.entries(known))
    if (rule.needed === true && target[name] === undefined)
      findings.push(error(`launcher.${name} is missing`, `say such as ${rule.such}`));
  return findings;
}

/** A target whose settings are known to be as `checkTarget` wants them. Throws an EngineError "launcher" with its first finding. */
export function settingsOf(target: LaunchTarget): Settings {
  const [first] = checkTarget(target);
  if (first !== undefined) throw new EngineError("launcher", first.message, first.next ?? "see the plan");
  return {
    text: (name) => target[name] as string | undefined,
    whole: (name) => target[name] as number | undefined,
    flag: (name) => target[name] as boolean | undefined,
  };
}

export type Settings = {
  text(name: string): string | undefined;
  whole(name: string): number | undefined;
  flag(name: string): boolean | undefined;
};

const error = (message: string, next: string): Finding => ({
  level: "error",
  code: "launcher",
  message,
  next,
});

function fits({ is, fits: form }: Rule, value: JsonValue): boolean {
  switch (is) {
    case "text":
      return typeof value === "string" && (form === undefined || form.test(value));
    case "whole":
      return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
    case "yes-or-no":
      return typeof value === "boolean";
  }
}
