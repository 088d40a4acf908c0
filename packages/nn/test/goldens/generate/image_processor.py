"""The PIL back-end of the Qwen2-VL image processor: `smart_resize` on many sizes, and pixel values of six decoded pictures,
with the resized bytes in between."""

import numpy as np
import torch
from common import MERGE, PATCH, generator, write_json, write_tensors
from PIL import Image
from tokenizer import PREPROCESSOR
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil, smart_resize

# name: height, width, channels. The settings are those of `checkpoint/preprocessor_config.json` (factor 8, 256…2560 pixels).
PICTURES = {
    "up-both": (21, 37, 3),
    "up-height-down-width": (46, 26, 3),
    "down-both": (83, 94, 3),
    "gray": (41, 33, 1),
    "tiny": (5, 9, 3),
    "exact": (16, 24, 3),
}


def paint(name, height, width, channels):
    """Slopes, hard edges (so that bicubic overshoots and is clipped) and noise."""
    rng = generator(f"picture:{name}")
    y, x = np.mgrid[0:height, 0:width]
    layers = []
    for c in range(channels):
        base = 255 * (x / width if c % 2 == 0 else y / height)
        base = np.where((x // 3 + y // 5 + c) % 4 == 0, 255, base)
        base = np.where((x + 2 * y) % 11 < 2, 0, base)
        layers.append(base + rng.normal(0, 12, (height, width)))
    return np.clip(np.rint(np.stack(layers, -1)), 0, 255).astype(np.uint8)


def sizes():
    rng = generator("sizes")
    fixed = [(1, 1), (28, 28), (14, 14), (42, 70), (70, 42), (98, 14), (13, 2000), (4000, 3000), (512, 512), (1, 200), (200, 1), (3, 5)]
    return fixed + [tuple(int(v) for v in rng.integers(1, 3000, 2)) for _ in range(60)]


def main(out):
    rows = []
    settings = [
        (28, 56 * 56, 14 * 14 * 4 * 1280),
        (28, 4 * 28 * 28, 256 * 28 * 28),
        (PATCH * MERGE, PREPROCESSOR["min_pixels"], PREPROCESSOR["max_pixels"]),
        (32, 65536, 16777216),
    ]
    for factor, low, high in settings:
        for height, width in sizes():
            try:
                size = list(smart_resize(height, width, factor, low, high))
            except ValueError:
                size = None  # more than 200 times as long as wide
            rows.append([factor, low, high, height, width, size])
    columns = ["factor", "minPixels", "maxPixels", "height", "width", "size"]
    write_json(out / "smart-resize.json", {"columns": columns, "rows": rows})

    keys = ("min_pixels", "max_pixels", "patch_size", "temporal_patch_size", "merge_size", "image_mean", "image_std")
    processor = Qwen2VLImageProcessorPil(**{k: PREPROCESSOR[k] for k in keys})
    stored = {}
    for name, (height, width, channels) in PICTURES.items():
        array = paint(name, height, width, channels)
        image = Image.fromarray(array[..., 0] if channels == 1 else array)
        made = processor(images=image, return_tensors="pt")
        grid = made["image_grid_thw"]
        resized = np.asarray(
            image.convert("RGB").resize((int(grid[0, 2]) * PATCH, int(grid[0, 1]) * PATCH), Image.Resampling.BICUBIC)
        )
        stored[f"{name}.image"] = torch.from_numpy(array)
        stored[f"{name}.resized"] = torch.from_numpy(resized.copy())
        stored[f"{name}.pixel_values"] = made["pixel_values"]
        stored[f"{name}.image_grid_thw"] = grid.int()
    write_tensors(out / "image-processor.safetensors", stored)
