"""Compares what our TypeScript wrote with what transformers and PEFT make of it, and fresh goldens with committed ones.

    python live_parity.py goldens COMMITTED FRESH   every tensor, number, string and token of two golden folders
    python live_parity.py folders CASES.json        opens model and adapter folders, compares logits and tokens
    python live_parity.py save MODEL OUT            opens a model folder and saves it again as transformers does today

CASES.json is `{"cases": [case]}`; paths in it are relative to the file. A case is

    name              what stands before its first comma names the folder
    model             a Hugging Face folder that we wrote; every key must be found and none left over
    adapter?          a PEFT folder on that model
    tensors           a safetensors file with `input_ids`, `attention_mask` [B,T], only with images `pixel_values` [P,D] and `image_grid_thw`
                      [G,3], or of families that cut tiles [N,3,S,S] and `image_tiles` [G], and our results, any of
                        `logits` [B,T,V]        compared where the mask is 1
                        `log_probs` [B]         sum of the log-probabilities of the tokens under `completion_mask` [B,T]
                        `new_tokens` [B,N]      greedy generation, end tokens ignored: each of our tokens must be
                                                transformers' best or within `tieLogits` of it
    chat?             {"messages", "addGenerationPrompt", "images": {name: png file}, "inputIds"}: template, tokenizer and
                      image processor as AutoProcessor (of text models AutoTokenizer) loads them from the folder, against our ids and `pixel_values`
    tolerance?        largest absolute difference of logits, default 1e-4 of the largest absolute logit, at least 1e-4

Prints one line a check, and last `N passed, M failed, 0 skipped`; status 1 when something failed or nothing was checked.
"""

import functools
import json
import os
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import numpy as np  # noqa: E402
import torch  # noqa: E402
from safetensors.torch import load_file  # noqa: E402

results = {"passed": 0, "failed": 0}


def check(name, good, detail):
    results["passed" if good else "failed"] += 1
    print(f"{'ok  ' if good else 'FAIL'} {name}: {detail}", flush=True)


# --- goldens -----------------------------------------------------------------------------------------------------------

# Measures of rounding itself, and of the machine: they may differ.
SKIPPED_KEYS = {"float64", "largestDifferenceOfMergedLogits", "margin"}
SKIPPED_FILES = {"versions.json", "README.md"}
LIMIT = 1e-4
# What stands on ten AdamW steps: Adam divides by the square root of its own noise where gradients are small.
LOOSE = {"adamw-after-10": 1e-3, "preference": 1e-3}


def limit_of(name):
    return next((v for k, v in LOOSE.items() if name.startswith(k)), LIMIT)


def same_value(a, b, limit, at=""):
    """The first place where two JSON values differ, or None."""
    if isinstance(a, dict) and isinstance(b, dict):
        for key in sorted(a.keys() | b.keys()):
            if key in SKIPPED_KEYS:
                continue
            if key not in a or key not in b:
                return f"{at}.{key} only in one of them"
            if (found := same_value(a[key], b[key], limit, f"{at}.{key}")) is not None:
                return found
        return None
    if isinstance(a, list) and isinstance(b, list):
        if len(a) != len(b):
            return f"{at}: {len(a)} and {len(b)} items"
        return next((f for i, (x, y) in enumerate(zip(a, b)) if (f := same_value(x, y, limit, f"{at}[{i}]")) is not None), None)
    if isinstance(a, float) and isinstance(b, float):
        return None if abs(a - b) <= limit * max(1.0, abs(a), abs(b)) else f"{at}: {a} and {b}"
    return None if type(a) is type(b) and a == b else f"{at}: {a!r} and {b!r}"


def compare_tensors(name, a, b):
    if a.keys() != b.keys():
        return check(name, False, f"different tensors: {sorted(a.keys() ^ b.keys())}")
    worst, where = 0.0, ""
    # a gradient that is nothing but rounding is no measure of itself
    floor = 1e-4 * max((t.double().norm().item() for key, t in b.items() if key.startswith("grad:")), default=0.0)
    for key in a:
        x, y = a[key], b[key]
        if x.shape != y.shape or x.dtype != y.dtype:
            return check(name, False, f"{key}: {x.dtype} {tuple(x.shape)} and {y.dtype} {tuple(y.shape)}")
        if not x.is_floating_point():
            if not torch.equal(x, y):
                return check(name, False, f"{key}: integers differ")
            continue
        distance = ((x.double() - y.double()).norm() / y.double().norm().clamp(min=max(1e-12, floor if key.startswith("grad:") else 0.0))).item()
        if not distance <= worst:
            worst, where = distance, key
    check(name, worst <= limit_of(name), f"{len(a)} tensors, worst relative distance {worst:.1e} {where}")


def goldens(committed, fresh):
    files = {p.relative_to(root) for root in (committed, fresh) for p in root.rglob("*") if p.is_file()}
    for file in sorted(files):
        if file.name in SKIPPED_FILES:
            continue
        a, b = fresh / file, committed / file
        if not a.exists() or not b.exists():
            check(str(file), False, f"only {'committed' if b.exists() else 'generated'}")
        elif file.suffix == ".safetensors":
            compare_tensors(str(file), load_file(a), load_file(b))
        elif file.suffix == ".json":
            found = same_value(json.loads(a.read_text()), json.loads(b.read_text()), limit_of(file.name))
            check(str(file), found is None, found or "equal")
        else:
            check(str(file), a.read_bytes() == b.read_bytes(), "bytes")


# --- folders -----------------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=1)  # cases of one folder follow one another
def open_model(name, folder, adapter):
    from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForImageTextToText

    config = AutoConfig.from_pretrained(folder)
    kind = AutoModelForImageTextToText if getattr(config, "vision_config", None) is not None else AutoModelForCausalLM
    model, info = kind.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True)
    tied = {"lm_head.weight"} if config.tie_word_embeddings else set()
    left = {k: sorted(info[k]) for k in ("missing_keys", "unexpected_keys", "mismatched_keys")}
    left["missing_keys"] = [k for k in left["missing_keys"] if k not in tied]
    wrong = {k: v for k, v in left.items() if v}
    check(f"{name}: every tensor has its place", not wrong, wrong or f"{sum(1 for _ in model.parameters())} tensors")
    if adapter is not None:
        from peft import PeftModel

        adapted = PeftModel.from_pretrained(model, adapter)
        stored = load_file(adapter / "adapter_model.safetensors")
        in_file = lambda n: n.replace(".default", "").replace("magnitude_vector.weight", "magnitude_vector")  # noqa: E731
        loaded = {in_file(n): p for n, p in adapted.named_parameters() if "lora_" in n}
        same = stored.keys() == loaded.keys() and all(torch.equal(stored[k], loaded[k].detach()) for k in stored)
        check(f"{name}: PEFT loads every adapter tensor", same and len(stored) > 0, f"{len(stored)} of {len(loaded)}")
        model = adapted
    return model.eval(), config


def model_inputs(stored, config):
    inputs = {"input_ids": stored["input_ids"].long(), "attention_mask": stored["attention_mask"].long()}
    if "image_tiles" in stored:
        inputs["pixel_values"] = stored["pixel_values"]
        if config.model_type != "internvl":  # tiles by rows; empty ones are all zero
            per_row = ((inputs["input_ids"] == config.image_token_id).sum(1) // features_a_tile(config)).tolist()
            padded = torch.zeros(len(per_row), max(per_row), *stored["pixel_values"].shape[1:])
            at = 0
            for b, n in enumerate(per_row):
                padded[b, :n] = stored["pixel_values"][at : at + n]
                at += n
            inputs["pixel_values"] = padded
    if "image_grid_thw" in stored:
        inputs["pixel_values"] = stored["pixel_values"]
        inputs["image_grid_thw"] = stored["image_grid_thw"].long()
        inputs["mm_token_type_ids"] = (inputs["input_ids"] == config.image_token_id).int()
    return inputs


def features_a_tile(config):
    vision = config.vision_config
    return (vision.image_size // vision.patch_size // config.scale_factor) ** 2


def check_logits(name, case, stored, logits, mask):
    at = mask.bool()
    ours, theirs = stored["logits"][at], logits[at]
    if ours.shape != theirs.shape:
        return check(f"{name}: logits", False, f"shape {tuple(ours.shape)}, transformers {tuple(theirs.shape)}")
    limit = case.get("tolerance") or 1e-4 * max(1.0, theirs.abs().max().item())
    difference = (ours - theirs).abs().max().item()
    check(f"{name}: logits", difference <= limit, f"largest difference {difference:.1e}, allowed {limit:.1e}")


def check_log_probs(name, stored, logits, ids):
    mask = stored["completion_mask"][:, 1:].float()
    picked = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None]).squeeze(-1)
    theirs, ours = (picked * mask).sum(-1), stored["log_probs"].flatten()
    difference = ((ours - theirs).abs() / theirs.abs().clamp(min=1)).max().item()
    check(f"{name}: log-probabilities", difference <= 1e-4, f"largest relative difference {difference:.1e}")


def check_new_tokens(name, case, stored, model, inputs):
    new = stored["new_tokens"].long()
    width = inputs["input_ids"].shape[1]
    # A random model may write the token of a picture; what follows cannot be forced, since there is no picture for it.
    image = getattr(model.config, "image_token_id", None)
    before = torch.ones_like(new).bool() if image is None else ((new == image).cumsum(1) - (new == image).long()) == 0
    forced = new if image is None else new.masked_fill((new == image).cumsum(1) > 0, 0)
    # Teacher forcing with our tokens: one tie between two logits must not fail all the tokens after it.
    ids = torch.cat([inputs["input_ids"], forced], 1)
    mask = torch.cat([inputs["attention_mask"], torch.ones_like(new)], 1)
    more = dict(inputs, input_ids=ids, attention_mask=mask)
    if "mm_token_type_ids" in inputs:
        more["mm_token_type_ids"] = torch.cat([inputs["mm_token_type_ids"], torch.zeros_like(new).int()], 1)
    elif bool((mask == 0).any()):
        positions = (mask.cumsum(-1) - 1).clamp(min=0)
        axes = 3 if model.config.model_type in ("qwen2_5_vl", "qwen3_vl") else 1
        more["position_ids"] = positions.expand(3, *mask.shape) if axes == 3 else positions
    with torch.no_grad():
        logits = model(**more).logits[:, width - 1 : -1]
    short = (logits.max(-1).values - logits.gather(-1, new[..., None]).squeeze(-1))[before].max().item()
    check(f"{name}: greedy tokens", short <= case.get("tieLogits", 1e-3), f"{int(before.sum())} tokens, at most {short:.1e} below the best logit")


def processor_of(folder, config):
    from transformers import AutoImageProcessor, AutoProcessor, AutoTokenizer

    if getattr(config, "vision_config", None) is None:
        return AutoTokenizer.from_pretrained(folder)
    if config.model_type == "smolvlm":  # a package that is asked for, and used for videos only
        from transformers.models.smolvlm import processing_smolvlm

        processing_smolvlm.num2words = str
    processor = AutoProcessor.from_pretrained(folder)
    processor.image_processor = AutoImageProcessor.from_pretrained(folder, backend="pil")
    return processor


def check_chat(name, case, stored, folder, root, config):
    from PIL import Image

    processor = processor_of(folder, config)
    chat = case["chat"]
    rendered = processor.apply_chat_template(
        chat["messages"], tokenize=False, add_generation_prompt=chat.get("addGenerationPrompt", False)
    )
    names = [p["image"] for m in chat["messages"] if isinstance(m["content"], list) for p in m["content"] if p["type"] == "image"]
    images = [Image.open(root / chat["images"][n]) for n in names]
    if "pixel_values" in stored and not images:
        raise ValueError("the case has pixels and no pictures")
    # templates write the first token themselves
    seen = {} if not images else {"images": images if config.model_type in ("qwen2_5_vl", "qwen3_vl", "internvl") else [images]}
    made = processor(text=[rendered], **seen, return_tensors="pt", add_special_tokens=False)
    theirs = made["input_ids"][0].tolist()
    ours = chat["inputIds"]
    at = next((i for i, (a, b) in enumerate(zip(ours, theirs)) if a != b), min(len(ours), len(theirs)))
    check(f"{name}: chat template and tokenizer", ours == theirs, f"{len(theirs)} tokens" if ours == theirs else f"differ at {at}")
    if images:
        pixels = made["pixel_values"]
        if "image_tiles" in stored:
            pixels = pixels.reshape(-1, *pixels.shape[-3:])
            same_grid = stored["pixel_values"].shape == pixels.shape
            check(f"{name}: tiles", same_grid, f"{stored['image_tiles'].tolist()}, {len(pixels)} in all")
        else:
            same_grid = torch.equal(stored["image_grid_thw"].long(), made["image_grid_thw"].long())
            check(f"{name}: image grid", same_grid, made["image_grid_thw"].tolist())
        if same_grid:
            std = np.array(processor.image_processor.image_std)
            difference = (stored["pixel_values"] - pixels).abs().max().item()
            limit = 1.01 / 255 / std.min()  # one grey level after normalisation
            check(f"{name}: pixel values", difference <= limit, f"largest difference {difference:.1e}, one grey level {limit:.1e}")


def folders(file):
    root = file.parent
    for case in json.loads(file.read_text())["cases"]:
        name, folder = case["name"], root / case["model"]
        try:
            stored = load_file(root / case["tensors"])
            of = name.split(",")[0]
            model, config = open_model(of, folder, root / case["adapter"] if case.get("adapter") else None)
            inputs = model_inputs(stored, config)
            if "logits" in stored or "log_probs" in stored:
                with torch.no_grad():
                    logits = model(**inputs).logits
                if "logits" in stored:
                    check_logits(name, case, stored, logits, inputs["attention_mask"])
                if "log_probs" in stored:
                    check_log_probs(name, stored, logits, inputs["input_ids"])
            if "new_tokens" in stored:
                check_new_tokens(name, case, stored, model, inputs)
            if "chat" in case:
                check_chat(name, case, stored, folder, root, config)
        except Exception as fault:  # one case must not hide the others
            check(name, False, f"{type(fault).__name__}: {fault}")


def save(model, out):
    """Model, tokenizer and processor in the layout of transformers v5, which our reader has to take too."""
    from transformers import AutoImageProcessor, AutoProcessor

    opened, _ = open_model(model.name, model, None)
    opened.save_pretrained(out)
    processor = AutoProcessor.from_pretrained(model)
    processor.image_processor = AutoImageProcessor.from_pretrained(model, backend="pil")
    processor.save_pretrained(out)


def main():
    torch.set_num_threads(1)
    import transformers

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    match sys.argv[1:]:
        case ["goldens", committed, fresh]:
            goldens(Path(committed), Path(fresh))
        case ["folders", file]:
            folders(Path(file).resolve())
        case ["save", model, out]:
            return save(Path(model), Path(out))
        case _:
            print(__doc__, file=sys.stderr)
            raise SystemExit(2)
    print(f"{results['passed']} passed, {results['failed']} failed, 0 skipped")
    raise SystemExit(1 if results["failed"] or not results["passed"] else 0)


main()
