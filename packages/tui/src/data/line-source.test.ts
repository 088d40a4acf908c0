import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { eventLines, fileLines } from "./line-source.ts";
import { openLogView } from "./log-view.ts";

const folder = mkdtempSync(join(tmpdir(), "mede2-lines-"));
afterAll(() => rmSync(folder, { recursive: true }));

const held = (events: readonly object[]) => ({
  count: () => events.length,
  at: (index: number) => events[index]!,
});

it("a view of events in memory moves as one of the same events in a file", async () => {
  const events = Array.from({ length: 200 }, (_, at) => ({
    type: at % 3 === 0 ? "warning" : "step-end",
    text: `Nr. ${at}`,
  }));
  const path = join(folder, "events.jsonl");
  writeFileSync(path, events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  const views = [fileLines(path), eventLines(held(events))].map((source) => openLogView(source, true));
  const moves = [
    { by: 0 },
    { by: -7 },
    { by: -30 },
    { search: "nr. 100", direction: "back" },
    { search: "nr. 14", direction: "back" },
    { search: "nr. 14", direction: "back" },
    { search: "NR. 150", direction: "forward" },
    { hideSteps: true },
    { to: "home" },
    { by: 12 },
    { hideSteps: false },
    { to: "follow" },
  ] as const;
  for (const move of moves) {
    const [file, memory] = await Promise.all(views.map((view) => view.move(move, 10)));
    const seen = ({ lines, selected, follow }: NonNullable<typeof file>) => ({
      lines: lines.map(({ text }) => text),
      selected: lines.find(({ offset }) => offset === selected)?.text,
      follow,
    });
    expect([move, seen(memory!)]).toEqual([move, seen(file!)]);
  }
});

it("shows of a log in memory only what there is yet", async () => {
  const events = [{ type: "a" }];
  const view = openLogView(eventLines(held(events)), false);
  expect((await view.refresh(5)).lines).toHaveLength(1);
  events.push({ type: "b" });
  expect((await view.refresh(5)).lines.map(({ text }) => text)).toEqual(['{"type":"a"}', '{"type":"b"}']);
});
