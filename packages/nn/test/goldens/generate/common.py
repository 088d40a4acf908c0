"""What every generator here shares: the tiny checkpoints, batches, names, files, versions.

Run `python all.py [--out DIR]` with the Python of `scripts/parity-env.sh`; single parts by name: `python all.py gradients`.
"""

import hashlib
import json
import os
import platform
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"  # nothing here needs a hub, and one saved file tells whether it was asked

import numpy as np
import torch
import transformers
from safetensors.torch import save_file
from transformers import Qwen2_5_VLForConditionalGeneration
from transformers.utils import logging as transformers_logging

transformers_logging.set_verbosity_error()
transformers_logging.disable_progress_bar()

HERE = Path(__file__).resolve().parent
COMMITTED = HERE.parent / "qwen2-5-vl"
SEED = 20250523

# Special tokens follow the 256 bytes and 44 merges of the tokenizer; see tokenizer.py.
SPECIAL = [
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|vision_pad|>",
    "<|image_pad|>",
    "<|video_pad|>",
    "<think>",
    "</think>",
]
FIRST_SPECIAL = 300
ID = {token: FIRST_SPECIAL + i for i, token in enumerate(SPECIAL)}
VOCAB = 320
PATCH = 4
MERGE = 2
PATCH_FLOATS = 3 * 2 * PATCH * PATCH


def deterministic():
    """One thread and fixed algorithms, so that a second run gives the same bytes on the same machine."""
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)


def generator(name):
    """A random stream of its own for every name: adding one part must not shift another's numbers."""
    seed = int.from_bytes(hashlib.sha256(f"{SEED}:{name}".encode()).digest()[:4], "big")
    return np.random.default_rng(seed)


def to_published(key):
    """transformers v5 (and PEFT) module path -> published checkpoint key."""
    if key.startswith("model.language_model."):
        return "model." + key.removeprefix("model.language_model.")
    if key.startswith("model.visual."):
        return key.removeprefix("model.")
    return key


def load(folder, dtype=torch.float32):
    """The checkpoint as transformers opens it, every key accounted for."""
    model, info = Qwen2_5_VLForConditionalGeneration.from_pretrained(
        folder, dtype=dtype, attn_implementation="eager", output_loading_info=True
    )
    missing = {k for k in info["missing_keys"] if k != "lm_head.weight" or not model.config.tie_word_embeddings}
    if missing or info["unexpected_keys"] or info["mismatched_keys"]:
        raise SystemExit(f"{folder}: transformers does not find every key: {info}")
    return model.eval()


def tensors(model):
    """Parameters under published keys, each once (a tied head has no key of its own)."""
    return {to_published(name): p for name, p in model.named_parameters()}


def gradients(model):
    """Gradients under published keys; a parameter that got none is an error."""
    found = {name: p.grad for name, p in tensors(model).items()}
    without = [name for name, grad in found.items() if grad is None]
    if without:
        raise SystemExit(f"no gradient for {without}")
    return found


def image_tokens(grid):
    return grid[0] * grid[1] * grid[2] // MERGE**2


def picture(grid):
    """The tokens that stand for one image: start, one pad per merged patch, end."""
    return [ID["<|vision_start|>"], *[ID["<|image_pad|>"]] * image_tokens(grid), ID["<|vision_end|>"]]


def words(rng, n):
    """n ordinary token ids (no special ones)."""
    return rng.integers(0, FIRST_SPECIAL, n).tolist()


def pixels(rng, grids):
    """Random patches for these grids, [sum of t*h*w, 3*2*4*4]. The two frames of a still image are equal, as the
    image processor makes them."""
    n = sum(t * h * w for t, h, w in grids)
    one = rng.standard_normal((n, 3, 1, PATCH, PATCH)).astype(np.float32)
    return torch.from_numpy(np.broadcast_to(one, (n, 3, 2, PATCH, PATCH)).reshape(n, PATCH_FLOATS).copy())


def batch(rows, grids=(), pixel_values=None, side="right"):
    """Padded model inputs from rows of token ids."""
    width = max(map(len, rows))
    pad = ID["<|endoftext|>"]
    fill = (lambda r, v: r + [v] * (width - len(r))) if side == "right" else (lambda r, v: [v] * (width - len(r)) + r)
    input_ids = torch.tensor([fill(r, pad) for r in rows])
    out = {
        "input_ids": input_ids,
        "attention_mask": torch.tensor([fill([1] * len(r), 0) for r in rows]),
    }
    if len(grids):
        out["pixel_values"] = pixel_values
        out["image_grid_thw"] = torch.tensor(grids)
        out["mm_token_type_ids"] = (input_ids == ID["<|image_pad|>"]).int()
    return out


def storable(inputs, prefix=""):
    """Inputs as tensors for a safetensors file (integers as int32 to keep the readers simple)."""
    return {
        prefix + name: (value.to(torch.int32) if not value.is_floating_point() else value).contiguous()
        for name, value in inputs.items()
        if name != "mm_token_type_ids"
    }


def write_tensors(path, found):
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({k: v.detach().clone().contiguous() for k, v in sorted(found.items())}, str(path), metadata={"format": "pt"})
    path.chmod(0o644)


def laid_out(value, indent=0):
    """JSON with short values and lists of numbers on one line."""
    flat = json.dumps(value, ensure_ascii=False)
    numbers = isinstance(value, list) and all(isinstance(v, (int, float)) for v in value)
    if len(flat) + indent <= 120 and not isinstance(value, dict) or numbers or not value or not isinstance(value, (dict, list)):
        return flat
    pad = "\n" + " " * (indent + 1)
    if isinstance(value, dict):
        parts = [f"{json.dumps(k, ensure_ascii=False)}: {laid_out(v, indent + 1)}" for k, v in value.items()]
        return "{" + pad + ("," + pad).join(parts) + "\n" + " " * indent + "}"
    return "[" + pad + ("," + pad).join(laid_out(v, indent + 1) for v in value) + "\n" + " " * indent + "]"


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(laid_out(value) + "\n")


def versions():
    import numpy, peft, PIL, safetensors, tokenizers, trl

    return {
        "python": platform.python_version(),
        **{m.__name__: m.__version__ for m in (torch, transformers, trl, peft, safetensors, tokenizers, numpy, PIL)},
        "threads": 1,
        "machine": platform.machine(),
    }
