"""A GGUF file of a Llama-like model with a byte-level tokenizer → a Hugging Face folder in float32: python gguf_to_folder.py FILE OUT"""

import json
import sys
from pathlib import Path

import torch
from tokenizers import decoders, pre_tokenizers
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM
from transformers.utils import logging

# GGUF names the split before BPE and transformers' converter does not read it: digits stand alone in SmolLM's.
SPLITS = {
    "smollm": [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)],
}


def main(file, out):
    from gguf import GGUFReader

    torch.set_num_threads(1)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    reader = GGUFReader(file)
    split = reader.fields["tokenizer.ggml.pre"].contents()
    if split not in SPLITS:
        raise SystemExit(f"{file}: the tokenizer splits text by {split!r}; known are {', '.join(SPLITS)}")
    named = {"pretrained_model_name_or_path": str(file.parent), "gguf_file": file.name}
    quantised = AutoModelForCausalLM.from_pretrained(**named, dtype=torch.float32)
    settings = quantised.config.to_dict()
    for key in ("quantization_config", "_name_or_path", "_model_name_or_path", "transformers_version"):
        settings.pop(key, None)
    # a float32 in the file; the published config says 1e-5
    settings["rms_norm_eps"] = float(f"{settings['rms_norm_eps']:.6g}")
    model = LlamaForCausalLM(LlamaConfig(**settings)).float()
    missing, unexpected = model.load_state_dict(quantised.state_dict(), strict=False)
    if unexpected or set(missing) - {"lm_head.weight"}:
        raise SystemExit(f"{file}: missing {missing}, unexpected {unexpected}")
    model.tie_weights()
    model.save_pretrained(out)

    tokenizer = AutoTokenizer.from_pretrained(**named)
    tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(SPLITS[split])
    tokenizer.backend_tokenizer.decoder = decoders.ByteLevel(add_prefix_space=True, use_regex=True)
    tokenizer.save_pretrained(out)
    config = out / "tokenizer_config.json"
    wanted = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": settings["max_position_embeddings"]}
    kept = {k: v for k, v in json.loads(config.read_text()).items() if k not in ("backend", "is_local", "local_files_only")}
    config.write_text(json.dumps({**kept, **wanted}, indent=2) + "\n")


main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]))
