"""TRL's trainers as the peer of `mede2 bench`: SFTTrainer and DPOTrainer as their users run them, one step on request.

    python bench_trl.py --model DIR --batches FILE --work sft|dpo [--lora RANK] [--terms float32|best] [--threads 2] [--lr 1e-4]

The trainer's own loop runs; a callback stops it between two steps until it is told to go on, so that a bench can interleave its steps
with our own. `seconds` is from the command to the end of the step: fetching and collating the batch, forward, backward, clipping, AdamW, as
a training spends it. The protocol is that of bench_peer.py:

    (start)    {"event": "ready", "work", "parameters", "trainable", "settings": in words, "versions": {…}, "seconds"}
    step       {"event": "step", "seconds", "loss", "gradientNorm", "supervisedTokens" | "pairs", "logProbs": of dpo}
    memory     {"event": "memory", "peakBytes"}
    quit

`--terms float32`: everything in float32. `--terms best`: bf16=True, what TRL documents for a processor with bfloat16 instructions. In both:
gradient_checkpointing=False (faster), SDPA, the fused AdamW that is the default, sft's default loss `chunked_nll` (logits at supervised
positions). Packing is left out: TRL packs without mixing samples with FlashAttention only, which no CPU has. precompute_ref_log_probs is
on in `best` for text; TRL refuses it for data with images.

FILE is JSON. sft: {"batches": [{"inputIds", "attentionMask", "labels"}]}, as for bench_peer.py. dpo: {"batches": [[{"prompt", "chosen",
"rejected": rendered texts, "image": base64 of a PNG or absent}]]}.

The A factors of an adapter are set to a formula that our side uses too (sin(1.7 k) / sqrt(inputs) at element k), so that gradients can be compared.
"""

import argparse
import base64
import io
import json
import math
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

for variable in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE"):
    os.environ[variable] = "1"
os.environ["HF_DATASETS_DISABLE_PROGRESS_BARS"] = "1"
os.environ["TRL_EXPERIMENTAL_SILENCE"] = "1"

protocol = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # whatever a library prints goes to stderr


def say(**value):
    protocol.write(json.dumps(value) + "\n")
    protocol.flush()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--batches", type=Path, required=True)
    parser.add_argument("--work", choices=["sft", "dpo"], required=True)
    parser.add_argument("--lora", type=int, default=0, metavar="RANK", help="train an adapter of this rank; 0: everything")
    parser.add_argument("--terms", choices=["float32", "best"], default="float32")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--lr", type=float, default=1e-4)
    return parser.parse_args()


begin = time.perf_counter()
args = arguments()

import datasets  # noqa: E402
import torch  # noqa: E402
import transformers  # noqa: E402
import trl  # noqa: E402
from peft import LoraConfig  # noqa: E402
from transformers import AutoProcessor, AutoTokenizer, TrainerCallback  # noqa: E402

torch.set_num_threads(args.threads)
datasets.disable_progress_bars()
transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()

LORA_TARGETS = r"(?!.*visual).*\.(q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)"
MANY = 1_000_000  # steps; the bench says when it is enough


class Stopped(Exception):
    pass


class OnRequest(TrainerCallback):
    """Waits for a command before every step and answers after it."""

    def __init__(self, counts, unit):
        self.counts, self.unit, self.done = counts, unit, 0
        self.ready = None
        self.logs = {}

    def wait(self):
        for line in sys.stdin:
            command = line.strip()
            if command == "step":
                self.started = time.perf_counter()
                return
            if command == "memory":
                peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
                say(event="memory", peakBytes=peak * (1 if sys.platform == "darwin" else 1024))
            elif command == "quit":
                break
            elif command:
                raise SystemExit(f"unknown command {command!r}: step, memory or quit")
        raise Stopped

    def on_train_begin(self, *_args, **_more):
        self.ready()
        self.wait()

    def on_step_end(self, *_args, **_more):
        self.seconds = time.perf_counter() - self.started

    def on_log(self, _args, _state, _control, logs=None, **_more):
        if "loss" not in logs:
            return
        extra = {"logProbs": [logs["logps/chosen"], logs["logps/rejected"]]} if "logps/chosen" in logs else {}
        say(
            event="step",
            seconds=self.seconds,
            loss=float(logs["loss"]),
            gradientNorm=float(logs["grad_norm"]),
            **{self.unit: self.counts[self.done % len(self.counts)]},
            **extra,
        )
        self.done += 1
        self.wait()


def known_factors(model):
    with torch.no_grad():
        for name, p in model.named_parameters():
            if "lora_A" in name:
                k = torch.arange(p.numel(), dtype=torch.float64)
                p.copy_((torch.sin(1.7 * k) / math.sqrt(p.shape[1])).to(torch.float32).reshape(p.shape))


def common(size, folder):
    return {
        "output_dir": folder,
        "per_device_train_batch_size": size,
        "max_steps": MANY,
        "learning_rate": args.lr,
        "lr_scheduler_type": "constant",
        "weight_decay": 0.01,
        "max_grad_norm": 1.0,
        "bf16": args.terms == "best",
        "gradient_checkpointing": False,
        "use_cpu": True,
        "train_sampling_strategy": "sequential",
        "logging_steps": 1,
        "save_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
        "max_length": None,
        "dataloader_drop_last": True,
        "model_init_kwargs": {"dtype": "float32", "attn_implementation": "sdpa"},
        "seed": 0,
    }


def peft():
    if not args.lora:
        return {}
    return {"peft_config": LoraConfig(r=args.lora, lora_alpha=2 * args.lora, lora_dropout=0.0, target_modules=LORA_TARGETS)}


def sft(batches, folder):
    rows, counts = [], []
    for batch in batches:
        counted = 0
        for ids, mask, labels in zip(batch["inputIds"], batch["attentionMask"], batch["labels"]):
            real = [s for s, on in enumerate(mask) if on]
            rows.append({"input_ids": [ids[s] for s in real], "labels": [labels[s] for s in real]})
            counted += sum(labels[s] != -100 for s in real[1:])
        counts.append(counted)
    callback = OnRequest(counts, "supervisedTokens")
    config = trl.SFTConfig(**common(len(batches[0]["inputIds"]), folder))
    trainer = trl.SFTTrainer(
        str(args.model),
        args=config,
        train_dataset=datasets.Dataset.from_list(rows),
        processing_class=AutoTokenizer.from_pretrained(args.model),
        callbacks=[callback],
        **peft(),
    )
    for name, p in trainer.model.named_parameters():
        if "visual." in name:  # text only: the tower rests
            p.requires_grad_(False)
    return trainer, callback


def picture(text):
    from PIL import Image

    return Image.open(io.BytesIO(base64.b64decode(text))).convert("RGB")


def dpo(batches, folder):
    pairs = [pair for batch in batches for pair in batch]
    seen = any("image" in pair for pair in pairs)
    rows = [
        {**{k: pair[k] for k in ("prompt", "chosen", "rejected")}, **({"images": [picture(pair["image"])]} if seen else {})}
        for pair in pairs
    ]
    callback = OnRequest([len(batch) for batch in batches], "pairs")
    config = trl.DPOConfig(
        **common(len(batches[0]), folder), beta=0.1, precompute_ref_log_probs=args.terms == "best" and not seen
    )
    trainer = trl.DPOTrainer(
        str(args.model),
        args=config,
        train_dataset=datasets.Dataset.from_list(rows),
        processing_class=(AutoProcessor if seen else AutoTokenizer).from_pretrained(args.model),
        callbacks=[callback],
        **peft(),
    )
    return trainer, callback


def serve():
    batches = json.loads(args.batches.read_text())["batches"]
    if not batches:
        raise SystemExit(f"{args.batches} has no batches")
    with tempfile.TemporaryDirectory() as folder:
        trainer, callback = (sft if args.work == "sft" else dpo)(batches, folder)
        known_factors(trainer.model)
        parameters = list(trainer.model.parameters())

        def ready():
            say(
                event="ready",
                work=args.work,
                parameters=sum(p.numel() for p in parameters),
                trainable=sum(p.numel() for p in parameters if p.requires_grad),
                settings=settings(trainer),
                versions={
                    "python": sys.version.split()[0],
                    "torch": torch.__version__,
                    "transformers": transformers.__version__,
                    "trl": trl.__version__,
                },
                seconds=time.perf_counter() - begin,
            )

        callback.ready = ready
        try:
            trainer.train()
        except Stopped:
            pass


def settings(trainer):
    """What TRL was told, in words."""
    config = trainer.args
    parts = ["bf16" if config.bf16 else "float32", "no gradient checkpointing", f"optim {getattr(config.optim, 'value', config.optim)}"]
    if getattr(config, "precompute_ref_log_probs", False):
        parts.append("reference computed before the first step")
    return ", ".join(str(getattr(each, "value", each)) for each in parts)


try:
    serve()
except (Exception, SystemExit) as fault:
    say(event="error", message=f"{type(fault).__name__}: {fault}" if not isinstance(fault, SystemExit) else str(fault))
    raise SystemExit(1) from fault
