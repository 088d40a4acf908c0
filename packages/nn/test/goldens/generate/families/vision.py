"""Small random vision-language models, and what transformers computes on them: folders and cases as in `text.py`, and in a case
also `pixel_values`, as transformers takes them (tiles [N,3,S,S] of all images, or patches), and `grids` [I,3] int32: [1, rows, columns] in patches for
Qwen3-VL; [tiles, rows, columns of tiles] else."""

import json

import torch
from transformers import (
    Idefics3Config,
    Idefics3ForConditionalGeneration,
    InternVLConfig,
    InternVLForConditionalGeneration,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen3VLConfig,
    Qwen3VLForConditionalGeneration,
    SmolVLMConfig,
    SmolVLMForConditionalGeneration,
)

from .shared import fill, generator, store

VOCAB, IMAGE, VIDEO, START, END = 96, 90, 91, 92, 93
TEXT = {
    "vocab_size": VOCAB,
    "hidden_size": 24,
    "intermediate_size": 20,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "rms_norm_eps": 1e-6,
    "max_position_embeddings": 128,
    "hidden_act": "silu",
    "rope_theta": 10000.0,
}
ENDS = {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0, "torch_dtype": "float32"}
VIT = {"hidden_size": 16, "intermediate_size": 20, "num_hidden_layers": 2, "num_attention_heads": 2, "layer_norm_eps": 1e-6}


def internvl(text, vision, tied):
    return {
        **ENDS,
        "architectures": ["InternVLForConditionalGeneration"],
        "model_type": "internvl",
        "image_token_id": IMAGE,
        "downsample_ratio": 0.5,
        "image_seq_length": 4,
        "tie_word_embeddings": tied,
        "text_config": {**TEXT, **ENDS, **text},
        "vision_config": {"model_type": "internvl_vision", **VIT, "image_size": [16, 16], "patch_size": [4, 4], **vision},
    }


def idefics(kind, architecture):
    return {
        **ENDS,
        "architectures": [architecture],
        "model_type": kind,
        "image_token_id": IMAGE,
        "scale_factor": 2,
        "tie_word_embeddings": False,
        "text_config": {**TEXT, **ENDS, "model_type": "llama"},
        "vision_config": {"model_type": f"{kind}_vision", **VIT, "image_size": 16, "patch_size": 4, "hidden_act": "gelu_pytorch_tanh"},
    }


QWEN3 = {
    **ENDS,
    "architectures": ["Qwen3VLForConditionalGeneration"],
    "model_type": "qwen3_vl",
    "image_token_id": IMAGE,
    "video_token_id": VIDEO,
    "vision_start_token_id": START,
    "vision_end_token_id": END,
    "tie_word_embeddings": True,
    "text_config": {
        **TEXT,
        **ENDS,
        "model_type": "qwen3_vl_text",
        "head_dim": 16,
        "rope_theta": 5000000.0,
        "rope_scaling": {"rope_type": "default", "mrope_section": [4, 2, 2], "mrope_interleaved": True},
    },
    "vision_config": {
        "model_type": "qwen3_vl_vision",
        "depth": 3,
        "hidden_size": 16,
        "intermediate_size": 20,
        "num_heads": 2,
        "in_channels": 3,
        "patch_size": 4,
        "spatial_merge_size": 2,
        "temporal_patch_size": 2,
        "out_hidden_size": 24,
        "num_position_embeddings": 25,
        "deepstack_visual_indexes": [0, 2],
        "hidden_act": "gelu_pytorch_tanh",
    },
}
# as published: flat, the tower's windows of 2 × 2 merged patches in all layers but the last
QWEN25 = {
    **ENDS,
    **TEXT,
    "architectures": ["Qwen2_5_VLForConditionalGeneration"],
    "model_type": "qwen2_5_vl",
    "image_token_id": IMAGE,
    "video_token_id": VIDEO,
    "vision_start_token_id": START,
    "vision_end_token_id": END,
    "rope_theta": 1000000.0,
    "rope_scaling": {"type": "mrope", "mrope_section": [2, 2, 2]},
    "tie_word_embeddings": True,
    "vision_config": {
        "model_type": "qwen2_5_vl",
        "depth": 3,
        "hidden_size": 16,
        "intermediate_size": 20,
        "num_heads": 2,
        "in_channels": 3,
        "patch_size": 4,
        "spatial_merge_size": 2,
        "temporal_patch_size": 2,
        "out_hidden_size": 24,
        "window_size": 16,
        "fullatt_block_indexes": [2],
        "hidden_act": "silu",
    },
}
TILES = [[1, 1, 1], [3, 1, 2], [5, 2, 2]]
PATCHES = [[1, 4, 6], [1, 6, 2], [1, 8, 4]]

CASES = {
    "internvl": (InternVLConfig, InternVLForConditionalGeneration, internvl({"model_type": "qwen2"}, {}, True), TILES),
    "internvl-variants": (
        InternVLConfig,
        InternVLForConditionalGeneration,
        internvl(
            {"model_type": "qwen3", "head_dim": 16},
            {"use_qk_norm": True, "norm_type": "rms_norm", "attention_bias": True, "use_mean_pooling": False},
            False,
        ),
        TILES,
    ),
    "qwen25vl": (Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration, QWEN25, PATCHES),
    "qwen3vl": (Qwen3VLConfig, Qwen3VLForConditionalGeneration, QWEN3, PATCHES),
    "smolvlm": (SmolVLMConfig, SmolVLMForConditionalGeneration, idefics("smolvlm", "SmolVLMForConditionalGeneration"), TILES),
    "idefics3": (Idefics3Config, Idefics3ForConditionalGeneration, idefics("idefics3", "Idefics3ForConditionalGeneration"), TILES),
}
# where a published checkpoint's names are not transformers' own
PUBLISHED = {
    "qwen25vl": [("model.visual.", "visual."), ("model.language_model.", "model.")],
    "internvl": [
        ("model.vision_tower.", "vision_tower."),
        ("model.multi_modal_projector.", "multi_modal_projector."),
        ("model.language_model.", "language_model.model."),
        ("lm_head.", "language_model.lm_head."),
    ]
}


def published(name):
    def rename(key):
        return next((theirs + key.removeprefix(ours) for ours, theirs in PUBLISHED.get(name.split("-")[0], []) if key.startswith(ours)), key)

    return rename


def main(out):
    for name, (config_class, model_class, settings, grids) in CASES.items():
        rng = generator(f"vision:{name}")
        model = model_class._from_config(config_class(**json.loads(json.dumps(settings))), attn_implementation="eager").float().eval()
        fill(model)
        qwen = grids is PATCHES
        count = [(h * w // 4 if qwen else t * 4) for t, h, w in grids]
        words = lambda n: rng.integers(3, 89, n).tolist()  # noqa: E731
        picture = lambda i: [START, *[IMAGE] * count[i], END] if qwen else [*[IMAGE] * count[i]]  # noqa: E731
        # two images in the first row, one in the second, none in the third
        rows = [[*words(2), *picture(0), *words(2), *picture(1), *words(5)], [*picture(2), *words(6)], words(9)]
        width = max(map(len, rows))
        ids = torch.tensor([r + [0] * (width - len(r)) for r in rows])
        mask = torch.tensor([[1] * len(r) + [0] * (width - len(r)) for r in rows])
        labels = torch.full_like(ids, -100)
        for b, row in enumerate(rows):
            labels[b, len(row) - 4 : len(row)] = ids[b, len(row) - 4 : len(row)]
        stored = {"input_ids": ids, "attention_mask": mask, "labels": labels, "grids": torch.tensor(grids)}
        if qwen:
            total = sum(t * h * w for t, h, w in grids)
            frame = torch.from_numpy(rng.standard_normal((total, 3, 1, 16))).float()
            stored["pixel_values"] = frame.expand(total, 3, 2, 16).reshape(total, 96).contiguous()
            given = {"pixel_values": stored["pixel_values"], "image_grid_thw": stored["grids"], "mm_token_type_ids": (ids == IMAGE).int()}
        else:
            tiles = [t for t, _, _ in grids]
            stored["pixel_values"] = torch.from_numpy(rng.standard_normal((sum(tiles), 3, 16, 16))).float()
            given = {"pixel_values": stored["pixel_values"]}
            if not name.startswith("internvl"):  # rows of images, empty ones are all zero
                per_row = [tiles[0] + tiles[1], tiles[2], 0]
                padded = torch.zeros(3, max(per_row), 3, 16, 16)
                at = 0
                for b, n in enumerate(per_row):
                    padded[b, :n] = stored["pixel_values"][at : at + n]
                    at += n
                given = {"pixel_values": padded}
        result = model(input_ids=ids, attention_mask=mask, labels=labels, **given)
        result.loss.backward()
        found = {**stored, "logits": result.logits, "loss": result.loss}
        rename = published(name)
        missing = [key for key, p in model.named_parameters() if p.grad is None]
        if missing:
            raise SystemExit(f"{name}: no gradient for {missing}")
        found |= {f"grad:{rename(key)}": p.grad for key, p in model.named_parameters()}
        store(out / name, settings, model, found, rename=rename)
