import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../goldens/", import.meta.url));

export function goldenPath(name: string): string {
  return `${FOLDER}${name}`;
}

export function goldenJson<T>(name: string): T {
  return JSON.parse(readFileSync(goldenPath(name), "utf8")) as T;
}
