import { stat } from "node:fs/promises";
import { type LogPage, type LogSearch, type PageRequest, readLogPage, searchLog } from "@mede2/runs";

/** Where the lines of a log come from. Places are bytes of a file, or numbers of events. */
export interface LineSource {
  /** Where the newest line ends. */
  size(): Promise<number>;
  page(request: PageRequest): Promise<LogPage>;
  /** The place of the line that holds a text, or null. */
  search(search: LogSearch): Promise<number | null>;
}

export const fileLines = (path: string): LineSource => ({
  size: () =>
    stat(path).then(
      (info) => info.size,
      () => 0,
    ),
  page: (request) => readLogPage(path, request),
  search: (search) => searchLog(path, search),
});

/** Events that are held in memory; there may be more of them at the next look. */
export interface HeldEvents {
  count(): number;
  at(index: number): object;
}

export function eventLines(events: HeldEvents): LineSource {
  const lineAt = (at: number) => ({ offset: at, end: at + 1, text: JSON.stringify(events.at(at)) });
  return {
    size: async () => events.count(),
    async page({ at, direction, count, keep = () => true }) {
      const lines: ReturnType<typeof lineAt>[] = [];
      const size = events.count();
      let reached = Math.min(at, size);
      const back = direction === "back";
      while (lines.length < count && (back ? reached > 0 : reached < size)) {
        const line = lineAt(back ? reached - 1 : reached);
        if (keep(line.text)) lines.push(line);
        reached += back ? -1 : 1;
      }
      return { lines: back ? lines.reverse() : lines, reached, end: back ? reached === 0 : reached >= size };
    },
    async search({ needle, at, direction }) {
      const wanted = needle.toLowerCase();
      const [size, step] = [events.count(), direction === "back" ? -1 : 1];
      for (let place = step < 0 ? Math.min(at, size) - 1 : at; place >= 0 && place < size; place += step)
        if (lineAt(place).text.toLowerCase().includes(wanted)) return place;
      return null;
    },
  };
}
