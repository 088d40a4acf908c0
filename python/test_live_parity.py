"""Does live_parity.py notice what it is there to notice? Runs it on the committed goldens, right and spoilt.

    python test_live_parity.py
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from PIL import Image
from safetensors.torch import load_file, save_file

HERE = Path(__file__).resolve().parent
GOLDENS = HERE.parent / "packages/nn/test/goldens/qwen2-5-vl"


def run(*args):
    made = subprocess.run([sys.executable, HERE / "live_parity.py", *args], capture_output=True, text=True)
    return made.returncode, made.stdout + made.stderr


def write_cases(root):
    """A work folder as our TypeScript would leave it, made from the goldens."""
    for name in ("checkpoint", "checkpoint-untied", "adapter"):
        shutil.copytree(GOLDENS / name, root / name)
    cases = load_file(GOLDENS / "cases.safetensors")
    parts = ("input_ids", "attention_mask", "pixel_values", "image_grid_thw")
    of = lambda stored, name: {p: stored[f"{name}.{p}"] for p in parts if f"{name}.{p}" in stored}  # noqa: E731
    save_file({**of(cases, "padded"), "logits": cases["padded.logits.tied"]}, root / "tied.safetensors")
    save_file({**of(cases, "one-image"), "logits": cases["one-image.logits.untied"]}, root / "untied.safetensors")
    lora = load_file(GOLDENS / "lora-logits.safetensors")
    save_file({**of(cases, "padded"), "logits": lora["logits"]}, root / "lora.safetensors")
    made = {g["name"]: g for g in json.loads((GOLDENS / "generation.json").read_text())}
    inputs = load_file(GOLDENS / "generation.safetensors")
    new = torch.tensor(made["left-padded"]["newTokens"], dtype=torch.int32)
    save_file({**of(inputs, "left-padded"), "new_tokens": new}, root / "generation.safetensors")
    stored = load_file(GOLDENS / "preference.safetensors")
    reference = json.loads((GOLDENS / "preference.json").read_text())["referenceLogProbs"]
    stored["log_probs"] = torch.tensor(reference["chosen"] + reference["rejected"])
    save_file(stored, root / "preference.safetensors")
    chat = next(c for c in json.loads((GOLDENS / "chat.json").read_text())["conversations"] if c["name"] == "two-images")
    pictures = load_file(GOLDENS / "image-processor.safetensors")
    for name in chat["images"]:
        Image.fromarray(pictures[f"{name}.image"].numpy()).save(root / f"{name}.png")
    ids = torch.tensor([chat["inputIds"]], dtype=torch.int32)
    together = lambda part: torch.cat([pictures[f"{name}.{part}"] for name in chat["images"]])  # noqa: E731
    save_file(
        {
            "input_ids": ids,
            "attention_mask": torch.ones_like(ids),
            "pixel_values": together("pixel_values"),
            "image_grid_thw": together("image_grid_thw"),
        },
        root / "chat.safetensors",
    )
    conversation = {
        "messages": chat["messages"],
        "addGenerationPrompt": True,
        "images": {name: f"{name}.png" for name in chat["images"]},
        "inputIds": chat["inputIds"],
    }
    (root / "cases.json").write_text(
        json.dumps(
            {
                "cases": [
                    {"name": "tied", "model": "checkpoint", "tensors": "tied.safetensors"},
                    {"name": "untied", "model": "checkpoint-untied", "tensors": "untied.safetensors"},
                    {"name": "lora", "model": "checkpoint", "adapter": "adapter", "tensors": "lora.safetensors"},
                    {"name": "greedy", "model": "checkpoint-untied", "tensors": "generation.safetensors"},
                    {"name": "preference", "model": "checkpoint", "tensors": "preference.safetensors"},
                    {"name": "chat", "model": "checkpoint", "tensors": "chat.safetensors", "chat": conversation},
                ]
            }
        )
    )


def spoil(file, key, change):
    stored = load_file(file)
    change(stored[key])
    save_file(stored, file)


def add(value):
    return lambda t: t.view(-1)[:1].add_(value)


SPOILT = {
    "one logit": lambda r: spoil(r / "tied.safetensors", "logits", add(1e-2)),
    "one weight": lambda r: spoil(r / "checkpoint/model.safetensors", "visual.merger.ln_q.weight", add(0.1)),
    "one adapter value": lambda r: spoil(
        r / "adapter/adapter_model.safetensors",
        "base_model.model.model.language_model.layers.0.mlp.up_proj.lora_B.weight",
        add(0.1),
    ),
    "one generated token": lambda r: spoil(r / "generation.safetensors", "new_tokens", add(1)),
    "one log-probability": lambda r: spoil(r / "preference.safetensors", "log_probs", add(0.1)),
    "one pixel value by two grey levels": lambda r: spoil(r / "chat.safetensors", "pixel_values", add(0.03)),
    "one word of the conversation": lambda r: (r / "cases.json").write_text(
        (r / "cases.json").read_text().replace("Compare.", "Compare!")
    ),
    "the end of a renamed tensor": lambda r: rename(r / "checkpoint/model.safetensors"),
    "no checks": lambda r: (r / "cases.json").write_text('{"cases": []}'),
}


def rename(file):
    stored = load_file(file)
    stored["model.layers.0.self_attn.q_proj.bias_"] = stored.pop("model.layers.0.self_attn.q_proj.bias")
    save_file(stored, file)


def main():
    passed = failed = 0
    for name, change in {"nothing": None, **SPOILT}.items():
        with tempfile.TemporaryDirectory() as temporary:
            root = Path(temporary)
            write_cases(root)
            if change is not None:
                change(root)
            code, text = run("folders", str(root / "cases.json"))
            good = (code == 0) == (change is None)
            passed, failed = passed + good, failed + (not good)
            print(f"{'ok  ' if good else 'FAIL'} spoilt: {name} -> status {code}")
            if not good:
                print(text)
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(temporary) / "goldens"
        shutil.copytree(GOLDENS, copy)
        spoil(copy / "gradients-tied.safetensors", "model.norm.weight", lambda t: t.mul_(1.001))
        code, _ = run("goldens", str(GOLDENS), str(copy))
        good = code == 1
        passed, failed = passed + good, failed + (not good)
        print(f"{'ok  ' if good else 'FAIL'} spoilt: one gradient by 0.1 % -> status {code}")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    raise SystemExit(1 if failed else 0)


main()
