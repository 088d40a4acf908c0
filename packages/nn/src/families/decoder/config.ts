import type { FieldReader } from "../../json-fields.ts";
import { unsupported } from "../unsupported.ts";
import type { RopeScaling } from "./rope-scaling.ts";

export type Dtype = "float32" | "float16" | "bfloat16";

/** The decoder of every family here: pre-norm layers of grouped attention with rotary positions and a SwiGLU MLP. */
export type DecoderConfig = {
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly intermediate: number;
  readonly vocab: number;
  readonly ropeTheta: number;
  /** How the rotary frequencies are stretched for contexts longer than the pretraining's; absent: not at all. */
  readonly ropeScaling?: RopeScaling;
  /** How many of the headDim/2 frequencies turn with the temporal, height and width position; absent: one position for all. */
  readonly mropeSection?: readonly [number, number, number];
  /** The three axes take turns frequency by frequency (Qwen3-VL) instead of lying one after the other. */
  readonly mropeInterleaved?: boolean;
  readonly rmsNormEps: number;
  readonly tieWordEmbeddings: boolean;
  readonly maxPositions: number;
  readonly initializerRange: number;
  /** Layers whose tokens see the latest `size` tokens only, themselves included; absent: every layer sees all. */
  readonly slidingWindow?: { readonly size: number; readonly layers: readonly number[] };
  /** Which projections have a bias; absent: those of queries, keys and values, as in Qwen2. */
  readonly biases?: { readonly qkv: boolean; readonly output: boolean; readonly mlp: boolean };
  /** Whether queries and keys are normalised head by head before the rotation (Qwen3). */
  readonly qkNorm?: boolean;
};

/** Token ids that a model's config names. */
export type ModelTokens = {
  readonly image?: number;
  readonly video?: number;
  readonly bos?: number;
  readonly eos?: readonly number[];
  readonly pad?: number;
};

export function biasesOf({ biases }: DecoderConfig): NonNullable<DecoderConfig["biases"]> {
  return biases ?? { qkv: true, output: false, mlp: false };
}

const DTYPES: readonly Dtype[] = ["float32", "float16", "bfloat16"];

/** `dtype` or `torch_dtype`, of the file or of its text part; float32 where neither says. */
export function readDtype(root: FieldReader, nested: FieldReader | undefined): Dtype {
  const name =
    [root, nested]
      .flatMap((r) => (r ? [r.string("dtype", r.string("torch_dtype", ""))] : []))
      .find((n) => n !== "") ?? "float32";
  return DTYPES.find((known) => known === name) ?? unsupported(root, "dtype", `"${name}"`);
}

/** First, end and padding token; an end token may be several. */
export function readEndTokens(
  root: FieldReader,
  nested?: FieldReader,
): Pick<ModelTokens, "bos" | "eos" | "pad"> {
  const holder = (key: string): FieldReader | undefined =>
    root.has(key) ? root : nested?.has(key) ? nested : undefined;
  const bos = holder("bos_token_id")?.integer("bos_token_id");
  const pad = holder("pad_token_id")?.integer("pad_token_id");
  const eosHolder = holder("eos_token_id");
  const eos =
    eosHolder === undefined
      ? undefined
      : Array.isArray(eosHolder.raw("eos_token_id"))
        ? eosHolder.integers("eos_token_id")
        : [eosHolder.integer("eos_token_id")];
  return {
    ...(bos === undefined ? {} : { bos }),
    ...(eos === undefined ? {} : { eos }),
    ...(pad === undefined ? {} : { pad }),
  };
}

/** Inverse of `readEndTokens`. */
export function writeEndTokens({ bos, eos, pad }: ModelTokens): { readonly [key: string]: unknown } {
  return {
    ...(bos === undefined ? {} : { bos_token_id: bos }),
    ...(eos === undefined ? {} : { eos_token_id: eos.length === 1 ? eos[0] : eos }),
    ...(pad === undefined ? {} : { pad_token_id: pad }),
  };
}
