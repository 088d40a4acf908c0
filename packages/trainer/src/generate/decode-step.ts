// B rows · P past positions · K key heads · E head size
import { decoderRope } from "@mede2/nn";
import type { HostTensor } from "../device/device.ts";
import type { ModelState } from "../program/model-state.ts";
import type { Compiled } from "../program/session-cache.ts";
import type { LayerCache } from "./cache.ts";
import type { Live } from "./generation-row.ts";

/** One position for every row of the running batch: logits [B, V] and the new keys and values. Rows that have ended are fed a token that nobody reads. */
export async function decodeStep(
  session: Compiled,
  { config }: ModelState,
  slots: readonly (Live | undefined)[],
  caches: readonly LayerCache[],
  past: number,
  stride: number,
): Promise<Record<string, HostTensor>> {
  const { kvHeads, headDim } = config.text;
  const width = slots.length;
  const tokens = BigInt64Array.from(slots, (live) => BigInt(live?.tokens.at(-1) ?? 0));
  const positions = new Int32Array(3 * width);
  const pastBias = new Float32Array(width * kvHeads * past);
  slots.forEach((live, b) => {
    const padding = live?.padding ?? 0;
    positions.fill(past - padding + (live?.delta ?? 0), b, b + 1);
    for (let head = 0; head < kvHeads; head++) {
      const at = (b * kvHeads + head) * past;
      pastBias.fill(-1e9, at, at + padding);
    }
  });
  positions.copyWithin(width, 0, width).copyWithin(2 * width, 0, width);
  const table = ropeOf(config)(positions);
  const shape = [past, width * kvHeads, headDim];
  const size = past * width * stride;
  return session.run({
    tokens: { data: tokens, shape: [width] },
    cosines: { data: table.cos, shape: [width, headDim / 2] },
    sines: { data: table.sin, shape: [width, headDim / 2] },
    pastBias: { data: pastBias, shape: [width * kvHeads, 1, past] },
    ...Object.fromEntries(
      caches.flatMap((cache, layer) => [
        [`pastKeys.${layer}`, { data: cache.keys.subarray(0, size), shape }],
        [`pastValues.${layer}`, { data: cache.values.subarray(0, size), shape }],
      ]),
    ),
  });
}

const ropes = new WeakMap<ModelState["config"], ReturnType<typeof decoderRope>>();

function ropeOf(config: ModelState["config"]): ReturnType<typeof decoderRope> {
  const known = ropes.get(config) ?? decoderRope(config.text);
  ropes.set(config, known);
  return known;
}
