import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { EngineName } from "@mede2/schemas";
import { embeddedEngine } from "./embedded-engine.ts";
import { emitLlamaFactory } from "./emit/llama-factory.ts";
import { emitSwift } from "./emit/ms-swift.ts";
import { emitTrl } from "./emit/trl.ts";
import type { Engine } from "./engine.ts";
import { outsideEngine, programIn } from "./outside-engine.ts";

const driver = fileURLToPath(new URL("../python/trl_driver.py", import.meta.url));

const engines: Readonly<Record<EngineName, Engine>> = {
  embedded: embeddedEngine,
  "ms-swift": outsideEngine({
    name: "ms-swift",
    format: "ms-swift",
    program: (folder) => programIn(folder, "swift"),
    emit: emitSwift,
  }),
  "llama-factory": outsideEngine({
    name: "llama-factory",
    format: "llama-factory",
    program: (folder) => programIn(folder, "llamafactory-cli"),
    emit: emitLlamaFactory,
  }),
  trl: outsideEngine({
    name: "trl",
    format: "trl",
    program: (folder) => (folder === undefined ? "python3" : join(folder, "bin", "python")),
    emit: async (emission, program) => emitTrl(emission, program, await readFile(driver, "utf8")),
  }),
};

export const engineNames = Object.keys(engines) as readonly EngineName[];

export const engineOf = (name: EngineName): Engine => engines[name];
