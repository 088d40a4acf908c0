import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** sha256 over the weight files of a model folder, in the order of their names: another base under the same name is another base. */
export async function weightsHash(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".safetensors")).sort();
  const hash = createHash("sha256");
  for (const name of names)
    for await (const chunk of createReadStream(join(folder, name))) hash.update(chunk as Uint8Array);
  return hash.digest("hex");
}
