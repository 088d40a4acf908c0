import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Tokenizer as LibraryTokenizer } from "@huggingface/tokenizers";
import { NnFault } from "../fault.ts";
import { fieldReader, isJsonObject, type JsonObject } from "../json-fields.ts";
import { toByteCharacters, tokenBytes } from "./byte-level.ts";
import { isQwenPreTokenizer, qwenSplit } from "./qwen-split.ts";

export type Tokenizer = {
  /** Highest id + 1. The model's vocabulary may be larger (padding). */
  readonly size: number;
  /** Named special tokens: `bos_token`, `eos_token`, `pad_token`, … as far as tokenizer_config.json gives them. */
  readonly named: { readonly [name: string]: string };
  readonly eosId: number;
  readonly padId: number;
  /** Tokens marked special, which `skipSpecial` leaves out. */
  readonly specialIds: ReadonlySet<number>;
  /** Token ids of a text; special tokens written in it become their ids. Nothing is added around it. */
  encode(text: string): number[];
  /** Text of token ids; broken UTF-8 becomes U+FFFD, ids outside the vocabulary nothing (as in transformers). */
  decode(ids: Iterable<number>, options?: { readonly skipSpecial?: boolean }): string;
  /** A decoder for ids as they come, which holds back bytes until the character is whole. */
  stream(options?: { readonly skipSpecial?: boolean }): TokenStream;
  idOf(token: string): number | undefined;
  tokenOf(id: number): string | undefined;
  /** Special tokens that occur literally in a text, which would change its structure if it were encoded. */
  specialTokensIn(text: string): string[];
};

export type TokenStream = {
  /** Text that is certain after this token; may be empty. */
  push(id: number): string;
  /** What is left: U+FFFD for an unfinished character. */
  end(): string;
};

type AddedToken = {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  readonly single_word: boolean;
  readonly normalized: boolean;
};

/** What we use of @huggingface/tokenizers 0.2.0, whose own types do not resolve under nodenext. */
type Library = {
  readonly normalizer: ((text: string) => string) | null;
  readonly model: {
    readonly vocab: readonly (string | undefined)[];
    readonly tokens_to_ids: ReadonlyMap<string, number>;
    bpe(piece: string): string[];
  };
  encode(text: string, options: { add_special_tokens: boolean }): { ids: number[] };
  get_added_tokens_decoder(): ReadonlyMap<number, AddedToken>;
};

/** Pieces whose ids are kept; a ward corpus has far fewer. */
const CACHE_LIMIT = 200_000;
const CACHED_LENGTH = 64;

/** Reads `tokenizer.json` and `tokenizer_config.json` of a model folder. */
export async function loadTokenizer(folder: string): Promise<Tokenizer> {
  const read = async (name: string): Promise<unknown> => {
    const path = join(folder, name);
    try {
      return JSON.parse(await readFile(path, "utf8"));
    } catch (cause) {
      throw new NnFault(
        "tokenizer-unreadable",
        `${path} cannot be read as JSON: ${(cause as Error).message}`,
        { cause },
      );
    }
  };
  return createTokenizer(await read("tokenizer.json"), await read("tokenizer_config.json"), folder);
}

/**
 * @param json    parsed tokenizer.json; byte-level BPE
 * @param config  parsed tokenizer_config.json, which names the end token (without it transformers would silently
 *                take `<|endoftext|>`)
 * @param where   folder, for errors
 * @throws NnFault `tokenizer-unsupported` | `field-missing` | `field-wrong`
 */
export function createTokenizer(json: unknown, config: unknown, where = "tokenizer.json"): Tokenizer {
  const settings = fieldReader(config, `${where}: tokenizer_config.json`);
  // Llama 3 asks for the first, which transformers v5 ignores for BPE unless the second is there, too
  const cleans =
    settings.boolean("clean_up_tokenization_spaces", false) &&
    settings.boolean("clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output", false);
  checkSupported(json, settings.string("tokenizer_class", ""), cleans, where);
  const library: Library = new LibraryTokenizer(json, config as object);
  const { model } = library;

  const added = [...library.get_added_tokens_decoder().values()];
  const specialIds = new Set(added.filter((t) => t.special).map((t) => t.id));
  const vocab = model.vocab;
  const fast =
    isQwenPreTokenizer(json.pre_tokenizer) &&
    added.every((t) => !t.lstrip && !t.rstrip && !t.single_word && !t.normalized);
  const named = namedTokens(config as JsonObject);
  const idOf = (token: string): number | undefined => model.tokens_to_ids.get(token);
  const required = (key: string): number => {
    const token = named[key];
    if (token === undefined)
      settings.fail(key, "is missing; name the token that ends an answer or pads a row");
    return idOf(token as string) ?? settings.fail(key, `"${token}" is not in the vocabulary`);
  };
  const eosId = required("eos_token");

  const bytes: (Uint8Array | undefined)[] = [];
  const bytesOf = (id: number): Uint8Array => {
    const token = vocab[id];
    const known = bytes[id] ?? (token === undefined ? new Uint8Array(0) : tokenBytes(token));
    bytes[id] = known;
    return known;
  };
  const specialPattern = alternation(added.filter((t) => t.special).map((t) => t.content));

  return {
    size: vocab.length,
    named,
    eosId,
    padId: named.pad_token === undefined ? eosId : required("pad_token"),
    specialIds,
    encode: fast
      ? fastEncoder(library, added)
      : (text) => (text === "" ? [] : library.encode(text, { add_special_tokens: false }).ids),
    decode: (ids, { skipSpecial = false } = {}) => {
      const parts: Uint8Array[] = [];
      for (const id of ids) if (!(skipSpecial && specialIds.has(id))) parts.push(bytesOf(id));
      return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Buffer.concat(parts));
    },
    stream: ({ skipSpecial = false } = {}) => {
      const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
      return {
        push: (id) =>
          skipSpecial && specialIds.has(id) ? "" : decoder.decode(bytesOf(id), { stream: true }),
        end: () => decoder.decode(),
      };
    },
    idOf,
    tokenOf: (id) => vocab[id],
    specialTokensIn: (text) =>
      specialPattern === null ? [] : [...new Set(text.match(specialPattern) ?? [])],
  };
}

/** Encoding with a cache from piece to ids; equal to the library, an order of magnitude faster on repeated words. */
function fastEncoder(library: Library, added: readonly AddedToken[]): (text: string) => number[] {
  const { model } = library;
  const cache = new Map<string, readonly number[]>();
  const addedIds = new Map(added.map((t) => [t.content, t.id]));
  const pattern = alternation([...addedIds.keys()]);
  const normalize = (text: string): string => library.normalizer?.(text) ?? text;
  const pieceIds = (piece: string): readonly number[] => {
    const known = cache.get(piece);
    if (known !== undefined) return known;
    const ids = model.bpe(toByteCharacters(piece)).map((token) => {
      const id = model.tokens_to_ids.get(token);
      if (id === undefined)
        throw new NnFault("token-unknown", `the vocabulary lacks "${token}", a piece of "${piece}"`);
      return id;
    });
    if (piece.length <= CACHED_LENGTH) {
      if (cache.size >= CACHE_LIMIT) cache.clear();
      cache.set(piece, ids);
    }
    return ids;
  };
  const encodeText = (text: string, into: number[]): void => {
    if (text === "") return;
    for (const piece of qwenSplit(normalize(text))) for (const id of pieceIds(piece)) into.push(id);
  };
  return (text) => {
    const ids: number[] = [];
    let from = 0;
    if (pattern !== null) {
      for (const match of text.matchAll(pattern)) {
        encodeText(text.slice(from, match.index), ids);
        ids.push(addedIds.get(match[0]) as number);
        from = match.index + match[0].length;
      }
    }
    encodeText(text.slice(from), ids);
    return ids;
  };
}

function alternation(words: readonly string[]): RegExp | null {
  if (words.length === 0) return null;
  const longestFirst = [...words].sort((a, b) => b.length - a.length);
  return new RegExp(longestFirst.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"), "g");
}

/** `eos_token` and the like; older files hold objects with `content`. */
function namedTokens(config: JsonObject): { readonly [name: string]: string } {
  return Object.fromEntries(
    Object.entries(config).flatMap(([key, value]) => {
      if (!/^(bos|eos|unk|sep|pad|cls|mask)_token$/.test(key)) return [];
      const content = isJsonObject(value) ? value.content : value;
      return typeof content === "string" ? [[key, content] as const] : [];
    }),
  );
}

function checkSupported(
  json: unknown,
  tokenizerClass: string,
  cleanUp: boolean,
  where: string,
): asserts json is JsonObject {
  if (!isJsonObject(json) || !isJsonObject(json.model)) throw unsupported(where, "it has no model");
  if (json.model.type !== "BPE") throw unsupported(where, `its model is ${String(json.model.type)}`);
  if (!isJsonObject(json.decoder) || json.decoder.type !== "ByteLevel")
    throw unsupported(where, "it is not byte-level");
  if (cleanUp)
    throw unsupported(where, "clean_up_tokenization_spaces would change decoded text; set it to false");
  if (/^Qwen2Tokenizer(Fast)?$/.test(tokenizerClass) && !isQwenPreTokenizer(json.pre_tokenizer)) {
    throw unsupported(
      where,
      `tokenizer_class ${tokenizerClass} makes transformers v5 ignore this file's pre_tokenizer; ` +
        "set tokenizer_class to PreTrainedTokenizerFast so that every reader follows the file",
    );
  }
}

function unsupported(where: string, why: string): NnFault {
  return new NnFault(
    "tokenizer-unsupported",
    `${where}: this tokenizer is not supported: ${why}; byte-level BPE is`,
  );
}
