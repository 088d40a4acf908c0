"""M-RoPE position ids, as `Qwen2_5_VLModel.get_rope_index` gives them (text only: what the decoder itself infers)."""

import torch
from cases import GRID_A, GRID_B, GRID_C, GRID_D, cases
from common import batch, generator, load, picture, pixels, words, write_json


def main(out):
    model = load(out / "checkpoint").model
    rng = generator("position-ids")
    w = lambda n: words(rng, n)  # noqa: E731
    more = {
        "image-first": ([[*picture(GRID_A), *w(4)]], [GRID_A]),
        "image-last": ([[*w(4), *picture(GRID_A)]], [GRID_A]),
        "image-alone": ([picture(GRID_C)], [GRID_C]),
        "images-adjacent": ([[*w(1), *picture(GRID_C), *picture(GRID_D), *picture(GRID_B), *w(2)]], [GRID_C, GRID_D, GRID_B]),
        "wide-and-tall": ([[*w(2), *picture((1, 2, 30)), *w(2), *picture((1, 26, 4)), *w(3)]], [(1, 2, 30), (1, 26, 4)]),
        "padded-left": ([[*w(2), *picture(GRID_C), *w(5)], [*w(3), *picture(GRID_D)]], [GRID_C, GRID_D]),
        "padded-right-text-row": ([[*w(3), *picture(GRID_A), *w(1)], w(2)], [GRID_A]),
    }
    every = dict(cases())
    for name, (rows, grids) in more.items():
        side = "left" if "left" in name else "right"
        every[name] = batch(rows, grids, pixels(rng, grids), side)
    result = []
    for name, inputs in every.items():
        if "image_grid_thw" in inputs:
            ids, deltas = model.get_rope_index(
                inputs["input_ids"],
                inputs["mm_token_type_ids"],
                image_grid_thw=inputs["image_grid_thw"],
                attention_mask=inputs["attention_mask"],
            )
        else:
            n = inputs["input_ids"].shape
            ids, deltas = torch.arange(n[1]).expand(3, *n), torch.zeros(n[0], 1, dtype=torch.long)
        result.append(
            {
                "name": name,
                "inputIds": inputs["input_ids"].tolist(),
                "attentionMask": inputs["attention_mask"].tolist(),
                "imageGridThw": inputs["image_grid_thw"].tolist() if "image_grid_thw" in inputs else [],
                "positionIds": ids.tolist(),
                "ropeDeltas": deltas.flatten().tolist(),
            }
        )
    write_json(out / "position-ids.json", result)
