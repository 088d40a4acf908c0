"""Whole small model folders of the families beside Qwen2.5-VL: python family_folders.py OUT

One folder a family: config and random weights, and what a published folder has besides: a byte-level tokenizer that splits as the family's, its special tokens, its chat
template (TRL's copies of the published ones, transformers' own for SmolVLM, the published texts of SmolLM2 and InternVL), and the settings of its image processor. Written are
the files that are published, not what transformers saves. scripts/parity-folders.mjs trains from them and compares what our processor makes of them."""

import json
import sys
from pathlib import Path

import torch
import trl
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    Idefics3Config,
    Idefics3ForConditionalGeneration,
    InternVLConfig,
    InternVLForConditionalGeneration,
    LlamaConfig,
    LlamaForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
    Qwen3VLConfig,
    Qwen3VLForConditionalGeneration,
    SmolVLMConfig,
    SmolVLMForConditionalGeneration,
)

GENERATORS = Path(__file__).resolve().parent.parent / "packages/nn/test/goldens/generate"
sys.path.insert(0, str(GENERATORS))

from families.shared import fill, write  # noqa: E402
from tokenizer import SPLIT as QWEN_SPLIT  # noqa: E402
from tokenizer import TEXT as CORPUS  # noqa: E402

WORDS = 340  # bytes and merges before the special tokens
LLAMA3_SPLIT = QWEN_SPLIT.replace(r"|\p{N}|", r"|\p{N}{1,3}|")
TEMPLATES = Path(trl.__file__).parent / "chat_templates"
SMOLLM2 = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by "
    "Hugging Face<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}"
    "{{ '<|im_start|>assistant\n' }}{% endif %}"
)
INTERNVL = (
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n'}}{% if message['content'] is string %}{{ message['content'] }}{% else %}"
    "{% for content in message['content'] %}{% if content['type'] == 'image' %}{{ '<IMG_CONTEXT>\n' }}{% elif content['type'] == 'video' %}{{ '<video>\n' }}"
    "{% elif content['type'] == 'text' %}{{ content['text'] }}{% endif %}{% endfor %}{% endif %}{{'<|im_end|>\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{'<|im_start|>assistant\n' }}{% endif %}"
)
CHATML = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
SEES = ["<|vision_start|>", "<|vision_end|>", "<|vision_pad|>", "<|image_pad|>", "<|video_pad|>"]
THINK = ["<think>", "</think>"]  # added, not special, as Qwen3 has them
TILED = ["<fake_token_around_image>", "<image>", "<end_of_utterance>", "<global-img>"]
PLACES = [f"<row_{r}_col_{c}>" for r in range(1, 7) for c in range(1, 7)]

TEXT = {
    "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "rms_norm_eps": 1e-6,
    "max_position_embeddings": 1024, "hidden_act": "silu", "rope_theta": 10000.0,
}  # fmt: skip
VIT = {"hidden_size": 16, "intermediate_size": 20, "num_hidden_layers": 2, "num_attention_heads": 2, "layer_norm_eps": 1e-6}


def pre_tokenizer(kind):
    byte = lambda regex: pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=regex)  # noqa: E731
    if kind == "digits":  # SmolLM2, SmolVLM
        return pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), byte(True)])
    split = QWEN_SPLIT if kind == "qwen" else LLAMA3_SPLIT
    return pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(split), behavior="isolated"), byte(False)])


def tokenizer_of(kind, special, bos):
    """tokenizer.json as the family publishes it: Qwen normalises, Llama 3 takes whole words that are tokens as they are, and puts its first token before a text."""
    tokenizer = Tokenizer(models.BPE(ignore_merges=kind == "llama3"))
    if kind == "qwen":
        tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizer(kind)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=kind != "qwen")
    trainer = trainers.BpeTrainer(vocab_size=WORDS, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(CORPUS.strip().splitlines(keepends=True), trainer)
    tokenizer.add_tokens([AddedToken(t, normalized=False, special=t not in THINK) for t in special])
    if bos is not None:
        begin = processors.TemplateProcessing(
            single=f"{bos} $A", pair=f"{bos} $A {bos} $B", special_tokens=[(bos, tokenizer.token_to_id(bos))]
        )
        tokenizer.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), begin])
    return tokenizer


def folder(out, name, *, model, config, split, special, template, eos, pad, bos=None, tokenizer_class="PreTrainedTokenizerFast", named=None, processor=None, more=None):
    target = out / name
    target.mkdir(parents=True, exist_ok=True)
    tokenizer = tokenizer_of(split, special, bos)
    ids = {token: tokenizer.token_to_id(token) for token in special}
    vocab = -(-tokenizer.get_vocab_size() // 8) * 8  # padded, as published models are
    settings = json.loads(json.dumps(config(ids, vocab)))
    ends = {"eos_token_id": ids[eos], "pad_token_id": ids[pad], **({} if bos is None else {"bos_token_id": ids[bos]}), "torch_dtype": "float32"}
    settings |= ends
    kind, config_class = model
    made = kind._from_config(config_class(**json.loads(json.dumps(settings))), attn_implementation="eager").float().eval()
    fill(made)
    renamed = {"internvl": [("model.vision_tower.", "vision_tower."), ("model.multi_modal_projector.", "multi_modal_projector."),
                            ("model.language_model.", "language_model.model."), ("lm_head.", "language_model.lm_head.")]}  # fmt: skip
    rename = lambda key: next((b + key.removeprefix(a) for a, b in renamed.get(name, []) if key.startswith(a)), key)  # noqa: E731
    write(target / "model.safetensors", {rename(key): p for key, p in made.named_parameters()})
    (target / "config.json").write_text(json.dumps(settings, indent=1) + "\n")
    (target / "tokenizer.json").write_text(json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False) + "\n")
    added = {
        str(i): {"content": t, "lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": t not in THINK} for t, i in ids.items()
    }
    tokenizer_config = {
        "added_tokens_decoder": added, "bos_token": bos, "eos_token": eos, "pad_token": pad, "clean_up_tokenization_spaces": False,
        "model_max_length": 1024, "tokenizer_class": tokenizer_class, **(named or {}),
    }  # fmt: skip
    (target / "tokenizer_config.json").write_text(json.dumps(tokenizer_config, indent=1, ensure_ascii=False) + "\n")
    (target / "chat_template.jinja").write_text(template)
    for file, content in {**({} if processor is None else {"preprocessor_config.json": processor}), **(more or {})}.items():
        (target / file).write_text(json.dumps(content, indent=1) + "\n")
    print(f"{name}: {tokenizer.get_vocab_size()} tokens, {sum(p.numel() for p in made.parameters())} parameters", flush=True)


def text_config(architecture, kind, **more):
    return lambda _, vocab: {"architectures": [architecture], "model_type": kind, **TEXT, "vocab_size": vocab, "tie_word_embeddings": False, **more}


def trl_template(name):
    return (TEMPLATES / f"{name}.jinja").read_text()


def text_folders(out):
    scaling = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 64}
    folder(
        out, "llama3", model=(LlamaForCausalLM, LlamaConfig), config=text_config("LlamaForCausalLM", "llama", rope_theta=500000.0, rope_scaling=scaling),
        split="llama3", special=["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"],
        template=trl_template("llama3_2"), bos="<|begin_of_text|>", eos="<|eot_id|>", pad="<|end_of_text|>", named={"clean_up_tokenization_spaces": True},
    )  # fmt: skip
    folder(
        out, "smollm2", model=(LlamaForCausalLM, LlamaConfig), config=text_config("LlamaForCausalLM", "llama", tie_word_embeddings=True),
        split="digits", special=CHATML, template=SMOLLM2, eos="<|im_end|>", pad="<|im_end|>", tokenizer_class="GPT2Tokenizer",
    )  # fmt: skip
    folder(
        out, "qwen2", model=(Qwen2ForCausalLM, Qwen2Config), config=text_config("Qwen2ForCausalLM", "qwen2", tie_word_embeddings=True, rope_theta=1e6),
        split="qwen", special=CHATML, template=trl_template("qwen2_5"), eos="<|im_end|>", pad="<|endoftext|>", tokenizer_class="Qwen2Tokenizer",
    )  # fmt: skip
    folder(
        out, "qwen3", model=(Qwen3ForCausalLM, Qwen3Config), config=text_config("Qwen3ForCausalLM", "qwen3", head_dim=16, tie_word_embeddings=True),
        split="qwen", special=[*CHATML, *THINK], template=trl_template("qwen3"), eos="<|im_end|>", pad="<|endoftext|>", tokenizer_class="Qwen2Tokenizer",
    )  # fmt: skip


def internvl(ids, vocab):
    return {
        "architectures": ["InternVLForConditionalGeneration"], "model_type": "internvl", "image_token_id": ids["<IMG_CONTEXT>"], "downsample_ratio": 0.5,
        "image_seq_length": 4, "tie_word_embeddings": False, "text_config": {**TEXT, "model_type": "qwen2", "vocab_size": vocab, "rope_scaling": {"rope_type": "dynamic", "factor": 2.0}},
        "vision_config": {"model_type": "internvl_vision", **VIT, "image_size": [16, 16], "patch_size": [4, 4]},
    }  # fmt: skip


def idefics(kind, architecture):
    return lambda ids, vocab: {
        "architectures": [architecture], "model_type": kind, "image_token_id": ids["<image>"], "scale_factor": 2, "tie_word_embeddings": False,
        "text_config": {**TEXT, "model_type": "llama", "vocab_size": vocab},
        "vision_config": {"model_type": f"{kind}_vision", **VIT, "image_size": 16, "patch_size": 4, "hidden_act": "gelu_pytorch_tanh"},
    }  # fmt: skip


def qwen3_vl(ids, vocab):
    return {
        "architectures": ["Qwen3VLForConditionalGeneration"], "model_type": "qwen3_vl", "image_token_id": ids["<|image_pad|>"],
        "video_token_id": ids["<|video_pad|>"], "vision_start_token_id": ids["<|vision_start|>"], "vision_end_token_id": ids["<|vision_end|>"],
        "tie_word_embeddings": True,
        "text_config": {**TEXT, "model_type": "qwen3_vl_text", "head_dim": 16, "vocab_size": vocab,
                        "rope_scaling": {"rope_type": "default", "mrope_section": [4, 2, 2], "mrope_interleaved": True}},
        "vision_config": {"model_type": "qwen3_vl_vision", "depth": 3, "hidden_size": 16, "intermediate_size": 20, "num_heads": 2, "in_channels": 3, "patch_size": 4,
                          "spatial_merge_size": 2, "temporal_patch_size": 2, "out_hidden_size": 32, "num_position_embeddings": 25,
                          "deepstack_visual_indexes": [0, 2], "hidden_act": "gelu_pytorch_tanh"},
    }  # fmt: skip


def seeing_folders(out):
    mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    folder(
        out, "internvl", model=(InternVLForConditionalGeneration, InternVLConfig), config=internvl, split="qwen",
        special=[*CHATML, "<img>", "</img>", "<IMG_CONTEXT>", "<video>"], template=INTERNVL, eos="<|im_end|>", pad="<|endoftext|>", tokenizer_class="Qwen2Tokenizer",
        named={"start_image_token": "<img>", "end_image_token": "</img>", "context_image_token": "<IMG_CONTEXT>", "video_token": "<video>",
               "extra_special_tokens": {"start_image_token": "<img>", "end_image_token": "</img>", "context_image_token": "<IMG_CONTEXT>", "video_token": "<video>"}},
        # published files say false to crop_to_patches, and the processor overrules them
        processor={"image_processor_type": "GotOcr2ImageProcessor", "processor_class": "InternVLProcessor", "size": {"height": 16, "width": 16},
                   "crop_to_patches": False, "min_patches": 1, "max_patches": 6, "resample": 3, "image_mean": mean, "image_std": std},
        more={"processor_config.json": {"processor_class": "InternVLProcessor", "image_seq_length": 4}},
    )  # fmt: skip
    folder(
        out, "qwen3_vl", model=(Qwen3VLForConditionalGeneration, Qwen3VLConfig), config=qwen3_vl, split="qwen", special=[*CHATML, *SEES, *THINK],
        template=trl_template("qwen3_vl"), eos="<|im_end|>", pad="<|endoftext|>", tokenizer_class="Qwen2Tokenizer",
        processor={"image_processor_type": "Qwen2VLImageProcessor", "processor_class": "Qwen3VLProcessor", "size": {"shortest_edge": 256, "longest_edge": 2560},
                   "patch_size": 4, "temporal_patch_size": 2, "merge_size": 2, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]},
    )  # fmt: skip
    tiles = {"do_image_splitting": True, "size": {"longest_edge": 48}, "max_image_size": {"longest_edge": 16}, "resample": 1, "image_mean": [0.5, 0.5, 0.5],
             "image_std": [0.5, 0.5, 0.5]}  # fmt: skip
    from transformers.models.smolvlm.processing_smolvlm import DEFAULT_CHAT_TEMPLATE

    folder(
        out, "smolvlm", model=(SmolVLMForConditionalGeneration, SmolVLMConfig), config=idefics("smolvlm", "SmolVLMForConditionalGeneration"), split="digits",
        special=[*CHATML, *TILED, *PLACES], template=DEFAULT_CHAT_TEMPLATE, eos="<end_of_utterance>", pad="<|im_end|>", tokenizer_class="GPT2Tokenizer",
        processor={"image_processor_type": "SmolVLMImageProcessor", "processor_class": "SmolVLMProcessor", **tiles},
        more={"processor_config.json": {"processor_class": "SmolVLMProcessor", "image_seq_len": 4}},
    )  # fmt: skip
    folder(
        out, "idefics3", model=(Idefics3ForConditionalGeneration, Idefics3Config), config=idefics("idefics3", "Idefics3ForConditionalGeneration"), split="llama3",
        special=["<|begin_of_text|>", "<|end_of_text|>", *TILED, *PLACES], template=trl_template("idefics3"), bos="<|begin_of_text|>",
        eos="<|end_of_text|>", pad="<|end_of_text|>",  # its template writes another end
        processor={"image_processor_type": "Idefics3ImageProcessor", "processor_class": "Idefics3Processor", **tiles},
        more={"processor_config.json": {"processor_class": "Idefics3Processor", "image_seq_len": 4}},
    )  # fmt: skip


if __name__ == "__main__":
    torch.manual_seed(0)
    torch.set_num_threads(1)
    target = Path(sys.argv[1])
    text_folders(target)
    seeing_folders(target)
