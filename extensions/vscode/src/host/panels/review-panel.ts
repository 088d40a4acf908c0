import { randomInt } from "node:crypto";
import { basename } from "node:path";
import { workspaceOfFile } from "@mede2/runs";
import { appendJsonl, isoTime, type PreferencePair, verdictSchema } from "@mede2/schemas";
import * as vscode from "vscode";
import { fileSource } from "../../files/byte-source.ts";
import { placeOfImage } from "../../files/image-places.ts";
import type { CaseView } from "../../protocol/case-view.ts";
import {
  fromReviewSchema,
  type ToReview,
  toReviewSchema,
  type VerdictMessage,
} from "../../protocol/review-messages.ts";
import { caseOf, type Related } from "../../records/case-of.ts";
import { recordFile } from "../../records/record-file.ts";
import { agrees, shownPair, verdictOf, verdictsFile } from "../../review/blind-pair.ts";
import { openReviewSession } from "../../review/review-session.ts";
import { folderOf } from "../folders.ts";
import { imageStores, mayChange, type Services } from "../services.ts";
import { openWebview, tabIcon } from "./open-webview.ts";

export const reviewType = "mede2.review";

const nothing: Related = {
  question: async () => undefined,
  trace: async () => undefined,
  outcome: async () => undefined,
  others: async () => [],
};

/** Opens the review of a file of pairs, or brings it to the front. */
export function reviewPanels(services: Services) {
  const open = new Map<string, vscode.WebviewPanel>();
  const fill = async (panel: vscode.WebviewPanel, path: string, reviewer: string) => {
    open.set(path, panel);
    panel.onDidDispose(() => open.delete(path));
    panel.iconPath = tabIcon(services);
    await openReview(services, panel, path, reviewer);
  };
  return {
    async show(path: string, reviewer: string) {
      const known = open.get(path);
      if (known !== undefined) return known.reveal();
      const panel = vscode.window.createWebviewPanel(
        reviewType,
        `Review: ${basename(path)}`,
        vscode.ViewColumn.Active,
        {},
      );
      await fill(panel, path, reviewer);
    },
    /** After a reload of the window: the page kept which file it was. */
    async restore(panel: vscode.WebviewPanel, state: unknown, reviewer: () => string) {
      const path =
        typeof state === "object" && state !== null && "path" in state && typeof state.path === "string"
          ? state.path
          : undefined;
      if (
        path === undefined ||
        folderOf(path) === undefined ||
        !path.endsWith(".pairs.jsonl") ||
        reviewer() === ""
      )
        return panel.dispose();
      await fill(panel, path, reviewer());
    },
  };
}

async function openReview(
  services: Services,
  panel: vscode.WebviewPanel,
  path: string,
  reviewer: string,
): Promise<void> {
  const top = folderOf(path);
  if (top === undefined) throw new Error(`${path} lies outside the folders of this window`);
  const stores = imageStores(workspaceOfFile(path, top));
  const file = recordFile(fileSource(path), "preference-pair", basename(path));
  const verdicts = verdictsFile(path);
  const session = await openReviewSession(verdicts, reviewer, () => randomInt(1 << 30) / (1 << 30));
  const blind = vscode.workspace.getConfiguration("mede2").get("review.blind", true);
  const decided = new Set<number>();
  let indexing = false;
  let closed = false;
  panel.onDidDispose(() => {
    closed = true;
    void file.close();
  });
  const channel = openWebview<ToReview, typeof fromReviewSchema>(panel.webview, {
    ...{
      services,
      view: "review",
      title: panel.title,
      pictures: stores,
      outgoing: toReviewSchema,
      incoming: fromReviewSchema,
    },
    async receive(message) {
      switch (message.type) {
        case "ready": {
          if (!indexing) void indexAll();
          indexing = true;
          await file.index.advance(1 << 22);
          tell();
          const start =
            message.index !== undefined && message.index < file.index.count
              ? message.index
              : await firstOpen(0);
          return show(start ?? 0);
        }
        case "go":
          return show(message.index);
        case "next": {
          const next = await firstOpen(message.after + 1);
          return show(next ?? Math.min(message.after + 1, file.index.count - 1));
        }
        case "verdict":
          return judge(message);
      }
    },
  });

  async function indexAll() {
    while (!closed && !file.index.done) {
      await file.index.advance(1 << 24);
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (!closed) tell();
  }

  function tell() {
    channel.post({
      ...{
        type: "session",
        file: path,
        verdicts: basename(verdicts),
        reviewer,
        blind,
        mayWrite: mayChange().may,
      },
      ...{
        pairs: file.index.count,
        indexed: file.index.done,
        judged: session.judged,
        agreed: session.agreed,
      },
    });
  }

  /** The first pair from `from` on that this reviewer has not judged; looks at a thousand at most. */
  async function firstOpen(from: number): Promise<number | undefined> {
    for (let at = from; at < Math.min(file.index.count, from + 1000); at++) {
      const pair = await read(at).catch(() => undefined);
      if (pair !== undefined && session.verdict(pair.id) === undefined) return at;
    }
    return undefined;
  }

  async function read(at: number): Promise<PreferencePair> {
    const found = await file.read(at);
    if ("fault" in found) throw new Error(found.fault);
    return found.ok as PreferencePair;
  }

  const open = (pair: PreferencePair, at: number): Promise<CaseView> =>
    caseOf(
      pair,
      at + 1,
      nothing,
      (ref) => {
        const place = placeOfImage(ref, stores);
        return place.found
          ? { source: panel.webview.asWebviewUri(vscode.Uri.file(place.path)).toString() }
          : { reason: place.reason };
      },
      false,
    );

  async function show(at: number) {
    if (file.index.count === 0) throw new Error(`${basename(path)} has no pairs`);
    const pair = await read(at);
    const view = await open(pair, at);
    const order = session.order(pair.id);
    const judged = session.verdict(pair.id);
    const criteria = [
      ...new Set(view.columns.flatMap(({ rating }) => rating?.criteria.map(({ name }) => name) ?? [])),
    ];
    channel.post({
      type: "pair",
      index: at,
      view: shownPair(view, order, blind),
      criteria,
      judged: judged !== undefined,
    });
    if (judged !== undefined) reveal(at, view, judged);
  }

  function reveal(
    at: number,
    view: CaseView,
    verdict: { choice: "first" | "second" | "tie" | "neither"; order: "chosen-first" | "rejected-first" },
  ) {
    const chosen = verdict.order === "chosen-first" ? "first" : "second";
    channel.post({
      type: "revealed",
      index: at,
      chosen,
      choice: verdict.choice,
      view: shownPair(view, verdict.order, false),
    });
  }

  async function judge(message: VerdictMessage) {
    const { may, why } = mayChange();
    if (!may) throw new Error(`Nothing was written: ${why}`);
    const pair = await read(message.index);
    // once it was revealed, another verdict on the same pair would not be blind
    const again = session.verdict(pair.id) !== undefined || decided.has(message.index);
    const verdict = verdictOf({
      pair,
      order: session.order(pair.id),
      blind: blind && !again,
      reviewer,
      message,
      ts: isoTime(Date.now),
    });
    decided.add(message.index);
    await appendJsonl(verdicts, [verdict], { schema: verdictSchema });
    session.add(verdict);
    services
      .log()
      .info(
        `verdict on pair ${pair.id}: ${agrees(verdict) === undefined ? verdict.choice : "one of the two"}, in ${basename(verdicts)}`,
      );
    tell();
    reveal(message.index, await open(pair, message.index), verdict);
  }
}
