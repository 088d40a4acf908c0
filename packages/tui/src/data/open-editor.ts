import { spawn } from "node:child_process";

/** Opens a file in VS Code, when its command is installed; else nothing happens. */
export function openInEditor(path: string): void {
  const child = spawn("code", ["--goto", path], { stdio: "ignore", detached: true });
  child.on("error", () => {}); // not installed: the notice names the path
  child.unref();
}
