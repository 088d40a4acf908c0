"""Writes every golden file of Qwen2.5-VL, or the parts named: python all.py [--out DIR] [part …]"""

import argparse
import importlib
import time
from pathlib import Path

from common import COMMITTED, SEED, deterministic, versions, write_json

PARTS = [
    "checkpoint",
    "tokenizer",
    "position_ids",
    "logits",
    "sensitivity",
    "gradients",
    "vision",
    "adamw",
    "preference",
    "lora",
    "generation",
    "image_processor",
    "chat",
    "saved_v5",
]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    parser.add_argument("--out", type=Path, default=COMMITTED)
    args = parser.parse_args()
    for part in args.parts or PARTS:
        if part not in PARTS:
            parser.error(f"unknown part {part!r}; known: {', '.join(PARTS)}")
        deterministic()
        start = time.time()
        importlib.import_module(part).main(args.out)
        print(f"{part}: {time.time() - start:.1f} s", flush=True)
    write_json(args.out / "versions.json", {"seed": SEED, "versions": versions()})


main()
