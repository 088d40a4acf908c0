"""The small files of `checkpoint/` as transformers v5 saves them again: nested config.json, processor_config.json."""

import shutil
import tempfile
from pathlib import Path

from common import load
from transformers import AutoProcessor

KEPT = ("config.json", "processor_config.json", "tokenizer_config.json")


def main(out):
    folder = out / "checkpoint"
    with tempfile.TemporaryDirectory() as name:
        load(folder).save_pretrained(name)
        AutoProcessor.from_pretrained(folder).save_pretrained(name)
        target = out / "saved-v5"
        target.mkdir(parents=True, exist_ok=True)
        for file in KEPT:
            shutil.copyfile(Path(name) / file, target / file)
