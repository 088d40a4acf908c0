import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, it } from "vitest";

const read = (path: string) => JSON.parse(readFileSync(path, "utf8")) as Record<string, never>;
const own = read(new URL("../package.json", import.meta.url).pathname) as unknown as {
  engines: { vscode: string };
  devDependencies: Record<string, string>;
  contributes: {
    commands: { command: string; category?: string }[];
    menus: Record<string, { command: string }[]>;
  };
};

it("is checked against the types of the oldest editor that it says it runs in", () => {
  const types = createRequire(import.meta.url).resolve("@vscode/vscode-types/package.json");
  const { version } = read(types) as unknown as { version: string };
  expect(own.engines.vscode).toBe(`^${version}`);
  expect(own.devDependencies["@vscode/vscode-types"]).toBe(`npm:@types/vscode@${version}`);
});

it("has a category on every command, and menus only of commands that exist", () => {
  const commands = new Set(own.contributes.commands.map(({ command }) => command));
  expect(own.contributes.commands.filter(({ category }) => category !== "MedE²")).toEqual([]);
  const named = Object.values(own.contributes.menus).flatMap((items) => items.map(({ command }) => command));
  expect(named.filter((command) => !commands.has(command))).toEqual([]);
});
