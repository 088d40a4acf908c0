// B rows · P past positions · K key heads · E head size
import { modelRope } from "@mede2/nn";
import type { HostTensor } from "../device/device.ts";
import type { CacheUse } from "../program/inference-graphs.ts";
import type { ModelState } from "../program/model-state.ts";
import type { Compiled } from "../program/session-cache.ts";
import { type LayerCache, positionsOf } from "./cache.ts";
import type { Live } from "./generation-row.ts";

/** One position for every row of the running batch: what `decodeGraph` gives, with the new keys and values in the caches. Rows that have ended are fed a token that nobody reads. */
export async function decodeStep(
  session: Compiled,
  { config }: ModelState,
  slots: readonly (Live | undefined)[],
  caches: readonly LayerCache[],
  past: number,
  use: CacheUse,
): Promise<Record<string, HostTensor>> {
  const { kvHeads, headDim } = config.text;
  const width = slots.length;
  const tokens = BigInt64Array.from(slots, (live) => BigInt(live?.tokens.at(-1) ?? 0));
  const positions = new Int32Array(3 * width);
  const { slidingWindow } = config.text;
  const now = past + 1;
  const bias = new Float32Array(width * kvHeads * now);
  slots.forEach((live, b) => {
    const padding = live?.padding ?? past; // a row that has ended sees itself alone and stands at 0, where it moves no table
    positions.fill(past - padding + (live?.delta ?? 0), b, b + 1);
    for (let head = 0; head < kvHeads; head++) {
      const at = (b * kvHeads + head) * now;
      bias.fill(-1e9, at, at + padding);
    }
  });
  positions.copyWithin(width, 0, width).copyWithin(2 * width, 0, width);
  // a windowed layer sees the latest `size` positions, of which the new token is one
  const windowBias = slidingWindow === undefined ? undefined : bias.slice();
  const hidden = now - (slidingWindow?.size ?? 0);
  if (windowBias !== undefined && hidden > 0)
    for (let row = 0; row < width * kvHeads; row++) windowBias.fill(-1e9, row * now, row * now + hidden);
  const table = modelRope(config)(positions);
  const shape = [width * kvHeads, 1, now];
  const pairs = width * kvHeads;
  const ownShape = [pairs, 1, headDim];
  const known = use === "shared" ? now : past;
  return session.run(
    {
      tokens: { data: tokens, shape: [width] },
      turns: { data: BigInt64Array.from(tokens, (_, b) => BigInt(b)), shape: [width, 1] },
      cosines: { data: table.cos, shape: [width, headDim / 2] },
      sines: { data: table.sin, shape: [width, headDim / 2] },
      bias: { data: bias, shape },
      ...(windowBias === undefined ? {} : { windowBias: { data: windowBias, shape } }),
      ...Object.fromEntries(
        caches.flatMap(({ keys, values }, layer) => [
          [`keys.${layer}`, positionsOf(keys, 0, known, [pairs, headDim])],
          [`values.${layer}`, positionsOf(values, 0, known, [pairs, headDim])],
        ]),
      ),
    },
    Object.fromEntries(
      caches.flatMap(({ keys, values }, layer) => [
        [`newKeys.${layer}`, { ...positionsOf(keys, past, now, [pairs, headDim]), shape: ownShape }],
        [`newValues.${layer}`, { ...positionsOf(values, past, now, [pairs, headDim]), shape: ownShape }],
      ]),
    ),
  );
}
