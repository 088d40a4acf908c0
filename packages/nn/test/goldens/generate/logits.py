"""Logits of every case (float32, eager attention); of the untied checkpoint for two of them."""

import torch
from cases import cases, labels
from common import load, storable, write_tensors


def main(out):
    stored = {}
    models = {"tied": load(out / "checkpoint"), "untied": load(out / "checkpoint-untied")}
    for name, inputs in cases().items():
        stored.update(storable(inputs, f"{name}."))
        stored[f"{name}.labels"] = labels(inputs).to(torch.int32)
        for kind, model in models.items():
            if kind == "untied" and name not in ("text", "one-image"):
                continue
            with torch.no_grad():
                stored[f"{name}.logits.{kind}"] = model(**inputs).logits
    write_tensors(out / "cases.safetensors", stored)
