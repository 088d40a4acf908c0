"""A byte-level BPE of 300 tokens and the special tokens, trained on the lines below; written into both checkpoints, with a
chat template and the settings of the image processor, so that they are complete folders."""

import json
from pathlib import Path

from common import FIRST_SPECIAL, HERE, ID, MERGE, PATCH, SPECIAL, write_json
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

# The pattern published with Qwen2 and Qwen2.5: one digit a piece, contractions apart, line ends kept together.
SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
TEXT = """
A man of 64 has had a cough and fever for three days. The chest film shows a dense area in the right lower lobe.
The most likely cause is a bacterial pneumonia, and the treatment is an antibiotic.
A woman of 31 has palpitations. The strip shows an irregular rhythm without P waves: this is atrial fibrillation.
The haemoglobin is 8.1 g/dL and the mean volume of the cells is low, so the answer is iron deficiency.
Which of the following is the best next step? The picture shows no fracture. The answer is B.
First the finding, then the fact from the history, then the rule: the finding and the fact lead to the diagnosis.
"""
IMAGE_MEAN = [0.48145466, 0.4578275, 0.40821073]
IMAGE_STD = [0.26862954, 0.26130258, 0.27577711]
PREPROCESSOR = {
    "min_pixels": 4 * (PATCH * MERGE) ** 2,
    "max_pixels": 40 * (PATCH * MERGE) ** 2,
    "patch_size": PATCH,
    "temporal_patch_size": 2,
    "merge_size": MERGE,
    "image_mean": IMAGE_MEAN,
    "image_std": IMAGE_STD,
    "image_processor_type": "Qwen2VLImageProcessor",
    "processor_class": "Qwen2_5_VLProcessor",
}


def trained():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(SPLIT), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    trainer = trainers.BpeTrainer(
        vocab_size=FIRST_SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(TEXT.strip().splitlines(keepends=True), trainer)
    if tokenizer.get_vocab_size() != FIRST_SPECIAL:
        raise SystemExit(f"the tokenizer has {tokenizer.get_vocab_size()} tokens before the special ones")
    tokenizer.add_tokens([AddedToken(t, normalized=False, special=t.startswith("<|")) for t in SPECIAL])
    return tokenizer


def main(out):
    tokenizer = trained()
    added = {
        str(ID[t]): {
            "content": t,
            "lstrip": False,
            "normalized": False,
            "rstrip": False,
            "single_word": False,
            "special": t.startswith("<|"),
        }
        for t in SPECIAL
    }
    config = {
        "add_bos_token": False,
        "add_prefix_space": False,
        "added_tokens_decoder": added,
        "additional_special_tokens": [t for t in SPECIAL if t.startswith("<|") and t != "<|endoftext|>"],
        "bos_token": None,
        "clean_up_tokenization_spaces": False,
        "eos_token": "<|im_end|>",
        "errors": "replace",
        "model_max_length": 512,
        "pad_token": "<|endoftext|>",
        "split_special_tokens": False,
        "tokenizer_class": "Qwen2Tokenizer",
        "unk_token": None,
    }
    template = (Path(HERE) / "chat_template.jinja").read_text()
    for folder in (out / "checkpoint", out / "checkpoint-untied"):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "tokenizer.json").write_text(json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False) + "\n")
        write_json(folder / "tokenizer_config.json", config)
        write_json(folder / "preprocessor_config.json", PREPROCESSOR)
        (folder / "chat_template.jinja").write_text(template)
