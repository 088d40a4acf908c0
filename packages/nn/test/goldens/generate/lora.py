"""LoRA by PEFT on every linear layer of the decoder: adapter folder, logits, loss, gradients of A and B, logits merged."""

import json

import torch
from cases import cases, labels
from common import generator, load, write_json, write_tensors
from peft import LoraConfig, get_peft_model
from peft.utils import get_peft_model_state_dict

TARGETS = r".*language_model\.layers\.\d+\.(self_attn|mlp)\.(q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)"
RANK, ALPHA = 4, 8


def adapted(folder):
    base = load(folder)
    model = get_peft_model(base, LoraConfig(r=RANK, lora_alpha=ALPHA, lora_dropout=0.0, target_modules=TARGETS, bias="none"))
    with torch.no_grad():
        for name, p in model.named_parameters():
            if "lora_" in name:  # PEFT starts B at zero; here both are random so that both get a gradient
                rng = generator(f"lora:{name}")
                p.copy_(torch.from_numpy(rng.standard_normal(tuple(p.shape)) * (0.3 if "lora_A" in name else 0.1)))
    return model.eval()


def main(out):
    inputs = cases()["padded"]
    model = adapted(out / "checkpoint")
    folder = out / "adapter"
    folder.mkdir(parents=True, exist_ok=True)
    model.peft_config["default"].base_model_name_or_path = "../checkpoint"
    model.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)  # the model card has this machine's path in it
    config = json.loads((folder / "adapter_config.json").read_text())
    if config["base_model_name_or_path"] != "../checkpoint":
        raise SystemExit("the adapter names another base")
    (folder / "adapter_model.safetensors").chmod(0o644)

    outputs = model(**inputs, labels=labels(inputs))
    outputs.loss.backward()
    names = {id(p): n for n, p in model.named_parameters()}
    keys = {id(p): k for k, p in get_peft_model_state_dict(model, state_dict={n: p for n, p in model.named_parameters()}).items()}
    trainable = [p for p in model.parameters() if p.requires_grad]
    missing = [names[id(p)] for p in trainable if id(p) not in keys or p.grad is None]
    if missing or len(trainable) != len(keys):
        raise SystemExit(f"adapter parameters without key or gradient: {missing}")
    write_tensors(out / "lora-gradients.safetensors", {keys[id(p)]: p.grad for p in trainable})
    with torch.no_grad():
        logits = model(**inputs).logits
        merged = model.merge_and_unload().eval()
        merged_logits = merged(**inputs).logits
    write_tensors(out / "lora-logits.safetensors", {"logits": logits, "logits.merged": merged_logits})
    write_json(
        out / "lora.json",
        {
            "case": "padded",
            "r": RANK,
            "alpha": ALPHA,
            "scale": ALPHA / RANK,
            "loss": outputs.loss.item(),
            "largestDifferenceOfMergedLogits": (logits - merged_logits).abs().max().item(),
        },
    )
