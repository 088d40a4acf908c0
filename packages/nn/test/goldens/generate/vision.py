"""The vision tower on five images in one call: rotary positions, window order and boundaries, features after the patch
embedding and every block (in window order, as the blocks see them), merged features (in image order)."""

import torch
from cases import GRID_A, GRID_B, GRID_C, GRID_D
from common import MERGE, PATCH, generator, load, pixels, write_json, write_tensors
from transformers.vision_utils import get_vision_position_ids, get_vision_window_index

GRIDS = [GRID_A, GRID_B, GRID_C, GRID_D, (1, 2, 2)]


def main(out):
    visual = load(out / "checkpoint").model.visual
    grid = torch.tensor(GRIDS)
    pixel_values = pixels(generator("vision"), GRIDS)
    window_index, cu_window = get_vision_window_index(
        grid, spatial_merge_size=MERGE, window_size=visual.window_size, patch_size=PATCH
    )
    stored = {
        "pixel_values": pixel_values,
        "image_grid_thw": grid.int(),
        "position_ids": get_vision_position_ids(grid, MERGE).int(),
        "window_index": window_index.int(),
        "cu_window_seqlens": cu_window.int(),
        "cu_seqlens": torch.tensor([0, *(t * h * w for t, h, w in GRIDS)]).cumsum(0).int(),
    }
    hooks = [
        visual.patch_embed.register_forward_hook(lambda m, i, o: stored.__setitem__("patch_embed", o)),
        *(
            block.register_forward_hook(lambda m, i, o, n=n: stored.__setitem__(f"block.{n}", o))
            for n, block in enumerate(visual.blocks)
        ),
    ]
    with torch.no_grad():
        stored["merged"] = visual(pixel_values, grid_thw=grid).pooler_output
        cos, sin = visual.rotary_pos_emb(pixel_values, stored["position_ids"].long())
    stored["rotary_cos"], stored["rotary_sin"] = cos, sin
    for hook in hooks:
        hook.remove()
    write_tensors(out / "vision.safetensors", stored)
    # A second list of grids for the window order alone: exact, ragged, one column, and larger windows.
    windows = []
    for size in (16, 24, 32, 40):
        for grids in (GRIDS, [(1, 14, 6)], [(1, 2, 18)], [(1, 16, 16), (1, 6, 6)]):
            index, cu = get_vision_window_index(torch.tensor(grids), MERGE, size, PATCH)
            windows.append(
                {"windowSize": size, "patchSize": PATCH, "mergeSize": MERGE, "imageGridThw": grids}
                | {"windowIndex": index.tolist(), "cuWindowSeqlens": cu.tolist()}
            )
    write_json(out / "windows.json", windows)
