import { type GraphBuilder, nameOutputs, removeDeadNodes, removeIdentities, runPasses } from "@mede2/onnx";
import type { Device, HostTensor, Session, SessionOptions } from "../device/device.ts";

export type Tensors = Readonly<Record<string, HostTensor>>;

/** A compiled graph that takes what it knows of the tensors it is given: a batch without images has no vision tower to feed or to update. */
export type Compiled = {
  readonly inputs: readonly string[];
  run(feeds: Tensors, inPlace?: Tensors): Promise<Record<string, HostTensor>>;
};

/**
 * Compiled graphs by key. Each holds memory for its activations, so only the latest ones used are kept; one that is running when its turn
 * has come is released when it has ended. Callers at the same time share a compilation.
 */
export type SessionCache = {
  get(key: string, build: () => GraphBuilder, options?: SessionOptions): Promise<Compiled>;
  release(): Promise<void>;
};

type Entry = { readonly compiled: Promise<Compiled>; readonly nodes: () => number; drop(): Promise<void> };

/** Nodes of all graphs that a cache keeps: a node takes some 5.5 kB in the runtime, whatever it computes (measured on steps of 10,400 nodes). */
const mostNodes = 60_000;

/** At most `limit` graphs are kept, and no more than have `nodes` nodes together; always the one that was asked for last. */
export function createSessionCache(device: Device, limit = 24, nodes = mostNodes): SessionCache {
  const entries = new Map<string, Entry>();
  const dropMany = async (): Promise<void> => {
    let total = [...entries.values()].reduce((sum, entry) => sum + entry.nodes(), 0);
    for (const [key, entry] of entries) {
      if (total <= nodes || entries.size === 1) return;
      total -= entry.nodes();
      await drop(key);
    }
  };
  const drop = async (key: string): Promise<void> => {
    const entry = entries.get(key);
    entries.delete(key);
    await entry?.drop();
  };
  return {
    async get(key, build, options) {
      const known = entries.get(key);
      if (known !== undefined) {
        entries.delete(key);
        entries.set(key, known);
        return known.compiled;
      }
      const entry = compile(device, build, options);
      entries.set(key, entry);
      const oldest = entries.keys().next().value;
      if (entries.size > limit && oldest !== undefined) await drop(oldest);
      try {
        const compiled = await entry.compiled;
        await dropMany();
        return compiled;
      } catch (error) {
        if (entries.get(key) === entry) entries.delete(key);
        throw error;
      }
    },
    async release() {
      for (const key of [...entries.keys()]) await drop(key);
    },
  };
}

function compile(device: Device, build: () => GraphBuilder, options?: SessionOptions): Entry {
  let session: Session | undefined;
  let [running, nodes] = [0, 0];
  let dropped = false;
  const releaseWhenIdle = async (): Promise<void> => {
    if (!dropped || running > 0 || session === undefined) return;
    const idle = session;
    session = undefined;
    await idle.release();
  };
  const make = async (): Promise<Compiled> => {
    const g = build();
    const model = runPasses(g.build(), [removeIdentities, nameOutputs, removeDeadNodes]);
    nodes = model.graph.nodes.length;
    const own = await device.compile(model, options);
    session = own;
    const inputs = g.inputs.map((input) => input.name);
    const outputs = g.outputs.map((output) => output.name);
    return {
      inputs,
      async run(feeds, inPlace = {}) {
        running += 1;
        try {
          return await own.run(only(feeds, inputs), only(inPlace, outputs));
        } finally {
          running -= 1;
          await releaseWhenIdle();
        }
      },
    };
  };
  const compiled = make();
  return {
    compiled,
    nodes: () => nodes,
    async drop() {
      dropped = true;
      await compiled.catch(() => undefined);
      await releaseWhenIdle();
    },
  };
}

function only(tensors: Tensors, names: readonly string[]): Record<string, HostTensor> {
  return Object.fromEntries(
    names.flatMap((name) => (tensors[name] === undefined ? [] : [[name, tensors[name]]])),
  );
}
