import { basename, relative } from "node:path";
import { workspaceOfFile } from "@mede2/runs";
import * as vscode from "vscode";
import { placeOfImage } from "../../files/image-places.ts";
import {
  type Filter,
  fromTraceEditorSchema,
  type RowView,
  type ToTraceEditor,
  toTraceEditorSchema,
} from "../../protocol/trace-messages.ts";
import { caseOf, type ShowImage } from "../../records/case-of.ts";
import type { Lookup } from "../../records/lookup.ts";
import { facetsOf, type Query, query } from "../../records/query.ts";
import { asksNothing } from "../../records/record-facts.ts";
import type { RecordFile } from "../../records/record-file.ts";
import { rowOf } from "../../records/row-of.ts";
import { folderOf } from "../folders.ts";
import { imageStores, mayChange, type Services } from "../services.ts";
import { virtualFiles, withVirtualPictures } from "../virtual-files.ts";
import { openRecords } from "./open-records.ts";
import { type Channel, openWebview } from "./open-webview.ts";

export const traceEditorType = "mede2.traces";
const firstBytes = 1 << 22;
const pieceBytes = 1 << 24;

/** The editor that is in front, for commands; and a line that the next one opened shall show. */
export interface TraceEditors extends vscode.CustomReadonlyEditorProvider {
  readonly active: { uri: vscode.Uri; line: number } | undefined;
  open(uri: vscode.Uri, line?: number): Promise<void>;
}

/** Shows files of traces, pairs, evaluation records, candidates, demonstrations and questions, read-only and piece by piece. */
export function traceEditors(services: Services): TraceEditors {
  const wanted = new Map<string, number>();
  const open = new Map<string, Set<{ reveal(line: number): void }>>();
  let active: { uri: vscode.Uri; line: number } | undefined;
  return {
    get active() {
      return active;
    },
    async open(uri, line) {
      if (line !== undefined) wanted.set(uri.toString(), line);
      await vscode.commands.executeCommand("vscode.openWith", uri, traceEditorType);
      if (line !== undefined) for (const editor of open.get(uri.toString()) ?? []) editor.reveal(line);
    },
    openCustomDocument: (uri) => ({ uri, dispose: () => {} }),
    async resolveCustomEditor({ uri }, panel) {
      const key = uri.toString();
      const session = await openSession(services, uri, panel.webview, (line) => {
        active = panel.active ? { uri, line } : active;
      });
      const mine = { reveal: session.reveal };
      const known = open.get(key) ?? new Set();
      known.add(mine);
      open.set(key, known);
      const line = wanted.get(key);
      wanted.delete(key);
      if (line !== undefined) session.reveal(line);
      if (panel.active) active = { uri, line: line ?? 1 };
      panel.onDidChangeViewState(() => {
        if (panel.active) active = { uri, line: session.line };
        else if (active?.uri.toString() === key) active = undefined;
        session.visible(panel.visible);
      });
      panel.onDidDispose(() => {
        known.delete(mine);
        if (active?.uri.toString() === key) active = undefined;
        void session.close();
      });
    },
  };
}

/** One open editor: the file, its filter, and what the webview is told. */
async function openSession(
  services: Services,
  uri: vscode.Uri,
  webview: vscode.Webview,
  moved: (line: number) => void,
) {
  const name = basename(uri.path);
  const onDisk = uri.scheme === "file";
  const top = onDisk ? folderOf(uri.fsPath) : undefined;
  const workspace = top === undefined ? undefined : workspaceOfFile(uri.fsPath, top);
  const stores = workspace === undefined ? [] : imageStores(workspace);
  let showImage: ShowImage = (ref) => {
    const place =
      top === undefined
        ? ({ found: false, reason: "this file lies outside the folders of the window" } as const)
        : placeOfImage(ref, stores);
    return place.found
      ? { source: webview.asWebviewUri(vscode.Uri.file(place.path)).toString() }
      : { reason: place.reason };
  };
  let file: RecordFile | undefined;
  let lookup: Lookup | undefined;
  let asked: Query | undefined;
  let generation = 0;
  let closed = false;
  let shown = true;
  let working = false;
  let told = "";
  let line = 1;
  let pending: number | undefined;
  let timer: NodeJS.Timeout | undefined;

  const channel: Channel<ToTraceEditor> = openWebview(webview, {
    ...{
      services,
      view: "traces",
      title: name,
      pictures: stores,
      carried: name.endsWith(".eval") || !onDisk,
      outgoing: toTraceEditorSchema,
      incoming: fromTraceEditorSchema,
    },
    async receive(message) {
      switch (message.type) {
        case "ready":
          return begin(message.filter, message.line);
        case "filter":
          return look(message.filter);
        case "rows":
          return message.generation === generation
            ? rows(message.from, Math.min(message.to, message.from + 200))
            : undefined;
        case "open":
          return message.generation === generation ? openCase(message.position, message.beside) : undefined;
        case "command":
          if (message.line !== undefined) moved(message.line);
          await vscode.commands.executeCommand(
            { text: "mede2.reopenAsText", link: "mede2.copyLink", review: "mede2.reviewPairs" }[
              message.command
            ],
            uri,
          );
      }
    },
  });

  async function begin(filter: Filter, at: number | undefined) {
    if (file === undefined) {
      const opened = await openRecords(uri, await filesBeside());
      ({ file, lookup } = opened);
      showImage = opened.showImage ?? showImage;
    }
    channel.post({
      type: "file",
      name: workspace === undefined ? name : relative(workspace, uri.fsPath),
      record: file.record,
      mayReview: top !== undefined && mayChange().may,
    });
    await file.index.advance(firstBytes);
    const linked = pending !== undefined;
    const wantedLine = pending ?? at;
    pending = undefined;
    look(filter);
    if (wantedLine !== undefined && (linked || asksNothing(filter))) reveal(wantedLine);
    tell();
    const prepared = lookup!.prepare().catch((error: unknown) => services.log().warn(String(error)));
    void facetsAfter(prepared);
    await work();
  }

  /** The files of the window's folder that this one lies in. */
  async function filesBeside() {
    if (onDisk) return top === undefined ? [] : (await services.surveys.of(top)).files;
    const folder = vscode.workspace.getWorkspaceFolder(uri);
    return folder === undefined ? [] : virtualFiles(folder.uri);
  }

  async function facetsAfter(prepared: Promise<void>) {
    if (file === undefined) return;
    channel.post({ type: "facets", facets: await facetsOf(file, undefined) });
    await prepared;
    if (closed) return;
    channel.post({ type: "facets", facets: await facetsOf(file, lookup?.baseline?.name) });
    generation += 1; // titles are known now
    told = "";
    tell();
  }

  function look(filter: Filter) {
    if (file === undefined) return;
    asked?.stop();
    generation += 1;
    asked = query(
      file,
      filter,
      (key) => lookup?.baseline?.outcome(key),
      () => performance.now(),
    );
    told = "";
    tell();
    void work();
  }

  /** Indexes and looks through the file in slices, between which everything else has its turn. */
  async function work() {
    if (working || file === undefined) return;
    working = true;
    let last = performance.now();
    try {
      while (!closed && shown) {
        const more = await file.index.advance(pieceBytes);
        const done = await asked!.advance(30);
        if (performance.now() - last > 100) {
          tell();
          last = performance.now();
        }
        if (!more && done && file.index.done) break;
        await new Promise((resolve) => setImmediate(resolve));
      }
      tell();
    } catch (error) {
      channel.post({ type: "fault", message: error instanceof Error ? error.message : String(error) });
    } finally {
      working = false;
      clearTimeout(timer);
      if (!closed && shown && onDisk) timer = setTimeout(() => void work(), 2000); // it may be growing
    }
  }

  function tell() {
    if (file === undefined || asked === undefined || closed) return;
    const { count: lines, scanned: indexed, done } = file.index;
    const state = {
      rows: asked.count,
      lines,
      indexed,
      scanned: asked.scanned,
      done: done && asked.scanned >= lines,
      unreadable: asked.unreadable,
    };
    const signature = `${generation} ${JSON.stringify(state)}`;
    if (signature === told) return;
    told = signature;
    channel.post({ type: "progress", generation, ...state });
  }

  async function rows(from: number, to: number) {
    if (file === undefined || asked === undefined) return;
    const mine = generation;
    const found: RowView[] = [];
    for (let position = from; position < Math.min(to, asked.count); position++) {
      const at = asked.at(position);
      const read = await file.read(at);
      const row =
        "ok" in read
          ? rowOf(read.ok, (id) => lookup?.stem(id))
          : { title: "This line is no record", badges: [{ text: "unreadable", tone: "bad" as const }] };
      found.push({ position, line: at + 1, ...row });
    }
    if (mine === generation) channel.post({ type: "rows", generation, rows: found });
  }

  async function openCase(position: number, beside: boolean) {
    if (file === undefined || asked === undefined || lookup === undefined) return;
    const at = asked.at(position);
    line = at + 1;
    moved(line);
    const read = await file.read(at);
    if ("fault" in read) return channel.post({ type: "fault", position, message: read.fault });
    const view = await caseOf(read.ok, line, lookup, showImage, beside);
    channel.post({ type: "case", position, view: onDisk ? view : await withVirtualPictures(view, uri) });
  }

  function reveal(wantedLine: number) {
    if (file === undefined) pending = wantedLine;
    else {
      line = wantedLine;
      channel.post({ type: "reveal", line: wantedLine });
    }
  }

  return {
    reveal,
    get line() {
      return line;
    },
    visible(now: boolean) {
      shown = now;
      if (now) void work();
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      asked?.stop();
      await Promise.all([file?.close(), lookup?.close()]);
    },
  };
}
