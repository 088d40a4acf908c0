import type { Model } from "@mede2/onnx";

/** Numbers in host memory, as the runtime takes and returns them. */
export type HostArray = Float32Array | BigInt64Array | Int32Array | Uint8Array;

/** A tensor in host memory, row-major. */
export type HostTensor = { readonly data: HostArray; readonly shape: readonly number[] };

/** A compiled graph. */
export interface Session {
  /**
   * Runs the graph. `inPlace` maps outputs to arrays they are written into, which may be arrays of the inputs; the other outputs are returned.
   */
  run(
    inputs: Readonly<Record<string, HostTensor>>,
    inPlace?: Readonly<Record<string, HostTensor>>,
  ): Promise<Record<string, HostTensor>>;
  release(): Promise<void>;
}

export type SessionOptions = {
  /** Keep the graph as it is written: needed where parts are recomputed, which optimisation would undo. */
  readonly keepGraph?: boolean;
  /** Folder of the files that constants of the graph point into. */
  readonly dataFolder?: string;
};

/** Where graphs run. */
export interface Device {
  readonly name: "cpu" | "cuda" | "webgpu";
  readonly threads: number;
  compile(model: Model, options?: SessionOptions): Promise<Session>;
}
