"""Tiling image processors with the PIL back end on pictures of many shapes. `tiles/NAME.safetensors`: `N.image` [H,W,3] uint8, `N.pixel_values` [tiles,3,S,S];
`tiles/settings.json`: each processor's settings, and the tiles, rows and columns and the text that stand for the picture's placeholder."""

import json

import numpy as np
import torch
from PIL import Image
from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import GotOcr2ImageProcessorPil
from transformers.models.smolvlm.image_processing_pil_smolvlm import SmolVLMImageProcessorPil
from transformers.models.smolvlm.processing_smolvlm import get_image_prompt_string

from safetensors.torch import save_file

from .shared import generator

SIZES = [(20, 16), (16, 16), (11, 47), (50, 23), (33, 32), (64, 21), (7, 40)]
INTERN = {"size": {"height": 16, "width": 16}, "crop_to_patches": True, "min_patches": 1, "max_patches": 6, "resample": 3,
          "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}  # fmt: skip
SMOL = {"size": {"longest_edge": 48}, "max_image_size": {"longest_edge": 16}, "do_image_splitting": True, "resample": 1,
        "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}  # fmt: skip
FEATURES = 4


def main(out):
    rng = generator("tiles")
    # smooth pictures with hard edges: resampling filters differ on both
    def picture(h, w):
        y, x = np.mgrid[0:h, 0:w]
        base = np.stack([128 + 100 * np.sin(y / 3), 255 * ((x // 5 + y // 4) % 2), 255 * x / w], -1)
        return np.clip(base + rng.normal(0, 12, base.shape), 0, 255).astype(np.uint8)

    pictures = [picture(h, w) for h, w in SIZES]
    cases = {
        "internvl": (GotOcr2ImageProcessorPil, INTERN),
        "smolvlm": (SmolVLMImageProcessorPil, SMOL),
        "smolvlm-whole": (SmolVLMImageProcessorPil, {**SMOL, "do_image_splitting": False}),
    }
    settings = {}
    for name, (kind, given) in cases.items():
        processor = kind(**given)
        found, rows = {}, []
        for i, array in enumerate(pictures):
            more = {} if name == "internvl" else {"return_row_col_info": True}
            made = processor(Image.fromarray(array), return_tensors="np", **more)
            pixels = np.asarray(made["pixel_values"])
            pixels = pixels.reshape(-1, *pixels.shape[-3:])
            found |= {f"{i}.image": torch.from_numpy(array), f"{i}.pixel_values": torch.from_numpy(pixels.astype(np.float32))}
            row = {"height": array.shape[0], "width": array.shape[1], "tiles": len(pixels)}
            if name != "internvl":
                r, c = made["rows"][0][0], made["cols"][0][0]
                row |= {"rows": int(r), "columns": int(c)}
                row["text"] = get_image_prompt_string(r, c, FEATURES, "<fake_token_around_image>", "<image>", "<global-img>")
            rows.append(row)
        (out / "tiles").mkdir(parents=True, exist_ok=True)
        path = out / f"tiles/{name}.safetensors"
        save_file({k: v.contiguous() for k, v in sorted(found.items())}, str(path), metadata={"format": "pt"})
        path.chmod(0o644)
        settings[name] = {"processor": given, "pictures": rows}
    (out / "tiles/settings.json").write_text(json.dumps(settings, indent=1) + "\n")
