"""Writes the goldens of the families beside Qwen2.5-VL, or the parts named: python all_families.py [--out DIR] [part …]"""

import argparse
import importlib
import json
import platform
import time
from pathlib import Path

import torch
import transformers
from transformers.utils import logging

from families.shared import SEED

PARTS = ["text", "vision", "tiles", "losses", "adapters", "optimisers", "quantised"]
COMMITTED = Path(__file__).resolve().parent.parent / "families"


def main():
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    parser.add_argument("--out", type=Path, default=COMMITTED)
    args = parser.parse_args()
    for part in args.parts or PARTS:
        if part not in PARTS:
            parser.error(f"unknown part {part!r}; known: {', '.join(PARTS)}")
        torch.manual_seed(SEED)
        start = time.time()
        importlib.import_module(f"families.{part}").main(args.out)
        print(f"{part}: {time.time() - start:.1f} s", flush=True)
    versions = {"python": platform.python_version(), "torch": torch.__version__, "transformers": transformers.__version__}
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "versions.json").write_text(json.dumps({"seed": SEED, "versions": versions}, indent=1) + "\n")


main()
