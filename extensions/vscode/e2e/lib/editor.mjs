import { execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chromium, place, serverEntry, serverNode } from "../install.mjs";

export const extension = fileURLToPath(new URL("../..", import.meta.url));
const requireHere = createRequire(join(place, "package.json"));
const settings = {
  "workbench.startupEditor": "none",
  "telemetry.telemetryLevel": "off",
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "chat.disableAIFeatures": true,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.tips.enabled": false,
  "security.workspace.trust.enabled": false,
  "workbench.colorTheme": "Default Dark Modern",
  "window.commandCenter": false,
  "terminal.integrated.gpuAcceleration": "off", // so that what a terminal shows is text in the page
  "mede2.reviewer": "tester",
};

/** A port that nobody listens on. */
const freePort = () =>
  new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

/** Our packed extension. */
export function vsix() {
  const dist = join(extension, "dist");
  const name = readdirSync(dist).find((each) => each.endsWith(".vsix"));
  if (!name) throw new Error("there is no .vsix in dist: pack the extension first (pnpm package)");
  return join(dist, name);
}

/**
 * An editor of its own: server, profile and browser, gone when it is closed. `install` packs the extension in; without it the folder of the
 * extension is what `payload` names. `others` are packed extensions that come along.
 */
export async function openEditor({
  install = true,
  others = [],
  more = {},
  machine = {},
  env: extra = {},
  flags = [],
  theme,
  size = { width: 1360, height: 880 },
} = {}) {
  const home = mkdtempSync(join(tmpdir(), "mede2-editor-"));
  const [data, extensions] = [join(home, "data"), join(home, "extensions")];
  mkdirSync(join(data, "User"), { recursive: true });
  mkdirSync(extensions);
  writeFileSync(
    join(data, "User/settings.json"),
    JSON.stringify({ ...settings, ...(theme ? { "workbench.colorTheme": theme } : {}), ...more }),
  );
  mkdirSync(join(data, "Machine"), { recursive: true });
  writeFileSync(join(data, "Machine/settings.json"), JSON.stringify(machine));
  const port = await freePort();
  const config = join(home, "server.yaml");
  writeFileSync(config, "");
  const base = [serverEntry, "--config", config, "--user-data-dir", data, "--extensions-dir", extensions];
  const env = { ...process.env, MEDE2_WORKSPACE: "", VSCODE_IPC_HOOK_CLI: "", HOME: home, ...extra };
  for (const file of [...(install ? [vsix()] : []), ...others])
    await promisify(execFile)(serverNode, [...base, "--install-extension", file], { env, timeout: 120_000 });
  const server = spawn(
    serverNode,
    [
      ...base,
      ...[
        "--auth",
        "none",
        "--bind-addr",
        `127.0.0.1:${port}`,
        "--disable-telemetry",
        "--disable-update-check",
      ],
      ...["--disable-getting-started-override", "--disable-proxy", ...flags],
    ],
    { env, stdio: ["ignore", "pipe", "pipe"], detached: true },
  );
  let said = "";
  for (const stream of [server.stdout, server.stderr])
    stream.on("data", (text) => {
      said = (said + text).slice(-20_000);
    });
  const browser = await requireHere("playwright-core").chromium.launch({
    executablePath: chromium(),
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  const close = async () => {
    await browser.close().catch(() => {});
    try {
      process.kill(-server.pid, "SIGKILL");
    } catch {
      // it has ended
    }
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await until(
      async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok,
      60_000,
      "the server answers",
    );
    const context = await browser.newContext({ viewport: size, deviceScaleFactor: 1 });
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    return {
      ...{ page, port, close, data, server, said: () => said },
      /** Leaves the folder, so that nothing of it is open when it is removed. */
      async leave() {
        await page.goto("about:blank", { timeout: 120_000 });
      },
      /** Opens a folder or a workspace file, and waits for the workbench. */
      async open(place, kind = "folder") {
        await page.goto(`http://127.0.0.1:${port}/?${kind}=${encodeURIComponent(resolve(place))}`, {
          ...{ waitUntil: "commit", timeout: 120_000 }, // the next line waits for what matters
        });
        await page.locator(".monaco-workbench .statusbar").waitFor({ timeout: 120_000 });
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Waits until something holds; what it throws counts as not yet. */
export async function until(holds, milliseconds, what) {
  const end = Date.now() + milliseconds;
  let last;
  while (Date.now() < end) {
    try {
      if (await holds()) return;
    } catch (error) {
      last = error;
    }
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`waited ${milliseconds / 1000} s until ${what}${last ? `: ${last.message}` : ""}`);
}

export const axeSource = () => requireHere.resolve("axe-core/axe.min.js");
