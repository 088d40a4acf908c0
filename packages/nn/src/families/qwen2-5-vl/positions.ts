// B batch · S sequence length · 3 axes: temporal, height, width
import { NnFault } from "../../fault.ts";
import type { Grid } from "../positions.ts";
import type { Qwen25VlTokens } from "./config.ts";

export type MropePositions = {
  /** [3, B, S] position of each token on each axis; 0 at padding. */
  readonly positions_3BS: Int32Array;
  /** [B] what to add to the token index when generation goes on: `max position + 1 − tokens`. */
  readonly deltas_B: Int32Array;
};

export type MropeInput = {
  /** [B, S] token ids with one `<|image_pad|>` for each merged patch. */
  readonly inputIds_BS: ArrayLike<number>;
  readonly batch: number;
  readonly length: number;
  /** [B, S] 1 at tokens, 0 at padding (on either side); absent means no padding. */
  readonly attentionMask_BS?: ArrayLike<number>;
  /** Grids of all images, in the order of the batch. */
  readonly grids: readonly Grid[];
  readonly tokens: Pick<Qwen25VlTokens, "image" | "video">;
  readonly spatialMerge: number;
};

/**
 * M-RoPE position ids, as `Qwen2_5_VLModel.get_rope_index` (transformers 5.23.0; Qwen2-VL, arXiv 2409.12191 §2.1):
 * text counts 1 for each token on all three axes; the tokens of an image stand at (start + t, start + row,
 * start + column) in merged patches, and the text goes on after `start + max(rows, columns)`.
 * Text-only rows give plain counting, which the model's own default equals up to padding.
 *
 * Images are told apart by their grids, so two images without text between them work too.
 *
 * @throws NnFault `image-tokens-mismatch` | `video-unsupported`
 */
export function mropePositions(input: MropeInput): MropePositions {
  const { inputIds_BS, batch, length, attentionMask_BS, grids, tokens, spatialMerge } = input;
  if (inputIds_BS.length !== batch * length) {
    throw new NnFault(
      "shape-mismatch",
      `input ids hold ${inputIds_BS.length} numbers, not ${batch} × ${length}`,
    );
  }
  const plane = batch * length;
  const positions_3BS = new Int32Array(3 * plane);
  const deltas_B = new Int32Array(batch);
  let image = 0;
  for (let b = 0; b < batch; b++) {
    let next = 0;
    let highest = -1;
    let count = 0;
    let s = 0;
    const end = (b + 1) * length;
    /** Index of the row's next real token at or after `from`. */
    const skipPadding = (from: number): number => {
      let at = from;
      while (at < end && attentionMask_BS !== undefined && attentionMask_BS[at] === 0) at++;
      return at;
    };
    s = skipPadding(b * length);
    while (s < end) {
      const id = inputIds_BS[s] ?? 0;
      if (id === tokens.video) {
        throw new NnFault(
          "video-unsupported",
          `row ${b}: token ${id} stands for a video; only images are supported`,
        );
      }
      if (id !== tokens.image) {
        positions_3BS[s] = next;
        positions_3BS[plane + s] = next;
        positions_3BS[2 * plane + s] = next;
        highest = next;
        next++;
        count++;
        s = skipPadding(s + 1);
        continue;
      }
      const grid = grids[image];
      if (grid === undefined)
        throw mismatch(b, `an image token where only ${grids.length} image grids were given`);
      const [t, rows, columns] = mergedGrid(grid, spatialMerge);
      for (let unit = 0; unit < t * rows * columns; unit++) {
        if (s >= end || inputIds_BS[s] !== tokens.image) {
          throw mismatch(b, `image ${image} needs ${t * rows * columns} image tokens, found ${unit}`);
        }
        positions_3BS[s] = next + Math.floor(unit / (rows * columns));
        positions_3BS[plane + s] = next + (Math.floor(unit / columns) % rows);
        positions_3BS[2 * plane + s] = next + (unit % columns);
        count++;
        s = skipPadding(s + 1);
      }
      highest = Math.max(highest, next + Math.max(t, rows, columns) - 1);
      next += Math.max(rows, columns);
      image++;
    }
    deltas_B[b] = count === 0 ? 0 : highest + 1 - count;
  }
  if (image !== grids.length) {
    throw new NnFault(
      "image-tokens-mismatch",
      `the text has tokens for ${image} images, but ${grids.length} image grids were given`,
    );
  }
  return { positions_3BS, deltas_B };
}

/** Grid in merged patches: what the decoder sees. */
export function mergedGrid([t, h, w]: Grid, spatialMerge: number): Grid {
  if (h % spatialMerge !== 0 || w % spatialMerge !== 0) {
    throw new NnFault(
      "grid-wrong",
      `a grid of ${h} × ${w} patches is not a multiple of the merge size ${spatialMerge}`,
    );
  }
  return [t, h / spatialMerge, w / spatialMerge];
}

/** How many `<|image_pad|>` tokens an image takes. */
export function imageTokenCount(grid: Grid, spatialMerge: number): number {
  const [t, h, w] = mergedGrid(grid, spatialMerge);
  return t * h * w;
}

function mismatch(row: number, what: string): NnFault {
  return new NnFault(
    "image-tokens-mismatch",
    `row ${row}: ${what}; expand the placeholders with the same grids`,
  );
}
