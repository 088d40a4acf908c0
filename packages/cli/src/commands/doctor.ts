import { existsSync } from "node:fs";
import { availableParallelism, cpus, freemem, totalmem } from "node:os";
import { join } from "node:path";
import type { DeviceFinding } from "@mede2/trainer";
import type { Command } from "commander";
import { addCommand, type CommonOptions, type Context, say } from "../command.ts";
import { exitCodes } from "../exit.ts";
import { bytes } from "../numbers.ts";
import { printFields, printTable } from "../table.ts";

export function addDoctor(program: Command, context: Context): void {
  addCommand(program, "doctor", "say what this machine can do, and why not more", [
    "mede2 doctor",
    "mede2 doctor --json",
  ]).action((options: CommonOptions) => doctor(options, context));
}

async function doctor(options: CommonOptions, context: Context): Promise<void> {
  const [{ deviceNames, probeDevice }, { tinyFolder }, { codeVersion }] = await Promise.all([
    import("@mede2/trainer"),
    import("@mede2/recipes"),
    import("../version.ts"),
  ]);
  const devices: DeviceFinding[] = [];
  for (const name of deviceNames) devices.push(await probeDevice(name));
  const cpu = devices.some(({ name, usable }) => name === "cpu" && usable);
  const shipped = existsSync(join(tinyFolder, "config.json"));
  const code = await codeVersion();
  const machine = {
    ...{ node: process.version, platform: `${process.platform}-${process.arch}` },
    ...{ cpu: cpus()[0]?.model.trim() ?? "unknown", cores: availableParallelism() },
    ...{ memoryBytes: totalmem(), freeMemoryBytes: freemem() },
  };
  say(context, options, {
    json: { devices, machine, code, baseModel: { usable: shipped, path: tinyFolder } },
    exit: cpu ? exitCodes.done : exitCodes.failed,
    print: (output) => {
      printTable(
        output,
        [{ title: "device" }, { title: "usable" }, { title: "" }],
        devices.map(({ name, usable, reason }) => [
          name,
          usable ? { text: "yes", style: "green" } : { text: "no", style: "yellow" },
          reason,
        ]),
      );
      output.line();
      printFields(output, [
        [
          "mede2",
          `${code.version}${code.commit === undefined ? "" : `, commit ${code.commit.slice(0, 12)}${code.dirty ? ", changed" : ""}`}`,
        ],
        ["node", `${machine.node} on ${machine.platform}`],
        ["cpu", `${machine.cpu}, ${machine.cores} cores`],
        ["memory", `${bytes(machine.freeMemoryBytes)} free of ${bytes(machine.memoryBytes)}`],
        ["base model", shipped ? tinyFolder : "not in this build: demo needs --base"],
      ]);
    },
  });
}
