import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

export type Answer = { readonly code?: number; readonly stdout?: string; readonly stderr?: string };

/** Programs on the PATH that say what they are told to, and note how they were called. */
export type FakePrograms = {
  /** From now on; with several answers, one a call and the last for ever. */
  answer(program: string, ...answers: readonly Answer[]): void;
  calls(program?: string): string[][];
  restore(): void;
};

const text = `#!${process.execPath}
const fs = require("node:fs");
const { join, basename } = require("node:path");
const name = basename(process.argv[1]);
fs.appendFileSync(join(__dirname, "calls.jsonl"), JSON.stringify([name, ...process.argv.slice(2)]) + "\\n");
const file = join(__dirname, name + ".json");
const answers = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : [{}];
if (answers.length > 1) fs.writeFileSync(file, JSON.stringify(answers.slice(1)));
const { code = 0, stdout = "", stderr = "" } = answers[0];
fs.writeSync(1, stdout);
fs.writeSync(2, stderr);
process.exit(code);
`;

export function fakePrograms(folder: string, names: readonly string[]): FakePrograms {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), "{}"); // plain CommonJS, whatever lies above
  for (const name of names) {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o755);
  }
  const before = process.env.PATH;
  process.env.PATH = `${folder}${delimiter}${before}`;
  return {
    answer: (program, ...answers) => writeFileSync(join(folder, `${program}.json`), JSON.stringify(answers)),
    calls(program) {
      const lines = readFileSync(join(folder, "calls.jsonl"), "utf8").trim().split("\n");
      const calls = lines.map((line) => JSON.parse(line) as string[]);
      return program === undefined ? calls : calls.filter(([name]) => name === program);
    },
    restore() {
      process.env.PATH = before;
    },
  };
}
