/** Where a sample lies: alone in one entry, or in chunks under a prefix. */
export interface SampleKey {
  /** As text; the sample itself says whether it is a number. */
  id: string;
  epoch: number;
}

export type SamplePlace = SampleKey & { entry: string; chunked: boolean };

const pattern = /^samples\/(.+)_epoch_(\d+)(\.json|\/sample\.json)$/s;

/** The samples that the names of a log's entries tell, in their order. */
export function samplePlaces(names: Iterable<string>): SamplePlace[] {
  const places: SamplePlace[] = [];
  for (const entry of names) {
    const match = pattern.exec(entry);
    if (match !== null) {
      const [, id, epoch, end] = match as unknown as [string, string, string, string];
      places.push({ id, epoch: Number(epoch), entry, chunked: end !== ".json" });
    }
  }
  return places;
}

/** For each sequence of chunks (a prefix that ends in a slash) the starts of its chunks, rising. The entries' names are the only record of them. */
export function chunkStarts(names: Iterable<string>): ReadonlyMap<string, readonly number[]> {
  const starts = new Map<string, number[]>();
  for (const name of names) {
    const match = /^(samples\/.+\/)(\d+)\.json$/s.exec(name);
    if (match === null) continue;
    const list = starts.get(match[1]!) ?? [];
    list.push(Number(match[2]));
    starts.set(match[1]!, list);
  }
  for (const list of starts.values()) list.sort((a, b) => a - b);
  return starts;
}
