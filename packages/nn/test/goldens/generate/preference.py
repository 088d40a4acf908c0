"""Preference losses by TRL's own `DPOTrainer._compute_loss`, called on a batch of two pairs of which one has an image.
Reference: `checkpoint/`. Policy: the same after the ten AdamW steps, so that no log-ratio is zero.

TRL 1.9 has no `rpo_alpha`: DPO with an NLL term is the loss list ["sigmoid", "sft"] with weights [1, alpha], the sft term
being the mean over all supervised tokens of the chosen rows."""

import types
from collections import defaultdict

import torch
from accelerate import Accelerator
from cases import GRID_A, GRID_C
from common import batch, generator, gradients, load, picture, pixels, storable, tensors, words, write_json, write_tensors
from safetensors.torch import load_file
from trl import DPOTrainer

BETA = 0.1
MIXES = {
    "sigmoid": (["sigmoid"], [1.0]),
    "sigmoid-nll": (["sigmoid", "sft"], [1.0, 0.5]),
    "mpo": (["sigmoid", "bco_pair", "sft"], [0.8, 0.2, 1.0]),
}
# Only their losses are stored: the same log-probabilities go in.
MORE = ["hinge", "ipo", "nca_pair", "sppo_hard", "apo_zero", "apo_down", "sigmoid_norm", "bco_pair", "sft"]


def pairs():
    """[chosen 1, chosen 2, rejected 1, rejected 2], right-padded; images stand in each row that has them."""
    rng = generator("preference")
    w = lambda n: words(rng, n)  # noqa: E731
    prompts = [[*w(2), *picture(GRID_A), *w(3)], [*w(2), *picture(GRID_C), *w(4)]]
    completions = [w(6), w(4), w(3), w(7)]
    rows = [[*prompts[i % 2], *c] for i, c in enumerate(completions)]
    one = [pixels(rng, [GRID_A]), pixels(rng, [GRID_C])]
    inputs = batch(rows, [GRID_A, GRID_C] * 2, torch.cat(one * 2))
    mask = torch.zeros_like(inputs["input_ids"])
    for i, c in enumerate(completions):
        start = len(prompts[i % 2])
        mask[i, start : start + len(c)] = 1
    return {**inputs, "completion_mask": mask}


def trainer(policy, reference, losses, weights):
    """A DPOTrainer without its data loading: only what `_compute_loss` reads."""
    t = object.__new__(DPOTrainer)
    t.model, t.ref_model, t.accelerator = policy, reference, Accelerator(cpu=True)
    t.beta, t.loss_types, t.loss_weights, t.label_smoothing = BETA, losses, weights, 0.0
    t.f_divergence_type, t.ld_alpha, t.use_weighting = "reverse_kl", None, False
    t.aux_loss_enabled, t.precompute_ref_logps = False, False
    t.args = types.SimpleNamespace(gradient_checkpointing_kwargs=None)
    t._metrics, t._total_train_tokens = {"train": defaultdict(list), "eval": defaultdict(list)}, 0
    return t


def log_probs(model, inputs):
    """Sum of the completion's log-probabilities of each row, by TRL's function."""
    t = trainer(model, model, ["sigmoid"], [1.0])
    return [part.tolist() for part in t.compute_ref_log_probs(model, inputs)]


def policy(out):
    model = load(out / "checkpoint")
    after = load_file(out / "adamw-after-10.safetensors")
    with torch.no_grad():
        for name, p in tensors(model).items():
            p.copy_(after[name])
    return model


def main(out):
    reference = load(out / "checkpoint").requires_grad_(False)
    inputs = pairs()
    write_tensors(out / "preference.safetensors", storable(inputs))
    model = policy(out)
    chosen, rejected = log_probs(model, inputs)
    reference_chosen, reference_rejected = log_probs(reference, inputs)
    result = {
        "beta": BETA,
        "logProbs": {"chosen": chosen, "rejected": rejected},
        "referenceLogProbs": {"chosen": reference_chosen, "rejected": reference_rejected},
        "mixes": {},
    }
    for name, (losses, weights) in {**MIXES, **{m: ([m], [1.0]) for m in MORE}}.items():
        t = trainer(model, reference, losses, weights)
        model.zero_grad()
        loss = t._compute_loss(model, dict(inputs), False)
        metrics = {k: v[-1] for k, v in t._metrics["eval"].items() if k != "num_tokens"}
        result["mixes"][name] = {"losses": losses, "weights": weights, "loss": loss.item()}
        if name in MIXES:
            loss.backward()
            write_tensors(out / f"preference-gradients-{name}.safetensors", gradients(model))
            result["metrics"] = metrics  # the same for every mix: rewards are beta times the log-ratio
            parts = {}
            for single in losses:
                with torch.no_grad():
                    parts[single] = trainer(model, reference, [single], [1.0])._compute_loss(model, dict(inputs), False).item()
            result["mixes"][name]["parts"] = parts
    write_json(out / "preference.json", result)
