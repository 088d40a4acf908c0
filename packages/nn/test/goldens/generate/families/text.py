"""Small random checkpoints of text models in the variations that published ones have, with what transformers computes on them.

One folder a case: a model folder (`config.json`, weights) and `case.safetensors`: `input_ids`, `attention_mask`, `labels` [B,T] int32
(-100: not supervised; not shifted), `logits` [B,T,V], `loss` (mean over the supervised tokens of the batch), `grad:KEY` for every
parameter, `new_tokens` [B,N] by greedy search from the rows padded on the left, and `margin`, the least distance between the two best
logits on the way. Numbers are float32 with eager attention on one thread."""

import json

import torch
from transformers import LlamaConfig, LlamaForCausalLM, MistralConfig, MistralForCausalLM, Qwen2Config, Qwen2ForCausalLM, Qwen3Config, Qwen3ForCausalLM

from .shared import fill, generator, greedy, store

VOCAB = 96
SMALL = {
    "vocab_size": VOCAB,
    "hidden_size": 24,
    "intermediate_size": 20,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "rms_norm_eps": 1e-6,
    "max_position_embeddings": 64,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
    "initializer_range": 0.02,
}
LLAMA3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 16}
YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16}
HEADS = {"hidden_size": 32, "num_attention_heads": 2, "num_key_value_heads": 1}

# name: (config class, model class, changes, weights in shards)
CASES = {
    "llama-tied": (LlamaConfig, LlamaForCausalLM, {"tie_word_embeddings": True, "rope_theta": 100000.0}, True),
    "llama-biases": (LlamaConfig, LlamaForCausalLM, {"attention_bias": True, "mlp_bias": True, "head_dim": 8}, False),
    "llama-llama3": (LlamaConfig, LlamaForCausalLM, {**HEADS, "rope_theta": 500000.0, "rope_scaling": LLAMA3}, False),
    "llama-linear": (LlamaConfig, LlamaForCausalLM, {"rope_scaling": {"rope_type": "linear", "factor": 4.0}}, False),
    "llama-dynamic": (
        LlamaConfig,
        LlamaForCausalLM,
        {**HEADS, "max_position_embeddings": 8, "rope_scaling": {"rope_type": "dynamic", "factor": 2.0}},
        False,
    ),
    "mistral": (MistralConfig, MistralForCausalLM, {"sliding_window": None, "rope_theta": 1000000.0, "head_dim": 8}, False),
    "mistral-sliding": (MistralConfig, MistralForCausalLM, {"sliding_window": 5, "tie_word_embeddings": True}, False),
    "qwen2": (Qwen2Config, Qwen2ForCausalLM, {"tie_word_embeddings": True, "rope_theta": 1000000.0}, False),
    "qwen2-sliding": (
        Qwen2Config,
        Qwen2ForCausalLM,
        {"use_sliding_window": True, "sliding_window": 5, "max_window_layers": 1, "rope_theta": 1000000.0},
        False,
    ),
    "qwen2-yarn": (Qwen2Config, Qwen2ForCausalLM, {**HEADS, "rope_theta": 1000000.0, "rope_scaling": YARN}, False),
    "qwen3": (Qwen3Config, Qwen3ForCausalLM, {"head_dim": 8, "rope_theta": 1000000.0, "tie_word_embeddings": True}, False),
    "qwen3-biases": (
        Qwen3Config,
        Qwen3ForCausalLM,
        {"head_dim": 16, "attention_bias": True, "use_sliding_window": True, "sliding_window": 4,
         "layer_types": ["sliding_attention", "full_attention"]},
        False,
    ),
}
TYPES = {LlamaConfig: "llama", MistralConfig: "mistral", Qwen2Config: "qwen2", Qwen3Config: "qwen3"}


def published(kind, model_class, changes):
    """config.json as people publish it: flat, with `rope_theta` and `rope_scaling`."""
    config = {"architectures": [model_class.__name__], "model_type": TYPES[kind], "hidden_act": "silu", **SMALL, "tie_word_embeddings": False, **changes}
    return {"rope_theta": 10000.0, "torch_dtype": "float32", **config}


def batch(rng):
    """Three rows of other lengths, padded on the right; the last half of each is supervised."""
    rows = [rng.integers(3, VOCAB, n).tolist() for n in (13, 9, 11)]
    width = max(map(len, rows))
    ids = torch.tensor([r + [0] * (width - len(r)) for r in rows])
    mask = torch.tensor([[1] * len(r) + [0] * (width - len(r)) for r in rows])
    labels = torch.tensor([[-100] * (len(r) // 2) + r[len(r) // 2 :] + [-100] * (width - len(r)) for r in rows])
    return rows, {"input_ids": ids, "attention_mask": mask, "labels": labels}


def main(out):
    for name, (kind, model_class, changes, sharded) in CASES.items():
        settings = published(kind, model_class, changes)
        model = model_class._from_config(kind(**json.loads(json.dumps(settings))), attn_implementation="eager").float().eval()
        fill(model)
        rows, inputs = batch(generator(f"batch:{name}"))
        folder = out / name
        result = model(**inputs)
        result.loss.backward()
        found = {**inputs, "logits": result.logits, "loss": result.loss}
        found |= {f"grad:{key}": p.grad for key, p in model.named_parameters()}
        found |= greedy(model, rows, 10)
        store(folder, settings, model, found, sharded)
