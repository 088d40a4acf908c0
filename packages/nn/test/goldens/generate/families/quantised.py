"""Four and eight bits by bitsandbytes on the CPU: NF4 weights with and without double quantisation, the dynamic maps, and QLoRA on the `qwen2` checkpoint
(transformers' `BitsAndBytesConfig`, PEFT). `quantised/nf4.safetensors` holds weights and their codes, `quantised/qlora/` an adapter and what the model gives."""

import json
import shutil
import tempfile
from pathlib import Path

import bitsandbytes.functional as bnb
import torch
import torch._dynamo
from peft import LoraConfig, get_peft_model
from peft.utils import get_peft_model_state_dict
from safetensors.torch import load_file
from transformers import BitsAndBytesConfig, Qwen2ForCausalLM

from .shared import generator, write

# whole blocks, a block that is not full, one row, more than one block of scales
SHAPES = {"whole": (6, 64), "rest": (5, 38), "row": (1, 10), "many": (150, 130)}


def weights(out):
    found = {"code.signed": bnb.create_dynamic_map(True), "code.unsigned": bnb.create_dynamic_map(False)}
    for name, shape in SHAPES.items():
        w = torch.from_numpy(generator(f"nf4:{name}").standard_normal(shape)).float() * 0.3
        if name == "many":
            w[3] = 0  # a block of zeros
        codes, plain = bnb.quantize_4bit(w, blocksize=64, quant_type="nf4", compress_statistics=False)
        again, double = bnb.quantize_4bit(w, blocksize=64, quant_type="nf4", compress_statistics=True)
        assert torch.equal(codes, again)
        found |= {
            f"{name}.weight": w,
            f"{name}.codes": codes.flatten(),
            f"{name}.scales": plain.absmax,
            f"{name}.numbers": bnb.dequantize_4bit(codes, plain),
            f"{name}.double.codes": double.absmax.flatten(),
            f"{name}.double.scales": double.state2.absmax,
            f"{name}.double.mean": double.offset.reshape(1),
            f"{name}.double.numbers": bnb.dequantize_4bit(codes, double),
        }
    write(out / "quantised/nf4.safetensors", found)


def qlora(out):
    batch = load_file(str(out / "qwen2/case.safetensors"))
    inputs = {k: batch[k].long() for k in ("input_ids", "attention_mask", "labels")}
    settings = BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype=torch.float32
    )
    base = Qwen2ForCausalLM.from_pretrained(
        out / "qwen2", dtype=torch.float32, attn_implementation="eager", quantization_config=settings, device_map="cpu"
    )
    four = [name for name, module in base.named_modules() if type(module).__name__ == "Linear4bit"]
    with torch.no_grad():
        base.train()  # else bitsandbytes packs the weights anew for fast inference, and that only for some sizes
        found = {"base.logits": base(**inputs).logits}
    config = LoraConfig(r=3, lora_alpha=5, target_modules=["q_proj", "v_proj", "o_proj", "up_proj", "down_proj"], lora_dropout=0.0, task_type="CAUSAL_LM")
    model = get_peft_model(base, config).train()
    with torch.no_grad():
        for key, p in model.named_parameters():
            if "lora_A" in key or "lora_B" in key:
                p.copy_(0.3 * torch.from_numpy(generator(f"adapter:{key}").standard_normal(tuple(p.shape))).float())
    result = model(**inputs)
    result.loss.backward()
    found |= {"logits": result.logits, "loss": result.loss}
    saved = get_peft_model_state_dict(model)
    for key, p in model.named_parameters():
        if p.grad is not None:
            assert key.replace(".default", "") in saved, key
            found[f"grad:{key.replace('.default', '')}"] = p.grad
    target = out / "quantised/qlora"
    with tempfile.TemporaryDirectory() as temporary:
        model.save_pretrained(temporary)
        target.mkdir(parents=True, exist_ok=True)
        for file in ("adapter_config.json", "adapter_model.safetensors"):
            shutil.copyfile(Path(temporary) / file, target / file)
            (target / file).chmod(0o644)
    path = target / "adapter_config.json"
    settings = json.loads(path.read_text().replace(str(out / "qwen2"), "../../qwen2"))
    settings["target_modules"] = sorted(settings["target_modules"])
    path.write_text(json.dumps(settings, indent=2, sort_keys=True))
    write(target / "case.safetensors", found)
    (out / "quantised/layers.json").write_text(json.dumps(sorted(four), indent=1) + "\n")


def main(out):
    torch._dynamo.config.disable = True  # bitsandbytes would compile what is computed once
    weights(out)
    qlora(out)
