import type { GraphBuilder } from "@mede2/onnx";
import type { Device, HostTensor, Session, SessionOptions } from "../device/device.ts";

export type Tensors = Readonly<Record<string, HostTensor>>;

/** A compiled graph that takes what it knows of the tensors it is given: a batch without images has no vision tower to feed or to update. */
export type Compiled = {
  readonly inputs: readonly string[];
  run(feeds: Tensors, inPlace?: Tensors): Promise<Record<string, HostTensor>>;
};

/** Compiled graphs by key. Each holds memory for its activations, so only the latest ones used are kept. */
export type SessionCache = {
  get(key: string, build: () => GraphBuilder, options?: SessionOptions): Promise<Compiled>;
  release(): Promise<void>;
};

export function createSessionCache(device: Device, limit = 24): SessionCache {
  const entries = new Map<string, { readonly session: Session; readonly compiled: Compiled }>();
  const drop = async (key: string): Promise<void> => {
    const entry = entries.get(key);
    entries.delete(key);
    await entry?.session.release();
  };
  return {
    async get(key, build, options) {
      const known = entries.get(key);
      if (known !== undefined) {
        entries.delete(key);
        entries.set(key, known);
        return known.compiled;
      }
      const oldest = entries.keys().next().value;
      if (entries.size >= limit && oldest !== undefined) await drop(oldest);
      const g = build();
      const session = await device.compile(g.build(), options);
      const compiled = wrap(session, g);
      entries.set(key, { session, compiled });
      return compiled;
    },
    async release() {
      for (const key of [...entries.keys()]) await drop(key);
    },
  };
}

function wrap(session: Session, g: GraphBuilder): Compiled {
  const inputs = g.inputs.map((input) => input.name);
  const outputs = g.outputs.map((output) => output.name);
  const only = (tensors: Tensors, names: readonly string[]): Record<string, HostTensor> =>
    Object.fromEntries(names.flatMap((name) => (tensors[name] === undefined ? [] : [[name, tensors[name]]])));
  return { inputs, run: (feeds, inPlace = {}) => session.run(only(feeds, inputs), only(inPlace, outputs)) };
}
