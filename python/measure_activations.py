"""What a decoder layer of Qwen2.5-VL keeps for its backward pass, as transformers and PEFT train it: bytes a token and layer, counted tensor by tensor on a CPU.

    python measure_activations.py SIZES.json

SIZES.json: `{"hidden", "intermediate", "heads", "kvHeads", "tokens", "vocabulary"}`. Prints one JSON object: `full` and `lora` (bytes a token and layer, all activations kept), `recomputedStream` (the same with
checkpointing: what is kept of each layer), `logits` (bytes a position and token of the vocabulary of the loss as transformers computes it: what is kept, without the gradient). bfloat16 weights under autocast, as its
trainer runs with bf16; the attention kernel of the CPU keeps no scores, as flash attention does.
"""

import json
import sys

import torch
from peft import LoraConfig, get_peft_model
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration


def model_of(sizes, layers, lora):
    head = sizes["hidden"] // sizes["heads"]
    config = Qwen2_5_VLConfig(
        text_config=dict(
            hidden_size=sizes["hidden"],
            intermediate_size=sizes["intermediate"],
            num_hidden_layers=layers,
            max_window_layers=layers,
            num_attention_heads=sizes["heads"],
            num_key_value_heads=sizes["kvHeads"],
            vocab_size=sizes["vocabulary"],
            rope_parameters=dict(rope_type="default", rope_theta=1e6, mrope_section=[head // 8, head // 8, head // 4]),
            bos_token_id=1,
            eos_token_id=2,
            pad_token_id=0,
        ),
        vision_config=dict(depth=1, hidden_size=32, num_heads=2, intermediate_size=64, out_hidden_size=sizes["hidden"]),
        image_token_id=3,
        video_token_id=4,
        vision_start_token_id=5,
        vision_end_token_id=6,
        tie_word_embeddings=False,
    )
    config._attn_implementation = "sdpa"
    model = Qwen2_5_VLForConditionalGeneration(config).to(torch.bfloat16)
    for name, parameter in model.named_parameters():
        parameter.requires_grad = "visual" not in name
    if lora:
        pattern = r"model\.language_model\.layers\.\d+\.(?:self_attn|mlp)\.\w+_proj"
        model = get_peft_model(model, LoraConfig(r=4, lora_alpha=8, target_modules=pattern, task_type="CAUSAL_LM"))
        model.enable_input_require_grads()
    return model.train()


def kept_bytes(model, tokens, logits):
    """Bytes of the storages that the forward pass keeps beside the parameters."""
    storages = {}
    parameters = {p.untyped_storage().data_ptr() for p in model.parameters()}

    def pack(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in parameters:
            storages[storage.data_ptr()] = (storage, storage.nbytes())  # the storage is held, so that no other takes its place
        return tensor

    ids = torch.arange(tokens).remainder(16).add(8)[None]
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            if logits:
                out = model(input_ids=ids, labels=ids, use_cache=False).loss
            else:
                out = model.base_model(input_ids=ids, use_cache=False) if not hasattr(model, "peft_config") else model.model.model(input_ids=ids, use_cache=False)
    del out
    return sum(size for _, size in storages.values())


def main():
    with open(sys.argv[1], encoding="utf8") as file:
        sizes = json.load(file)
    torch.manual_seed(0)
    tokens = sizes["tokens"]
    said = {}
    for name, lora, recompute in (("full", False, False), ("lora", True, False), ("recomputedStream", True, True)):
        found = []
        for layers in (2, 4):
            model = model_of(sizes, layers, lora)
            if recompute:
                model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
            found.append(kept_bytes(model, tokens, False))
        said[name] = (found[1] - found[0]) / 2 / tokens
    model = model_of(sizes, 2, False)
    with_head, without = kept_bytes(model, tokens, True), kept_bytes(model, tokens, False)
    said["logits"] = (with_head - without) / tokens / sizes["vocabulary"]
    print(json.dumps(said))


if __name__ == "__main__":
    main()
