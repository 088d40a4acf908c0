"""What the generators of the families share."""

import hashlib
import json

import numpy as np
import torch
from safetensors.torch import save_file

SEED = 20250610


def generator(name):
    """A random stream of its own for every name: adding one part must not shift another's numbers."""
    return np.random.default_rng(int.from_bytes(hashlib.sha256(f"{SEED}:{name}".encode()).digest()[:4], "big"))


def fill(model):
    """Weights far larger than a real initialisation, so that a mistake anywhere moves the logits."""
    with torch.no_grad():
        for name, p in model.named_parameters():
            noise = torch.from_numpy(generator(f"weights:{name}:{tuple(p.shape)}").standard_normal(tuple(p.shape))).float()
            if p.dim() == 1 and name.endswith("weight"):
                p.copy_(1 + 0.2 * noise)
            elif p.dim() == 1:
                p.copy_(0.2 * noise)
            elif "embed" in name or "lm_head" in name:
                p.copy_(0.5 * noise)
            else:
                p.copy_(1.2 * noise / p[0].numel() ** 0.5)


def left_padded(rows, pad=0):
    width = max(map(len, rows))
    ids = torch.tensor([[pad] * (width - len(r)) + r for r in rows])
    mask = torch.tensor([[0] * (width - len(r)) + [1] * len(r) for r in rows])
    return ids, mask


def greedy(model, rows, count, **more):
    """Tokens of the highest logit with a cache, end tokens ignored, and how far the second best was at least."""
    ids, mask = left_padded(rows)
    new, margin, cache, step = [], float("inf"), None, ids
    with torch.no_grad():
        for _ in range(count):
            positions = (mask.cumsum(-1) - 1).clamp(min=0)[:, -step.shape[1] :]
            result = model(
                input_ids=step, attention_mask=mask, position_ids=positions, past_key_values=cache, use_cache=True, **more
            )
            cache, logits, more = result.past_key_values, result.logits[:, -1], {}
            top = logits.topk(2).values
            margin = min(margin, (top[:, 0] - top[:, 1]).min().item())
            step = logits.argmax(-1, keepdim=True)
            new.append(step)
            mask = torch.cat([mask, torch.ones_like(step)], 1)
    return {"new_tokens": torch.cat(new, 1), "margin": torch.tensor(margin)}


def write(path, tensors):
    path.parent.mkdir(parents=True, exist_ok=True)
    stored = {
        k: (v if v.is_floating_point() else v.to(torch.int32)).detach().clone().contiguous() for k, v in sorted(tensors.items())
    }
    save_file(stored, str(path), metadata={"format": "pt"})
    path.chmod(0o644)


def store(folder, config, model, found, sharded=False, rename=lambda key: key):
    """A model folder and its case."""
    write(folder / "case.safetensors", found)
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    weights = {rename(key): p for key, p in model.named_parameters()}
    if not sharded:
        return write(folder / "model.safetensors", weights)
    names = sorted(weights)
    half = len(names) // 2
    files = {"model-00001-of-00002.safetensors": names[:half], "model-00002-of-00002.safetensors": names[half:]}
    for file, keys in files.items():
        write(folder / file, {key: weights[key] for key in keys})
    total = sum(4 * p.numel() for p in weights.values())
    index = {"metadata": {"total_size": total}, "weight_map": {key: file for file, keys in files.items() for key in keys}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=1) + "\n")
