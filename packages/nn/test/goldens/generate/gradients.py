"""Masked next-token cross-entropy on the padded case and every parameter's gradient, vision tower included (of the untied checkpoint the decoder's only, to keep the files small). The loss is
transformers' own (labels shifted by one, mean over the supervised tokens of the whole batch). Losses of the other cases
too. `float64` says how far the same model in float64 lies from it: the noise that a comparison has to allow."""

import torch
from cases import cases, labels
from common import gradients, load, write_json, write_tensors


def run(folder, dtype, inputs):
    model = load(folder, dtype)
    moved = {k: v.to(dtype) if v.is_floating_point() else v for k, v in inputs.items()}
    loss = model(**moved, labels=labels(inputs)).loss
    loss.backward()
    return loss, gradients(model)


def main(out):
    report = {}
    for kind, folder in (("tied", out / "checkpoint"), ("untied", out / "checkpoint-untied")):
        every = cases()
        loss, grads = run(folder, torch.float32, every["padded"])
        loss64, grads64 = run(folder, torch.float64, every["padded"])
        worst = max((float((grads[k] - grads64[k]).norm() / grads64[k].norm()), k) for k in grads)
        decoder = {k: g for k, g in grads.items() if not k.startswith("visual.")}
        write_tensors(out / f"gradients-{kind}.safetensors", grads if kind == "tied" else decoder)
        model = load(folder)
        report[kind] = {
            "loss": {name: model(**inputs, labels=labels(inputs)).loss.item() for name, inputs in every.items()},
            "supervisedTokens": {name: int((labels(i)[:, 1:] != -100).sum()) for name, i in every.items()},
            "gradientNorm": float(torch.stack([g.norm() for g in grads.values()]).norm()),
            "float64": {
                "loss": loss64.item(),
                "worstRelativeL2": worst[0],
                "worstParameter": worst[1],
            },
        }
    write_json(out / "losses.json", report)
