"""Two small random Qwen2.5-VL checkpoints in the published layout: one with a tied head in one file, one untied in two
shards. Weights are far larger than a real initialisation so that a mistake anywhere moves the logits."""

import copy
import json

import torch
from common import ID, MERGE, PATCH, VOCAB, generator, load, to_published, write_json, write_tensors
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

HIDDEN = 32

# The published layout (flat, `rope_scaling`, no `text_config`), as in Qwen2.5-VL-3B-Instruct's config.json.
CONFIG = {
    "architectures": ["Qwen2_5_VLForConditionalGeneration"],
    "attention_dropout": 0.0,
    "bos_token_id": ID["<|endoftext|>"],
    "eos_token_id": ID["<|im_end|>"],
    "pad_token_id": ID["<|endoftext|>"],
    "vision_start_token_id": ID["<|vision_start|>"],
    "vision_end_token_id": ID["<|vision_end|>"],
    "vision_token_id": ID["<|vision_pad|>"],
    "image_token_id": ID["<|image_pad|>"],
    "video_token_id": ID["<|video_pad|>"],
    "hidden_act": "silu",
    "hidden_size": HIDDEN,
    "initializer_range": 0.02,
    "intermediate_size": 48,
    "max_position_embeddings": 512,
    "max_window_layers": 2,
    "model_type": "qwen2_5_vl",
    "num_attention_heads": 4,
    "num_hidden_layers": 2,
    "num_key_value_heads": 2,
    "rms_norm_eps": 1e-06,
    "rope_theta": 1000000.0,
    "sliding_window": 512,
    "tie_word_embeddings": True,
    "torch_dtype": "float32",
    "use_cache": True,
    "use_sliding_window": False,
    "vision_config": {
        "depth": 3,
        "hidden_act": "silu",
        "hidden_size": 32,
        "intermediate_size": 40,
        "num_heads": 2,
        "in_chans": 3,
        "out_hidden_size": HIDDEN,
        "patch_size": PATCH,
        "spatial_merge_size": MERGE,
        "spatial_patch_size": PATCH,
        # 2 x 2 merged patches a window: most grids below leave ragged windows at the right and bottom
        "window_size": 2 * MERGE * PATCH,
        "fullatt_block_indexes": [1],
        "tokens_per_second": 2,
        "temporal_patch_size": 2,
    },
    "rope_scaling": {"type": "mrope", "mrope_section": [1, 1, 2]},
    "vocab_size": VOCAB,
}


def weights(tied):
    config = copy.deepcopy(CONFIG)  # the class writes into the nested settings
    config["tie_word_embeddings"] = tied
    model = Qwen2_5_VLForConditionalGeneration(Qwen2_5_VLConfig(**copy.deepcopy(config)))
    out = {}
    for name, p in model.named_parameters():
        rng = generator(f"weights:{name}")  # the same numbers in both checkpoints
        noise = torch.from_numpy(rng.standard_normal(tuple(p.shape))).float()
        if "norm" in name or "ln_q" in name:
            value = 1 + 0.2 * noise
        elif name.endswith("bias"):
            value = 0.2 * noise
        elif "embed_tokens" in name or "lm_head" in name:
            value = 0.5 * noise
        else:
            fan_in = p[0].numel()
            value = 1.2 * noise / fan_in**0.5
        out[name] = value
    return config, out


def main(out):
    for tied, folder in ((True, out / "checkpoint"), (False, out / "checkpoint-untied")):
        config, named = weights(tied)
        published = {to_published(k): v for k, v in named.items()}
        write_json(folder / "config.json", config)
        write_json(
            folder / "generation_config.json",
            {
                "bos_token_id": ID["<|endoftext|>"],
                "pad_token_id": ID["<|endoftext|>"],
                "eos_token_id": [ID["<|im_end|>"], ID["<|endoftext|>"]],
                "do_sample": False,
            },
        )
        if tied:
            write_tensors(folder / "model.safetensors", published)
            write_json(out / "keys.json", [{"published": to_published(k), "transformers": k} for k in named])
        else:
            names = sorted(published)
            visual = [n for n in names if n.startswith("visual.")]
            rest = [n for n in names if not n.startswith("visual.")]
            files = {"model-00001-of-00002.safetensors": rest, "model-00002-of-00002.safetensors": visual}
            for file, keys in files.items():
                write_tensors(folder / file, {k: published[k] for k in keys})
            (folder / "model.safetensors.index.json").write_text(
                json.dumps(
                    {
                        "metadata": {"total_size": sum(4 * t.numel() for t in published.values())},
                        "weight_map": {k: file for file, keys in files.items() for k in keys},
                    },
                    indent=2,
                )
                + "\n"
            )
        load(folder)  # transformers must find every key
