/**
 * Sets and maps of hashes without a limit of 16.7 million entries and with 11 to 32 bytes an entry, where `Set` and `Map` take some 40 to 60. Open addressing with
 * linear probing over doubles, at most three quarters full. Hashes are whole numbers from 0 to 2⁵³ − 1, as of `hash53`.
 */
export interface HashSet {
  readonly size: number;
  has(hash: number): boolean;
  /** Whether it was new. */
  add(hash: number): boolean;
}

export function createHashSet(): HashSet {
  const table = openTable(false);
  return {
    get size() {
      return table.size;
    },
    has: (hash) => table.slot(hash) >= 0,
    add(hash) {
      const before = table.size;
      table.place(hash);
      return table.size > before;
    },
  };
}

/** Hash → whole number of 32 bits, from 0. */
export interface HashMap {
  readonly size: number;
  /** −1 when the hash is not there. */
  get(hash: number): number;
  set(hash: number, value: number): void;
}

export function createHashMap(): HashMap {
  const table = openTable(true);
  return {
    get size() {
      return table.size;
    },
    get(hash) {
      const slot = table.slot(hash);
      return slot < 0 ? -1 : table.values[slot]!;
    },
    set(hash, value) {
      const slot = table.place(hash);
      table.values[slot] = value;
    },
  };
}

function openTable(valued: boolean) {
  const table = {
    size: 0,
    slots: new Float64Array(1024).fill(-1),
    values: new Int32Array(valued ? 1024 : 0),
    slot(hash: number): number {
      const at = probe(table.slots, hash);
      return table.slots[at] === hash ? at : -1;
    },
    /** The slot of the hash, which is put there if it is new. */
    place(hash: number): number {
      const at = probe(table.slots, hash);
      if (table.slots[at] === hash) return at;
      table.slots[at] = hash;
      table.size += 1;
      if (table.size <= table.slots.length * 0.75) return at;
      const { slots, values } = table;
      table.slots = new Float64Array(slots.length * 2).fill(-1);
      if (valued) table.values = new Int32Array(slots.length * 2);
      for (let old = 0; old < slots.length; old++) {
        if (slots[old] === -1) continue;
        const fresh = probe(table.slots, slots[old]!);
        table.slots[fresh] = slots[old]!;
        if (valued) table.values[fresh] = values[old]!;
      }
      return probe(table.slots, hash);
    },
  };
  return table;
}

/** The slot that holds the hash, or the free one where it belongs. */
function probe(slots: Float64Array, hash: number): number {
  const mask = slots.length - 1;
  let at = (hash ^ (hash / 4294967296)) & mask;
  while (slots[at] !== -1 && slots[at] !== hash) at = (at + 1) & mask;
  return at;
}
