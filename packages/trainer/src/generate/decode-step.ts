// B rows · P past positions · K key heads · E head size
import { modelRope } from "@mede2/nn";
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
  const { slidingWindow } = config.text;
  const pastBias = new Float32Array(width * kvHeads * past);
  slots.forEach((live, b) => {
    const padding = live?.padding ?? past; // a row that has ended sees nothing and stands at 0, where it moves no table
    positions.fill(past - padding + (live?.delta ?? 0), b, b + 1);
    for (let head = 0; head < kvHeads; head++) {
      const at = (b * kvHeads + head) * past;
      pastBias.fill(-1e9, at, at + padding);
    }
  });
  positions.copyWithin(width, 0, width).copyWithin(2 * width, 0, width);
  // a windowed layer sees the latest `size` positions, of which the new token is one
  const windowBias = slidingWindow === undefined ? undefined : pastBias.slice();
  const hidden = past - (slidingWindow?.size ?? 0) + 1;
  if (windowBias !== undefined && hidden > 0)
    for (let row = 0; row < width * kvHeads; row++) windowBias.fill(-1e9, row * past, row * past + hidden);
  const table = modelRope(config)(positions);
  const shape = [past, width * kvHeads, headDim];
  const size = past * width * stride;
  return session.run({
    tokens: { data: tokens, shape: [width] },
    cosines: { data: table.cos, shape: [width, headDim / 2] },
    sines: { data: table.sin, shape: [width, headDim / 2] },
    pastBias: { data: pastBias, shape: [width * kvHeads, 1, past] },
    ...(windowBias === undefined
      ? {}
      : { pastWindowBias: { data: windowBias, shape: [width * kvHeads, 1, past] } }),
    ...Object.fromEntries(
      caches.flatMap((cache, layer) => [
        [`pastKeys.${layer}`, { data: cache.keys.subarray(0, size), shape }],
        [`pastValues.${layer}`, { data: cache.values.subarray(0, size), shape }],
      ]),
    ),
  });
}
