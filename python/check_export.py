"""Opens what `mede2 export` wrote: models by transformers, an adapter by PEFT, model cards by the Hub's own library.

    python check_export.py BASE MODEL ADAPTER MERGED

Prints one JSON object: how far the logits of the merged model are from those of base and adapter together, and what the cards say.
"""

import json
import sys

import torch
from huggingface_hub import ModelCard
from peft import PeftModel
from transformers import AutoModelForImageTextToText, AutoTokenizer

base_folder, model_folder, adapter_folder, merged_folder = sys.argv[1:5]


def opened(folder):
    model, info = AutoModelForImageTextToText.from_pretrained(
        folder, dtype=torch.float32, output_loading_info=True
    )
    wrong = {key: sorted(info[key]) for key in ("missing_keys", "unexpected_keys", "mismatched_keys") if info.get(key)}
    if wrong:
        raise SystemExit(f"{folder}: {wrong}")
    return model.eval()


tokens = AutoTokenizer.from_pretrained(model_folder)("the picture has a left effusion", return_tensors="pt")


def logits(model):
    with torch.no_grad():
        return model(**tokens).logits


alone = logits(opened(base_folder))
together = logits(PeftModel.from_pretrained(opened(base_folder), adapter_folder).eval())
merged = logits(opened(merged_folder))
cards = {name: ModelCard.load(f"{folder}/README.md").data.to_dict() for name, folder in
         (("model", model_folder), ("adapter", adapter_folder), ("merged", merged_folder))}
print(json.dumps({
    "merged": (merged - together).abs().max().item(),
    "adapter": (together - alone).abs().max().item(),
    "trained": (logits(opened(model_folder)) - alone).abs().max().item(),
    "cards": cards,
}))
