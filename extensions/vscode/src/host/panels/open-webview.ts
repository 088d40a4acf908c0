import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import type { z } from "zod/mini";
import type { Services } from "../services.ts";
import { webviewHtml } from "./webview-html.ts";

export interface WebviewSettings<Out, In extends z.ZodMiniType> {
  readonly services: Services;
  readonly view: "traces" | "review" | "run" | "comparison";
  readonly title: string;
  /** Folders beside the extension's own that pictures may come from. */
  readonly pictures?: readonly string[];
  /** Pictures come in messages. */
  readonly carried?: boolean;
  readonly outgoing: z.ZodMiniType<Out>;
  readonly incoming: In;
  receive(message: z.infer<In>): unknown;
}

/** Both ends of a webview's messages. What does not fit its schema is neither sent nor taken, and the log says so. */
export interface Channel<Out> {
  post(message: Out): void;
}

/** Fills a webview with one of our pages and joins it to `receive`. */
export function openWebview<Out, In extends z.ZodMiniType>(
  webview: vscode.Webview,
  settings: WebviewSettings<Out, In>,
): Channel<Out> {
  const { services, view, title, pictures = [], carried = false, outgoing, incoming, receive } = settings;
  const { context, log } = services;
  const folder = vscode.Uri.joinPath(context.extensionUri, "dist", "webview");
  const link = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(folder, name)).toString();
  webview.options = {
    enableScripts: true,
    enableForms: false,
    enableCommandUris: false,
    localResourceRoots: [folder, ...pictures.map((path) => vscode.Uri.file(path))],
  };
  webview.onDidReceiveMessage(async (message: unknown) => {
    const checked = incoming.safeParse(message);
    if (!checked.success) {
      log().warn(
        `${view}: a message was not taken: ${checked.error.issues[0]?.message ?? "it has another form"}`,
      );
      return;
    }
    try {
      await receive(checked.data as z.infer<In>);
    } catch (error) {
      log().error(error instanceof Error ? error : String(error));
      post({ type: "fault", message: error instanceof Error ? error.message : String(error) } as Out);
    }
  });
  webview.html = webviewHtml({
    ...{
      title,
      nonce: randomBytes(18).toString("base64"),
      source: webview.cspSource,
      language: vscode.env.language,
      carried,
    },
    script: link(`${view}.js`),
    styles: [link(`${view}.css`)],
  });

  function post(message: Out): void {
    const checked = outgoing.safeParse(message);
    if (checked.success) void webview.postMessage(checked.data);
    else log().error(`${view}: a message was not sent: ${JSON.stringify(checked.error.issues.slice(0, 3))}`);
  }
  return { post };
}

/** The icon of our tabs, for light and dark themes. */
export function tabIcon({ context }: Services): { light: vscode.Uri; dark: vscode.Uri } {
  const icon = (theme: string) => vscode.Uri.joinPath(context.extensionUri, "media", `tab-${theme}.svg`);
  return { light: icon("light"), dark: icon("dark") };
}
