"""The peer of `mede2 bench`: the same model and the same batches in PyTorch (eager mode), one step on request.

It does nothing until it is told to, so that a bench can interleave its steps with our own on one machine:

    python bench_peer.py --model DIR --batches FILE --work train [--lora 16] [--attention sdpa|eager]
                         [--precision float32|bfloat16] [--freeze-vision] [--threads 2] [--lr 1e-4]
    python bench_peer.py --model DIR --batches FILE --work preference [--beta 0.1] [--reference each-step|once] …
    python bench_peer.py --model DIR --batches FILE --work generate [--new-tokens 64] …

Protocol: one command a line on stdin, one JSON object a line on stdout, nothing else on stdout.

    (start)    {"event": "ready", "work", "model", "parameters", "trainable", "threads", "attention", "precision",
                "settings": in words, "versions": {…}, "seconds": loading time}
    step       train: one optimiser step on the next batch (they go round), gradients clipped to norm 1, AdamW
                   {"event": "step", "seconds", "loss", "gradientNorm", "tokens", "supervisedTokens"}
               preference: one optimiser step of DPO (sigmoid) on the next batch, whose first half are chosen, second half
               rejected rows; the reference is the model as loaded, run again each step or once before the first
                   {"event": "step", "seconds", "loss", "gradientNorm", "pairs", "tokens", "supervisedTokens"}
               generate: greedy generation of --new-tokens tokens for every row of the next batch, end tokens ignored
                   {"event": "step", "seconds", "newTokens", "promptTokens", "ids": the new tokens of every row}
               `tokens` counts the attention mask's ones; `seconds` is wall time of the work alone, without input handling
    memory     {"event": "memory", "peakBytes": peak resident memory of this process so far}
    reset      forgets what was trained: weights and optimiser as at the start  {"event": "reset"}
    quit       ends with status 0 (so does the end of stdin)

Anything wrong is {"event": "error", "message"} and status 1 (2 for bad usage).

FILE is JSON: {"batches": [{"inputIds": [[int]], "attentionMask": [[0|1]] (default: all 1), "labels": [[int]] (-100: not
supervised; not shifted; needed for train and preference), "imageGridThw": [[t, h, w]], "pixelValues": base64 of float32 little-endian
[patches, channels * temporal * patch * patch]}]}. For generation rows are padded on the left.

DIR is a Hugging Face folder (causal language model or Qwen2.5-VL); without weights in it, they are drawn at random (seed 0).
"""

import argparse
import base64
import copy
import json
import os
import resource
import sys
import time
from pathlib import Path

for variable in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
    os.environ[variable] = "1"

protocol = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # whatever a library prints goes to stderr


def say(**value):
    protocol.write(json.dumps(value) + "\n")
    protocol.flush()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--batches", type=Path, required=True)
    parser.add_argument("--work", choices=["train", "preference", "generate"], required=True)
    parser.add_argument("--attention", choices=["sdpa", "eager"], default="sdpa")
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32", help="bfloat16: autocast, and to generate all weights")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--lora", type=int, default=0, metavar="RANK", help="train an adapter of this rank; 0: everything")
    parser.add_argument("--freeze-vision", action="store_true")
    parser.add_argument("--lr", type=float, default=1e-4)
    parser.add_argument("--weight-decay", type=float, default=0.01)
    parser.add_argument("--beta", type=float, default=0.1)
    parser.add_argument("--reference", choices=["each-step", "once"], default="each-step")
    parser.add_argument("--new-tokens", type=int, default=64)
    return parser.parse_args()


args = arguments()

import numpy as np  # noqa: E402
import torch  # noqa: E402
import transformers  # noqa: E402
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForImageTextToText  # noqa: E402

transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()

LORA_TARGETS = r"(?!.*visual).*\.(q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)"


def open_model():
    config = AutoConfig.from_pretrained(args.model)
    kind = AutoModelForImageTextToText if getattr(config, "vision_config", None) is not None else AutoModelForCausalLM
    whole = torch.bfloat16 if args.work == "generate" and args.precision == "bfloat16" else torch.float32
    options = {"dtype": whole, "attn_implementation": args.attention}
    if list(args.model.glob("*.safetensors")):
        model, info = kind.from_pretrained(args.model, output_loading_info=True, **options)
        tied = {"lm_head.weight"} if config.tie_word_embeddings else set()
        if set(info["missing_keys"]) - tied or info["unexpected_keys"] or info["mismatched_keys"]:
            raise SystemExit(f"weights do not fit: {info}")
    else:
        torch.manual_seed(0)
        model = kind.from_config(config, **options)
    if args.freeze_vision:
        for name, p in model.named_parameters():
            if "visual." in name:
                p.requires_grad_(False)
    if args.lora:
        from peft import LoraConfig, get_peft_model

        torch.manual_seed(0)
        model = get_peft_model(
            model, LoraConfig(r=args.lora, lora_alpha=2 * args.lora, lora_dropout=0.0, target_modules=LORA_TARGETS)
        )
    model.config.use_cache = args.work == "generate"
    return model, config


def read_batch(raw, config):
    ids = torch.tensor(raw["inputIds"])
    out = {"input_ids": ids}
    mask = raw.get("attentionMask")
    out["attention_mask"] = torch.tensor(mask) if mask else torch.ones_like(ids)
    if args.work != "generate":
        out["labels"] = torch.tensor(raw["labels"])
    if raw.get("imageGridThw"):
        grid = torch.tensor(raw["imageGridThw"])
        patches = int(grid.prod(-1).sum())
        flat = np.frombuffer(base64.b64decode(raw["pixelValues"]), dtype="<f4").reshape(patches, -1)
        out["image_grid_thw"], out["pixel_values"] = grid, torch.from_numpy(flat.copy())
        out["mm_token_type_ids"] = (ids == config.image_token_id).int()
    return out


def autocast():
    return torch.autocast("cpu", torch.bfloat16, enabled=args.precision == "bfloat16" and args.work != "generate")


def supervised_loss(model, inputs, _index):
    return model(**inputs).loss


def sequence_log_probs(model, inputs):
    """Sum of the supervised tokens' log-probabilities of each row."""
    labels = inputs["labels"][:, 1:]
    logits = model(**{k: v for k, v in inputs.items() if k != "labels"}).logits[:, :-1].float()
    # log-softmax at the labels alone, as TRL takes it
    picked = logits.gather(-1, labels.clamp(min=0)[..., None]).squeeze(-1) - logits.logsumexp(-1)
    return (picked * (labels != -100)).sum(-1)


def preference_loss(model, batches):
    """DPO's sigmoid loss. With an adapter the reference is the model without it; else a frozen copy."""
    copied = None if args.lora else copy.deepcopy(model).requires_grad_(False)

    def reference(inputs):
        with torch.no_grad(), autocast():
            if copied is not None:
                return sequence_log_probs(copied, inputs)
            with model.disable_adapter():
                return sequence_log_probs(model, inputs)

    known = [reference(b) for b in batches] if args.reference == "once" else None
    if known is not None:
        copied = None  # its memory is given back

    def loss(model, inputs, index):
        ratio = sequence_log_probs(model, inputs) - (known[index] if known is not None else reference(inputs))
        chosen, rejected = ratio.chunk(2)
        return -torch.nn.functional.logsigmoid(args.beta * (chosen - rejected)).mean()

    return loss


def trainer(model, batches):
    trainable = [p for p in model.parameters() if p.requires_grad]
    model.train()
    loss_of = supervised_loss if args.work == "train" else preference_loss(model, batches)
    start = [p.detach().clone() for p in trainable]
    state = {"optimiser": None, "next": 0}

    def reset():
        with torch.no_grad():
            for p, value in zip(trainable, start):
                p.copy_(value)
        state["optimiser"] = torch.optim.AdamW(trainable, lr=args.lr, weight_decay=args.weight_decay)
        state["next"] = 0

    def step():
        index = state["next"] % len(batches)
        inputs = batches[index]
        state["next"] += 1
        begin = time.perf_counter()
        with autocast():
            loss = loss_of(model, inputs, index)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(trainable, 1.0)
        state["optimiser"].step()
        state["optimiser"].zero_grad(set_to_none=True)
        seconds = time.perf_counter() - begin
        say(
            event="step",
            seconds=seconds,
            loss=loss.item(),
            gradientNorm=norm.item(),
            **({"pairs": inputs["input_ids"].shape[0] // 2} if args.work == "preference" else {}),
            tokens=int(inputs["attention_mask"].sum()),
            supervisedTokens=int((inputs["labels"][:, 1:] != -100).sum()),
        )

    reset()
    return step, reset


def generation(model, batches):
    model.eval()
    state = {"next": 0}

    def step():
        inputs = batches[state["next"] % len(batches)]
        state["next"] += 1
        width = inputs["input_ids"].shape[1]
        begin = time.perf_counter()
        with torch.inference_mode(), autocast():
            made = model.generate(
                **inputs, max_new_tokens=args.new_tokens, do_sample=False, eos_token_id=None, pad_token_id=0, use_cache=True
            )
        seconds = time.perf_counter() - begin
        new = made[:, width:]
        say(
            event="step",
            seconds=seconds,
            newTokens=new.numel(),
            promptTokens=int(inputs["attention_mask"].sum()),
            ids=new.tolist(),
        )

    def reset():
        state["next"] = 0

    return step, reset


def serve():
    begin = time.perf_counter()
    torch.set_num_threads(args.threads)
    model, config = open_model()
    batches = [read_batch(b, config) for b in json.loads(args.batches.read_text())["batches"]]
    if not batches:
        raise SystemExit(f"{args.batches} has no batches")
    step, reset = (generation if args.work == "generate" else trainer)(model, batches)
    say(
        event="ready",
        work=args.work,
        model=str(args.model),
        parameters=sum(p.numel() for p in model.parameters()),
        trainable=sum(p.numel() for p in model.parameters() if p.requires_grad) if args.work != "generate" else 0,
        threads=args.threads,
        attention=args.attention,
        precision=args.precision,
        settings=f"{args.precision}, {args.attention}",
        versions={"python": sys.version.split()[0], "torch": torch.__version__, "transformers": transformers.__version__},
        seconds=time.perf_counter() - begin,
    )
    for line in sys.stdin:
        command = line.strip()
        if command == "step":
            step()
        elif command == "memory":
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            say(event="memory", peakBytes=peak * (1 if sys.platform == "darwin" else 1024))
        elif command == "reset":
            reset()
            say(event="reset")
        elif command == "quit":
            return
        elif command:
            raise SystemExit(f"unknown command {command!r}: step, memory, reset or quit")


try:
    serve()
except (Exception, SystemExit) as fault:
    say(event="error", message=f"{type(fault).__name__}: {fault}" if not isinstance(fault, SystemExit) else str(fault))
    raise SystemExit(1) from fault
