"""Every preference loss by TRL's own code, as a function of logits: a model whose output is a leaf. `losses/case.safetensors` holds the
batch and, for each loss NAME, `NAME.loss`, `NAME.grad` (of the policy's logits); `losses/settings.json` what it was called with.

Rows are [chosen …, rejected …]; KTO reads them as desirable and undesirable answers, with `kl`, `reference_kl` [B] the log-probabilities
of answers that belong to other prompts. SimPO is TRL's CPOTrainer without its NLL term, ORPO its ORPOTrainer's odds-ratio part."""

import json
import types
from collections import defaultdict

import torch
from accelerate import Accelerator
from trl import DPOTrainer, KTOTrainer
from trl.experimental.bco import BCOTrainer
from trl.experimental.bco.bco_trainer import RunningMoments
from trl.experimental.cpo import CPOTrainer
from trl.experimental.orpo import ORPOTrainer
from trl.trainer.utils import selective_log_softmax

from .shared import generator, write

PAIRS, LENGTH, VOCAB, PROMPT = 3, 9, 11, 2
ANSWERS = [(5, 7, 3), (4, 6, 7)]  # tokens of the chosen and of the rejected answers

DPO = {
    "dpo": (["sigmoid"], [1.0], {"beta": 0.3}),
    "dpo-smoothed": (["sigmoid"], [1.0], {"beta": 0.3, "label_smoothing": 0.1}),
    "dpo-robust": (["robust"], [1.0], {"beta": 0.3, "label_smoothing": 0.1}),
    "dpo-normalised": (["sigmoid_norm"], [1.0], {"beta": 2.0}),
    "dpo-nll": (["sigmoid", "sft"], [1.0, 0.5], {"beta": 0.3}),
    "ipo": (["ipo"], [1.0], {"beta": 0.4}),
    "hinge": (["hinge"], [1.0], {"beta": 0.3}),
    "bco-pair": (["bco_pair"], [1.0], {"beta": 0.3}),
    "apo-zero": (["apo_zero"], [1.0], {"beta": 0.3}),
    "mpo": (["sigmoid", "bco_pair", "sft"], [0.8, 0.2, 1.0], {"beta": 0.3}),
}


class Leaf(torch.nn.Module):
    """A model whose logits are a parameter."""

    is_gradient_checkpointing = False

    def __init__(self, logits):
        super().__init__()
        self.logits = torch.nn.Parameter(logits)

    def forward(self, **_):
        return types.SimpleNamespace(logits=self.logits * 1.0)


def masks():
    mask = torch.zeros(2 * PAIRS, LENGTH, dtype=torch.long)
    for row, count in enumerate([*ANSWERS[0], *ANSWERS[1]]):
        mask[row, PROMPT : PROMPT + count] = 1
    return mask


def dpo(policy, reference, inputs, losses, weights, beta, label_smoothing=0.0):
    if losses == ["sigmoid"] and label_smoothing:  # TRL 1.9 dropped it from this loss; the aot losses still have the formula
        chosen, rejected = log_probs(policy, inputs).chunk(2)
        reference_chosen, reference_rejected = log_probs(reference, inputs).chunk(2)
        margin = beta * ((chosen - reference_chosen) - (rejected - reference_rejected))
        smooth = -torch.nn.functional.logsigmoid(margin) * (1 - label_smoothing) - torch.nn.functional.logsigmoid(-margin) * label_smoothing
        return smooth.mean()
    t = object.__new__(DPOTrainer)
    t.model, t.ref_model, t.accelerator = policy, reference, Accelerator(cpu=True)
    t.beta, t.loss_types, t.loss_weights, t.label_smoothing = beta, losses, weights, label_smoothing
    t.f_divergence_type, t.ld_alpha, t.use_weighting = "reverse_kl", None, False
    t.aux_loss_enabled, t.precompute_ref_logps = False, False
    t.args = types.SimpleNamespace(gradient_checkpointing_kwargs=None)
    t._metrics, t._total_train_tokens = {"train": defaultdict(list), "eval": defaultdict(list)}, 0
    return t._compute_loss(policy, dict(inputs), False)


def log_probs(model, inputs, average=False):
    per_token = selective_log_softmax(model().logits[:, :-1], inputs["input_ids"][:, 1:])
    mask = inputs["completion_mask"][:, 1:]
    summed = (per_token * mask).sum(1)
    return summed / mask.sum(1) if average else summed


def kto(policy, reference, inputs, kl, reference_kl):
    t = object.__new__(KTOTrainer)
    t.model, t.ref_model, t.accelerator = policy, reference, Accelerator(cpu=True)
    t.beta, t.desirable_weight, t.undesirable_weight, t.loss_type = 0.3, 1.2, 0.9, "kto"
    t.calculate_KL, t.precompute_ref_logps, t.aux_loss_enabled = True, False, False
    t.args = types.SimpleNamespace(gradient_checkpointing_kwargs=None)
    t._metrics, t._total_train_tokens = {"train": defaultdict(list), "eval": defaultdict(list)}, 0
    t._compute_kl_logps = lambda model, _: kl if model is policy else reference_kl
    return t._compute_loss(policy, {**inputs, "label": torch.tensor([True] * PAIRS + [False] * PAIRS)}, False)


def main(out):
    rng = generator("losses")
    made = lambda scale: torch.from_numpy(rng.standard_normal((2 * PAIRS, LENGTH, VOCAB))).float() * scale  # noqa: E731
    policy, reference = Leaf(made(1.5)), Leaf(made(1.5))
    inputs = {
        "input_ids": torch.from_numpy(rng.integers(0, VOCAB, (2 * PAIRS, LENGTH))),
        "attention_mask": torch.ones(2 * PAIRS, LENGTH, dtype=torch.long),
        "completion_mask": masks(),
    }
    kl = torch.tensor([-9.0, -12.0, -7.5, -11.0, -8.0, -10.0])
    reference_kl = kl - torch.tensor([0.5, 0.2, -0.1, 0.9, 0.4, 0.3])
    reference.requires_grad_(False)

    cpo = object.__new__(CPOTrainer)
    cpo.accelerator, cpo.alpha, cpo.beta, cpo.simpo_gamma, cpo.loss_type, cpo.label_smoothing = Accelerator(cpu=True), 0.0, 2.0, 0.8, "simpo", 0.0
    orpo = object.__new__(ORPOTrainer)
    orpo.accelerator, orpo.beta = Accelerator(cpu=True), 0.25
    bco = object.__new__(BCOTrainer)
    bco.beta, bco.embedding_func, bco.embedding_tokenizer = 0.3, None, None
    bco.running = RunningMoments(accelerator=Accelerator(cpu=True))
    bco.running.mean, bco.running.count = 0.4, 6

    halves = lambda model, average=False: log_probs(model, inputs, average).chunk(2)  # noqa: E731
    calls = {name: lambda s=s: dpo(policy, reference, inputs, s[0], s[1], **s[2]) for name, s in DPO.items()}
    calls["simpo"] = lambda: cpo.cpo_loss(*halves(policy, True))[0].mean()
    calls["orpo"] = lambda: -orpo.odds_ratio_loss(*halves(policy, True))[0].mean()
    calls["kto"] = lambda: kto(policy, reference, inputs, kl, reference_kl)
    calls["bco"] = lambda: bco.bco_loss(*halves(policy), *halves(reference), None, None)[0].mean()
    found = {**inputs, "logits": policy.logits, "reference_logits": reference.logits, "kl": kl, "reference_kl": reference_kl}
    for name, call in calls.items():
        policy.zero_grad()
        loss = call()
        loss.backward()
        found |= {f"{name}.loss": loss, f"{name}.grad": policy.logits.grad}
    found["bco.shift"] = torch.tensor(float(bco.running.mean))
    write(out / "losses/case.safetensors", found)
    settings = {name: {"losses": s[0], "weights": s[1], **s[2]} for name, s in DPO.items()}
    settings |= {
        "simpo": {"beta": 2.0, "gamma": 0.8},
        "orpo": {"beta": 0.25},
        "kto": {"beta": 0.3, "desirable": 1.2, "undesirable": 0.9},
        "bco": {"beta": 0.3, "mean_before": 0.4, "count_before": 6},
    }
    (out / "losses/settings.json").write_text(json.dumps(settings, indent=1) + "\n")
