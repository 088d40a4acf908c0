"""Repeats by TRL's own trainers what scripts/parity-runs.mjs trained: python trl_runs.py RUNS.json [run …]

RUNS.json is `{"runs": [run]}`; paths in it are relative to the file, a store's pictures excepted. A run is

    name, kind        kto: KTOTrainer; bco: BCOTrainer; dpo: DPOTrainer with `sigmoid`, and `sft` where the loss has nllWeight
    model             the folder that both start from, which is the reference, too
    loss, optimiser, learningRate, size, steps     as in the plan
    rows              {"prompt", "completion", "label"} or {"prompt", "chosen", "rejected"}: rendered texts; with pictures {"words", "answer", "label", "images"}; in
                      all `ids`, our tokens of each text
    order             indices of rows: `size` of them a step
    ours              of each step loss, gradientNorm, rewards, logProbs

Checked are the tokens, and at every step the loss, the norm of the gradient, the log-probabilities and the rewards of both sides. One line a check; status 1 when something failed or nothing was checked."""

import json
import os
import sys
import tempfile
from pathlib import Path

for variable in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE"):
    os.environ[variable] = "1"
os.environ["HF_DATASETS_DISABLE_PROGRESS_BARS"] = "1"
os.environ["TRL_EXPERIMENTAL_SILENCE"] = "1"

import torch  # noqa: E402
import transformers  # noqa: E402
from datasets import Dataset  # noqa: E402
from PIL import Image  # noqa: E402
from transformers import AutoImageProcessor, AutoProcessor, AutoTokenizer, Qwen2_5_VLForConditionalGeneration  # noqa: E402
from transformers.trainer_callback import PrinterCallback  # noqa: E402
from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer  # noqa: E402
from trl.experimental.bco import BCOConfig, BCOTrainer  # noqa: E402

# Float32 on both sides: what the first step may differ by, and twelve steps of AdamW.
FIRST, LATER = 1e-5, 1e-4
results = {"passed": 0, "failed": 0}


def check(name, good, detail):
    results["passed" if good else "failed"] += 1
    print(f"{'ok  ' if good else 'FAIL'} {name}: {detail}", flush=True)


class InOrder(torch.utils.data.Sampler):
    def __init__(self, order):
        self.order = order

    def __iter__(self):
        return iter(self.order)

    def __len__(self):
        return len(self.order)


def settings_of(run, folder):
    optimiser, loss = run["optimiser"], run["loss"]
    weights = loss.get("weights", {})
    common = dict(
        output_dir=folder, max_steps=run["steps"], per_device_train_batch_size=run["size"], learning_rate=run["learningRate"],
        lr_scheduler_type="constant", adam_beta1=optimiser["betas"][0], adam_beta2=optimiser["betas"][1], adam_epsilon=optimiser["epsilon"],
        weight_decay=optimiser["weightDecay"], max_grad_norm=optimiser["clipNorm"], optim="adamw_torch", bf16=False, gradient_checkpointing=False,
        use_cpu=True, logging_steps=1, save_strategy="no", report_to="none", disable_tqdm=True, remove_unused_columns=False, seed=1, beta=loss["beta"],
    )  # fmt: skip
    if run["kind"] == "kto":
        sides = {"desirable_weight": weights.get("desirable", 1.0), "undesirable_weight": weights.get("undesirable", 1.0)}
        return KTOConfig(**common, **sides, max_length=None)
    if run["kind"] == "bco":
        return BCOConfig(**common, max_length=2048)
    nll = loss.get("nllWeight", 0.0)
    return DPOConfig(**common, max_length=None, loss_type=["sigmoid", "sft"] if nll else ["sigmoid"], loss_weights=[1.0, nll] if nll else None)


def data_of(run):
    if "words" not in run["rows"][0]:
        return Dataset.from_list([{k: v for k, v in row.items() if k != "ids"} for row in run["rows"]])
    rows = []
    for row in run["rows"]:
        parts = [*[{"type": "image"} for _ in row["images"]], {"type": "text", "text": row["words"]}]
        rows.append(
            {
                "prompt": [{"role": "user", "content": parts}],
                "completion": [{"role": "assistant", "content": [{"type": "text", "text": row["answer"]}]}],
                "label": row["label"],
                "images": [Image.open(path).convert("RGB") for path in row["images"]],
            }
        )
    return Dataset.from_list(rows)


def trainer_of(run, root, folder):
    base = {"kto": KTOTrainer, "bco": BCOTrainer, "dpo": DPOTrainer}[run["kind"]]

    class Repeated(base):
        def _get_train_sampler(self, *_):
            return InOrder(run["order"])

    def opened():
        return Qwen2_5_VLForConditionalGeneration.from_pretrained(root / run["model"], dtype=torch.float32, attn_implementation="eager")

    pictures = "words" in run["rows"][0]
    processing = (AutoProcessor if pictures else AutoTokenizer).from_pretrained(root / run["model"])
    if pictures:
        processing.image_processor = AutoImageProcessor.from_pretrained(root / run["model"], backend="pil")
    return Repeated(
        model=opened(), ref_model=opened(), args=settings_of(run, folder), train_dataset=data_of(run), processing_class=processing
    )


def tokens_of(run, batch):
    """The tokens of a batch's rows without padding, texts of a row together."""
    ids, mask = (batch["completion_input_ids"], batch["completion_attention_mask"]) if run["kind"] == "bco" else (batch["input_ids"], batch["attention_mask"])
    rows = [row[on.bool()].tolist() for row, on in zip(ids, mask)]
    half = len(rows) // 2
    return [[a, b] for a, b in zip(rows[:half], rows[half:])] if run["kind"] == "dpo" else [[row] for row in rows]


def worst(name, run, logs, ours, theirs, relative=True):
    """Largest distance of a number at the first step and at any."""
    distances = []
    for own, log in zip(run["ours"], logs):
        a, b = ours(own), theirs(log)
        if (a is None) != (b is None):
            return check(f"{run['name']}: {name}", False, f"ours {a}, TRL's {b}")
        if a is not None:
            distances.append(abs(a - b) / (max(1.0, abs(b)) if relative else 1.0))
    good = len(distances) > 0 and distances[0] <= FIRST and max(distances) <= LATER
    check(f"{run['name']}: {name}", good, f"first step {distances[0]:.1e}, {len(distances)} steps {max(distances):.1e}" if distances else "nothing")


def compare(run, root):
    with tempfile.TemporaryDirectory() as folder:
        trainer = trainer_of(run, root, folder)
        seen = [row for batch in trainer.get_train_dataloader() for row in tokens_of(run, batch)]
        same = seen == [run["rows"][index]["ids"] for index in run["order"]]
        check(f"{run['name']}: tokens and order", same, f"{len(seen)} rows")
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    logs = [entry for entry in trainer.state.log_history if "loss" in entry]
    if len(logs) != len(run["ours"]) or len(logs) != run["steps"]:
        return check(run["name"], False, f"{len(logs)} steps by TRL, {len(run['ours'])} by us, {run['steps']} planned")
    worst("loss", run, logs, lambda own: own["loss"], lambda log: log["loss"])
    worst("norm of the gradient", run, logs, lambda own: own["gradientNorm"], lambda log: float(log["grad_norm"]))
    for side in ("chosen", "rejected"):
        worst(f"log-probability, {side}", run, logs, lambda own: own["logProbs"].get(side), lambda log: log.get(f"logps/{side}"))
        worst(f"reward, {side}", run, logs, lambda own: own["rewards"].get(side), lambda log: log.get(f"rewards/{side}"))
    print(f"     loss {logs[0]['loss']:.6f} → {logs[-1]['loss']:.6f} by TRL, {run['ours'][0]['loss']:.6f} → {run['ours'][-1]['loss']:.6f} by us", flush=True)
    if run["kind"] == "kto":
        print(f"     distance of the policy: {', '.join(format(log['kl'], '.3f') for log in logs)}", flush=True)
        check(f"{run['name']}: the distance plays a part", max(log["kl"] for log in logs) > 0.01, f"at most {max(log['kl'] for log in logs):.3f}")


def main(file, only):
    torch.set_num_threads(1)
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    for run in json.loads(file.read_text())["runs"]:
        if only and run["name"] not in only:
            continue
        try:
            compare(run, file.parent)
        except Exception as fault:  # one run must not hide the others
            check(run["name"], False, f"{type(fault).__name__}: {fault}")
    print(f"{results['passed']} passed, {results['failed']} failed, 0 skipped")
    raise SystemExit(1 if results["failed"] or not results["passed"] else 0)


main(Path(sys.argv[1]).resolve(), sys.argv[2:])
