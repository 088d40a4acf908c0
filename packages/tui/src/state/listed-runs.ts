import type { WorkspaceRun } from "@mede2/runs";
import type { Model } from "./model.ts";
import type { Ui } from "./ui.ts";

export const dirOf = (each: WorkspaceRun): string => (each.readable ? each.run.dir : each.dir);
export const idOf = (each: WorkspaceRun): string => (each.readable ? each.run.id : each.id);

const urgency = ["running", "paused", "lost", "failed", "queued", "stopped", "finished"];

/** The runs as the list shows them: filtered and sorted. */
export function listedRuns({ runs = [] }: Model, { filter, sort }: Ui): WorkspaceRun[] {
  const wanted = matcher(filter);
  const shown = runs.filter((each) =>
    wanted(
      each.readable
        ? `${each.run.id} ${each.run.kind} ${each.run.recipe} ${each.run.status} ${each.run.model ?? ""}`
        : each.id,
    ),
  );
  shown.sort((a, b) => (begunAt(a) < begunAt(b) ? -1 : begunAt(a) > begunAt(b) ? 1 : 0));
  if (sort === "newest") return shown.reverse();
  if (sort === "status") {
    const rank = (each: WorkspaceRun) => (each.readable ? urgency.indexOf(each.run.status) : urgency.length);
    return shown.sort((a, b) => rank(a) - rank(b));
  }
  return shown;
}

/** ISO times sort as texts; what cannot be read comes last. */
const begunAt = (each: WorkspaceRun): string => (each.readable ? (each.run.createdAt ?? "") : "\uffff");

/** A filter as a regular expression without regard to case; one that is none is taken as plain text. */
export function matcher(filter: string): (text: string) => boolean {
  if (filter === "") return () => true;
  try {
    const pattern = new RegExp(filter, "i");
    return (text) => pattern.test(text);
  } catch {
    return (text) => text.toLowerCase().includes(filter.toLowerCase());
  }
}

/** Where the selected run stands in a list; the first one when it is not there. */
export function selectedIndex(runs: readonly WorkspaceRun[], selected: string | undefined): number {
  return Math.max(
    0,
    runs.findIndex((each) => dirOf(each) === selected),
  );
}
