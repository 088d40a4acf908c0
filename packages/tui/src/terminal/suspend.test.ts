import { EventEmitter } from "node:events";
import { expect, it } from "vitest";
import { openSuspend, type StoppableProcess } from "./suspend.ts";

it("stops by the signal's own effect while the terminal is handed over, once at a time, and listens again", async () => {
  const said: string[] = [];
  const self = Object.assign(new EventEmitter(), {
    pid: 7,
    kill: (pid: number, signal: string) => {
      said.push(`${signal} to ${pid}, ${self.listenerCount("SIGTSTP")} listeners`);
      return true;
    },
  });
  const { suspend, close } = openSuspend(
    async (stop) => {
      said.push("given");
      await Promise.resolve();
      stop();
      said.push("taken");
    },
    self as unknown as StoppableProcess,
  );
  await Promise.all([suspend(), suspend()]);
  self.emit("SIGTSTP"); // of somebody else
  await new Promise((resolve) => setTimeout(resolve, 10));
  const once = ["given", "SIGTSTP to 7, 0 listeners", "taken"];
  expect(said).toEqual([...once, ...once]);
  close();
  expect(self.listenerCount("SIGTSTP")).toBe(0);
});
