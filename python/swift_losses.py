"""The preference losses by ms-swift's own trainers (and the TRL that it stands on), beside those by TRL 1.9 that our losses are tested against: in the environment of scripts/swift-env.sh,

    python swift_losses.py packages/nn/test/goldens/families/losses/case.safetensors

Logits are a leaf, as in the generator of that file. A loss that ms-swift has otherwise is named with what differs; that it does differ is checked, too. One line a check; status 1 when something failed."""

import sys
import types

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from swift.rlhf_trainers.cpo_trainer import CPOTrainer
from swift.rlhf_trainers.dpo_trainer import DPOTrainer, RunningMoments
from swift.rlhf_trainers.kto_trainer import KTOTrainer
from swift.rlhf_trainers.orpo_trainer import ORPOTrainer

results = {"passed": 0, "failed": 0}
case = load_file(sys.argv[1])
mask = case["completion_mask"].bool()
labels = torch.where(mask, case["input_ids"].long(), -100)
PAIRS = len(labels) // 2
accelerator = types.SimpleNamespace(
    device=torch.device("cpu"), gather_for_metrics=lambda x: x, use_distributed=False, unwrap_model=lambda model: model
)


def check(name, good, detail):
    results["passed" if good else "failed"] += 1
    print(f"{'ok  ' if good else 'FAIL'} {name}: {detail}", flush=True)


class Leaf(torch.nn.Module):
    def __init__(self, logits):
        super().__init__()
        self.logits = torch.nn.Parameter(logits.clone())

    def forward(self, *_, **__):
        return types.SimpleNamespace(logits=self.logits * 1.0)


policy, reference = Leaf(case["logits"]), Leaf(case["reference_logits"])


def made(kind, **values):
    trainer = object.__new__(kind)
    plain = {
        "accelerator": accelerator, "label_smoothing": 0.0, "f_divergence_type": "reverse_kl", "f_divergence_params": None, "reference_free": False,
        "use_weighting": False, "aux_loss_enabled": False, "is_encoder_decoder": False, "label_pad_token_id": -100, "padding_value": 0, "loss_weights": None,
        "template": types.SimpleNamespace(sequence_parallel_size=1, padding_free=False, packing=False),
        "get_use_logits_to_keep": lambda *_: False,
        "args": types.SimpleNamespace(rpo_alpha=values.pop("rpo_alpha", None), ld_alpha=None),
    }  # fmt: skip
    for key, value in {**plain, **values}.items():
        setattr(trainer, key, value)
    return trainer


def batch():
    return {"input_ids": case["input_ids"].long(), "attention_mask": torch.ones_like(case["input_ids"]).long(), "labels": labels.clone()}


def dpo(loss_types, weights=None, **values):
    trainer = made(DPOTrainer, loss_type=loss_types, loss_weights=weights, **values)
    trainer.running = RunningMoments(accelerator)
    with torch.no_grad():
        theirs = trainer.concatenated_forward(reference, batch(), is_ref_model=True)
    given = {**batch(), "ref_chosen_logps": theirs["chosen_logps"], "ref_rejected_logps": theirs["rejected_logps"]}
    forward = trainer.concatenated_forward
    trainer.concatenated_forward = lambda model, each: forward(model, {k: v for k, v in each.items() if not k.startswith("ref_")})
    return trainer.get_batch_loss_metrics(policy, given)[0]


def sums(model, average=False):
    per_token = model().logits[:, :-1].log_softmax(-1).gather(-1, case["input_ids"].long()[:, 1:, None]).squeeze(-1)
    summed = (per_token * mask[:, 1:]).sum(1)
    return (summed / mask[:, 1:].sum(1) if average else summed).chunk(2)


def kto():
    trainer = made(KTOTrainer, beta=0.3, desirable_weight=1.2, undesirable_weight=0.9, loss_type="kto", calculate_KL=True)
    theirs = [each.detach() for each in sums(reference)]
    return trainer.kto_loss(*sums(policy), case["kl"], *theirs, case["reference_kl"])[0].mean()


def simpo():
    trainer = made(CPOTrainer, beta=2.0, simpo_gamma=0.8, loss_type="simpo", alpha=0.0)
    return trainer.cpo_loss(*sums(policy, True))[0].mean()


def orpo(parts=False):
    trainer = made(ORPOTrainer, beta=0.25)
    chosen, rejected, _, _, nll = trainer.concatenated_forward(policy, batch())
    odds = -trainer.odds_ratio_loss(chosen, rejected)[0].mean()
    return (odds, nll) if parts else odds


def compare(name, call, golden=None):
    golden = golden or name
    policy.zero_grad()
    loss = call()
    loss.backward()
    off = abs(loss.item() - case[f"{golden}.loss"].item())
    slope = case[f"{golden}.grad"]
    distance = ((policy.logits.grad - slope).norm() / slope.norm()).item()
    check(f"{name} as TRL 1.9", off < 1e-5 and distance < 1e-4, f"loss differs by {off:.1e}, gradient by {distance:.1e} of its norm")


compare("dpo", lambda: dpo(["sigmoid"], beta=0.3))
# TRL 1.9 has it no more: the golden is the formula written out
compare("dpo-smoothed", lambda: dpo(["sigmoid"], beta=0.3, label_smoothing=0.1))
compare("dpo-robust", lambda: dpo(["robust"], beta=0.3, label_smoothing=0.1))
compare("dpo-nll, as rpo_alpha", lambda: dpo(["sigmoid"], beta=0.3, rpo_alpha=0.5), "dpo-nll")
compare("dpo-nll, as a mix", lambda: dpo(["sigmoid", "sft"], [1.0, 0.5], beta=0.3), "dpo-nll")
compare("hinge", lambda: dpo(["hinge"], beta=0.3))
compare("apo-zero", lambda: dpo(["apo_zero"], beta=0.3))
compare("kto", kto)
compare("simpo", simpo)
compare("orpo, odds-ratio part", orpo, "orpo")

# ORPO's likelihood: TRL counts the prompt, ms-swift the answer alone, as we do
answers = -(case["logits"][:PAIRS, :-1].log_softmax(-1).gather(-1, case["input_ids"].long()[:PAIRS, 1:, None]).squeeze(-1))[mask[:PAIRS, 1:]].mean()
off = abs(orpo(True)[1].item() - answers.item())
check("orpo, likelihood of the chosen answers alone", off < 1e-5, f"differs by {off:.1e}")

# Rewards shifted by their running mean: after one batch the mean of this batch
for name, types_, weights in (("bco-pair", ["bco_pair"], None), ("mpo", ["sigmoid", "bco_pair", "sft"], [0.8, 0.2, 1.0])):
    loss = dpo(types_, weights, beta=0.3).item()
    off = abs(loss - case[f"{name}.loss"].item())
    chosen, rejected = (0.3 * (a - b).detach() for a, b in zip(sums(policy), sums(reference)))
    shift = torch.cat((chosen, rejected)).mean()
    pair = lambda delta: (F.softplus(delta - chosen) + F.softplus(rejected - delta)).mean().item()  # noqa: E731
    expected = case[f"{name}.loss"].item() + (1.0 if weights is None else 0.2) * (pair(shift) - pair(0.0))
    check(f"{name}: TRL's with shifted rewards", abs(loss - expected) < 1e-5 and off > 1e-3, f"{off:.4f} from TRL's, {abs(loss - expected):.1e} from the shifted one")

try:
    dpo(["ipo"], beta=0.4)
    check("ipo crashes in ms-swift", False, "it does not: compare it")
except RuntimeError as fault:
    check("ipo crashes in ms-swift", "size" in str(fault), str(fault).splitlines()[0])
print(f"{results['passed']} passed, {results['failed']} failed, 0 skipped")
raise SystemExit(1 if results["failed"] else 0)
