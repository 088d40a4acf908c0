"""Ten AdamW steps on the padded case, all parameters trainable, clipped to a global norm of 1: parameters after them.
`torch.optim.AdamW` with decay on every parameter, the learning rate fixed."""

import torch
from cases import cases, labels
from common import load, tensors, write_json, write_tensors

SETTINGS = {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.01}
CLIP = 1.0
STEPS = 10


def train(folder, dtype):
    model = load(folder, dtype)
    inputs = cases()["padded"]
    target = labels(inputs)
    moved = {k: v.to(dtype) if v.is_floating_point() else v for k, v in inputs.items()}
    optimiser = torch.optim.AdamW(model.parameters(), **SETTINGS, foreach=False, fused=False)
    losses, norms = [], []
    for _ in range(STEPS):
        optimiser.zero_grad()
        loss = model(**moved, labels=target).loss
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP, foreach=False).item())
        optimiser.step()
        losses.append(loss.item())
    return {k: p.detach() for k, p in tensors(model).items()}, losses, norms


def main(out):
    folder = out / "checkpoint"
    before = {k: p.detach() for k, p in tensors(load(folder)).items()}
    after, losses, norms = train(folder, torch.float32)
    after64, _, _ = train(folder, torch.float64)
    write_tensors(out / "adamw-after-10.safetensors", after)
    drift = {k: ((after[k] - after64[k]).norm() / (after64[k] - before[k]).norm()).item() for k in after}
    write_json(
        out / "adamw.json",
        {
            "case": "padded",
            "steps": STEPS,
            "learningRate": SETTINGS["lr"],
            "beta1": SETTINGS["betas"][0],
            "beta2": SETTINGS["betas"][1],
            "epsilon": SETTINGS["eps"],
            "weightDecay": SETTINGS["weight_decay"],
            "clipNorm": CLIP,
            "losses": losses,
            "gradientNormsBeforeClipping": norms,
            "float64": {
                "note": "distance of the float64 run's parameters from the float32 run's, over the length of the way travelled",
                "worst": max(drift.values()),
                "worstParameter": max(drift, key=drift.get),
                "worstAbsolute": max((after[k] - after64[k]).abs().max().item() for k in after),
            },
        },
    )
