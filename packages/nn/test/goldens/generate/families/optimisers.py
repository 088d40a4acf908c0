"""Four steps of torch.optim.Muon on two matrices (its bfloat16 made float32, so that steps can be compared), and learning rates by transformers."""

import json

import torch
from torch.optim import _muon
from transformers import get_scheduler

from .shared import generator, write


def muon(out):
    rng = generator("muon")
    made = lambda *shape: torch.from_numpy(rng.standard_normal(shape)).float()  # noqa: E731
    parameters = {"wide": torch.nn.Parameter(made(5, 9)), "tall": torch.nn.Parameter(made(8, 3))}
    found = {f"{name}.start": p.clone() for name, p in parameters.items()}
    optimiser = _muon.Muon(parameters.values(), lr=0.02, momentum=0.9, weight_decay=0.1, nesterov=True)
    original = torch.Tensor.bfloat16
    torch.Tensor.bfloat16 = lambda self: self.clone()
    try:
        for step in range(4):
            for name, p in parameters.items():
                p.grad = made(*p.shape)
                found[f"{name}.grad.{step}"] = p.grad.clone()
            optimiser.step()
            found |= {f"{name}.after.{step}": p.clone() for name, p in parameters.items()}
    finally:
        torch.Tensor.bfloat16 = original
    write(out / "optimisers/muon.safetensors", found)


def rates(name, **more):
    """Rates of steps 1 … 20: transformers counts from 0, so that its first step has the rate 0."""
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.5)
    scheduler = get_scheduler(name, optimiser, num_warmup_steps=4, num_training_steps=20, **more)
    found = []
    for _ in range(20):
        optimiser.step()
        scheduler.step()
        found.append(optimiser.param_groups[0]["lr"])
    return found


def main(out):
    muon(out)
    schedules = {
        "linear": rates("linear"),
        "cosine": rates("cosine"),
        "constant": rates("constant_with_warmup"),
        "wsd": rates("warmup_stable_decay", scheduler_specific_kwargs={"num_decay_steps": 6, "min_lr_ratio": 0.0}),
    }
    (out / "optimisers/schedules.json").write_text(json.dumps(schedules, indent=1) + "\n")
