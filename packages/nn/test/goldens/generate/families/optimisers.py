"""Optimisers on given gradients, a few steps each: torch.optim.Muon (its bfloat16 made float32, so that steps can be compared), bitsandbytes' AdamW8bit on the CPU,
transformers' Adafactor, and an average of weights by torch. Learning rates by transformers."""

import json

import bitsandbytes
import torch
from torch.optim import _muon
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from transformers import get_scheduler
from transformers.optimization import Adafactor

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


def steps(name, parameters, optimiser, count, scale=1.0, after=lambda step: {}):
    """What `optimiser` makes of random gradients, whose sizes differ by powers of ten."""
    rng = generator(name)
    found = {f"{key}.start": p.clone() for key, p in parameters.items()}
    for step in range(count):
        for key, p in parameters.items():
            p.grad = torch.from_numpy(rng.standard_normal(tuple(p.shape)) * 10.0 ** rng.uniform(-3, 0, tuple(p.shape))).float() * scale
            found[f"{key}.grad.{step}"] = p.grad.clone()
        optimiser.step()
        found |= {f"{key}.after.{step}": p.clone() for key, p in parameters.items()}
        found |= after(step)
    return found


def adamw_8bit(out):
    rng = generator("adamw-8bit")
    shapes = {"matrix": (8, 76), "rest": (260,)}  # blocks of 256: the last ones are not full
    parameters = {key: torch.nn.Parameter(torch.from_numpy(rng.standard_normal(shape)).float()) for key, shape in shapes.items()}
    optimiser = bitsandbytes.optim.AdamW8bit(parameters.values(), lr=0.01, betas=(0.9, 0.99), eps=1e-8, weight_decay=0.1, min_8bit_size=1)

    def state(step):
        kept = {key: optimiser.state[p] for key, p in parameters.items()}
        names = {"first.codes": "state1", "second.codes": "state2", "first.scales": "absmax1", "second.scales": "absmax2"}
        return {f"{key}.{ours}.{step}": s[theirs].flatten().clone() for key, s in kept.items() for ours, theirs in names.items()}

    write(out / "optimisers/adamw-8bit.safetensors", steps("adamw-8bit:gradients", parameters, optimiser, 4, after=state))


def adafactor(out):
    shapes = {"matrix": (7, 5), "vector": (6,), "kernel": (3, 2, 4, 5)}
    for name, more in {"plain": {}, "scaled": {"scale_parameter": True, "weight_decay": 0.1, "clip_threshold": 0.5, "decay_rate": -0.6}}.items():
        rng = generator(f"adafactor:{name}")
        parameters = {key: torch.nn.Parameter(torch.from_numpy(rng.standard_normal(shape)).float()) for key, shape in shapes.items()}
        settings = {"lr": 0.02, "scale_parameter": False, "relative_step": False, **more}
        found = steps(f"adafactor:{name}:gradients", parameters, Adafactor(parameters.values(), **settings), 4)
        write(out / f"optimisers/adafactor-{name}.safetensors", found)


def average(out):
    rng = generator("average")
    model = torch.nn.Linear(4, 3, bias=False)
    kept = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9))
    found = {}
    for step in range(4):
        with torch.no_grad():
            model.weight.copy_(torch.from_numpy(rng.standard_normal((3, 4))).float())
        kept.update_parameters(model)
        found |= {f"weights.{step}": model.weight.clone(), f"average.{step}": kept.module.weight.clone()}
    write(out / "optimisers/average.safetensors", found)


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
    adamw_8bit(out)
    adafactor(out)
    average(out)
    schedules = {
        "linear": rates("linear"),
        "cosine": rates("cosine"),
        "constant": rates("constant_with_warmup"),
        "wsd": rates("warmup_stable_decay", scheduler_specific_kwargs={"num_decay_steps": 6, "min_lr_ratio": 0.0}),
    }
    (out / "optimisers/schedules.json").write_text(json.dumps(schedules, indent=1) + "\n")
