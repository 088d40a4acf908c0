import { existsSync } from "node:fs";
import { availableParallelism, cpus, freemem, totalmem } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { addCommand, type CommonOptions, type Context, say } from "../command.ts";
import { exitCodes, faultOf } from "../exit.ts";
import { bytes } from "../numbers.ts";
import { printFields, printTable } from "../table.ts";

type Finding = { readonly name: string; readonly usable: boolean; readonly reason: string };

export function addDoctor(program: Command, context: Context): void {
  addCommand(program, "doctor", "say what this machine can do, and why not more", [
    "mede2 doctor",
    "mede2 doctor --json",
  ]).action((options: CommonOptions) => doctor(options, context));
}

async function doctor(options: CommonOptions, context: Context): Promise<void> {
  const [cpu, { tinyFolder }, { codeVersion }] = await Promise.all([
    tryCpu(),
    import("@mede2/recipes"),
    import("../version.ts"),
  ]);
  const absent = "the embedded engine of this version computes on the cpu only";
  const devices: Finding[] = [
    cpu,
    { name: "cuda", usable: false, reason: absent },
    { name: "webgpu", usable: false, reason: absent },
  ];
  const shipped = existsSync(join(tinyFolder, "config.json"));
  const code = await codeVersion();
  const machine = {
    ...{ node: process.version, platform: `${process.platform}-${process.arch}` },
    ...{ cpu: cpus()[0]?.model.trim() ?? "unknown", cores: availableParallelism() },
    ...{ memoryBytes: totalmem(), freeMemoryBytes: freemem() },
  };
  say(context, options, {
    json: { devices, machine, code, baseModel: { usable: shipped, path: tinyFolder } },
    exit: cpu.usable ? exitCodes.done : exitCodes.failed,
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

/** Whether the native runtime loads and computes: one graph is compiled and run, and its result looked at. */
async function tryCpu(): Promise<Finding> {
  try {
    const started = performance.now();
    const [{ openCpuDevice }, { probeModel }] = await Promise.all([
      import("@mede2/trainer"),
      import("../probe-model.ts"),
    ]);
    const device = await openCpuDevice(1);
    const session = await device.compile(probeModel());
    const { y } = await session.run({ x: { data: new Float32Array([1, 2, 3]), shape: [3] } });
    await session.release();
    const values = [...(y!.data as Float32Array)];
    if (values.join() !== "2,4,6")
      return {
        name: "cpu",
        usable: false,
        reason: `it computed ${values.join(", ")} where 2, 4, 6 is right`,
      };
    return {
      name: "cpu",
      usable: true,
      reason: `onnxruntime-node computes (checked in ${Math.round(performance.now() - started)} ms)`,
    };
  } catch (error) {
    const { message, next } = faultOf(error);
    return { name: "cpu", usable: false, reason: next === undefined ? message : `${message}; ${next}` };
  }
}
