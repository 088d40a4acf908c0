"""PEFT adapters on the `qwen2` checkpoint: LoRA, rsLoRA and DoRA. One folder each in `adapters/`: what PEFT saves, and `case.safetensors` with `logits`, `loss`
and `grad:KEY` on the batch of `qwen2/case.safetensors`, keys as in the adapter file; `merged` are the logits after merging."""

import json
import shutil
import tempfile
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from peft.utils import get_peft_model_state_dict
from safetensors.torch import load_file
from transformers import Qwen2ForCausalLM

from .shared import generator, write

KINDS = {"lora": {}, "rslora": {"use_rslora": True}, "dora": {"use_dora": True}}
TARGETS = ["q_proj", "v_proj", "o_proj", "up_proj", "down_proj"]


def main(out):
    batch = load_file(str(out / "qwen2/case.safetensors"))
    inputs = {k: batch[k].long() for k in ("input_ids", "attention_mask", "labels")}
    for name, more in KINDS.items():
        base = Qwen2ForCausalLM.from_pretrained(out / "qwen2", dtype=torch.float32, attn_implementation="eager")
        config = LoraConfig(r=3, lora_alpha=5, target_modules=TARGETS, lora_dropout=0.0, task_type="CAUSAL_LM", **more)
        model = get_peft_model(base, config).eval()
        with torch.no_grad():
            for key, p in model.named_parameters():
                if "lora_A" in key or "lora_B" in key:
                    noise = torch.from_numpy(generator(f"adapter:{key}").standard_normal(tuple(p.shape))).float()
                    p.copy_(0.3 * noise)
                elif "magnitude" in key:
                    noise = torch.from_numpy(generator(f"adapter:{key}").standard_normal(tuple(p.shape))).float()
                    p.mul_(1 + 0.2 * noise)
        result = model(**inputs)
        result.loss.backward()
        found = {"logits": result.logits, "loss": result.loss}
        values = get_peft_model_state_dict(model)
        for key, p in model.named_parameters():
            if p.grad is not None:
                # the file's key: without the adapter's name
                saved = key.replace(".default", "")
                saved = saved if saved in values else saved.removesuffix(".weight")
                if saved not in values:
                    raise SystemExit(f"{name}: {key} is not in the file")
                found[f"grad:{saved}"] = p.grad
        if len(found) - 2 != len(values):
            raise SystemExit(f"{name}: {len(found) - 2} gradients, {len(values)} tensors")
        target = out / "adapters" / name
        with tempfile.TemporaryDirectory() as temporary:
            model.save_pretrained(temporary)
            target.mkdir(parents=True, exist_ok=True)
            for file in ("adapter_config.json", "adapter_model.safetensors"):
                shutil.copyfile(Path(temporary) / file, target / file)
                (target / file).chmod(0o644)
        path = target / "adapter_config.json"
        settings = json.loads(path.read_text().replace(str(out / "qwen2"), "../../qwen2"))
        settings["target_modules"] = sorted(settings["target_modules"])  # PEFT writes a set, in an order of its own
        path.write_text(json.dumps(settings, indent=2, sort_keys=True))
        with torch.no_grad():
            found["merged"] = model.merge_and_unload()(**inputs).logits
        write(target / "case.safetensors", found)
