"""Opens what `scripts/parity-families.mjs` trained and wrote: python family_parity.py DIR [case …]

DIR holds one folder a case: a model folder as our trainer wrote it after its steps, and `ours.safetensors` with `logits` [B,T,V] and `loss` of the case's batch,
which stands in `case.safetensors` beside it. Every tensor must have its place in transformers, logits and loss must agree, and training must go on by
TRL's SFTTrainer, of the families that see with their pictures. One line a check; status 1 when something failed or nothing was checked."""

import os
import sys
import tempfile
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import torch  # noqa: E402
import transformers  # noqa: E402
from safetensors.torch import load_file  # noqa: E402
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForImageTextToText  # noqa: E402

results = {"passed": 0, "failed": 0}


def check(name, good, detail):
    results["passed" if good else "failed"] += 1
    print(f"{'ok  ' if good else 'FAIL'} {name}: {detail}", flush=True)


def open_model(name, folder):
    config = AutoConfig.from_pretrained(folder)
    kind = AutoModelForImageTextToText if getattr(config, "vision_config", None) is not None else AutoModelForCausalLM
    model, info = kind.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True)
    tied = {"lm_head.weight"} if config.tie_word_embeddings else set()
    left = {k: sorted(set(info[k]) - tied) for k in ("missing_keys", "unexpected_keys", "mismatched_keys")}
    wrong = {k: v for k, v in left.items() if v}
    check(f"{name}: every tensor has its place", not wrong, wrong or f"{sum(1 for _ in model.parameters())} tensors, {type(model).__name__}")
    return model, config


def inputs_of(case, config):
    """The batch as the family's model takes it."""
    inputs = {k: case[k].long() for k in ("input_ids", "attention_mask", "labels")}
    if "pixel_values" not in case:
        return inputs
    pixels, grids = case["pixel_values"], case["grids"].long()
    if config.model_type in ("qwen3_vl", "qwen2_5_vl"):
        kinds = (inputs["input_ids"] == config.image_token_id).int()
        return {**inputs, "pixel_values": pixels, "image_grid_thw": grids, "mm_token_type_ids": kinds}
    if config.model_type == "internvl":
        return {**inputs, "pixel_values": pixels}
    vision = config.vision_config
    features = (vision.image_size // vision.patch_size // config.scale_factor) ** 2
    per_row = ((inputs["input_ids"] == config.image_token_id).sum(1) // features).tolist()
    padded = torch.zeros(len(per_row), max(per_row), *pixels.shape[1:])
    at = 0
    for b, n in enumerate(per_row):
        padded[b, :n] = pixels[at : at + n]
        at += n
    return {**inputs, "pixel_values": padded}


def continue_with_trl(model, case, inputs):
    """TRL's SFTTrainer on the same rows. Where there are pictures its batches are the case's own, on every token: what was trained on is learnt already."""
    from datasets import Dataset
    from transformers import PreTrainedTokenizerFast
    from tokenizers import Tokenizer, models
    from trl import SFTConfig, SFTTrainer

    size = model.config.get_text_config().vocab_size
    vocabulary = {f"t{i}": i for i in range(size)}
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel(vocabulary, unk_token="t3")), pad_token="t0", eos_token="t2")
    rows = [ids[mask.bool()].tolist() for ids, mask in zip(case["input_ids"], case["attention_mask"])]
    data = Dataset.from_list([{"input_ids": row} for row in rows])
    seen = "pixel_values" in inputs
    labels = inputs["input_ids"].masked_fill(inputs["attention_mask"] == 0, -100)
    with tempfile.TemporaryDirectory() as out:
        args = SFTConfig(
            output_dir=out, max_steps=6, per_device_train_batch_size=len(rows), learning_rate=1e-3 if seen else 3e-3, lr_scheduler_type="constant",
            logging_steps=1, report_to=[], save_strategy="no", use_cpu=True, disable_tqdm=True, bf16=False, gradient_checkpointing=False,
            **({"remove_unused_columns": False, "dataset_kwargs": {"skip_prepare_dataset": True}, "loss_type": "nll"} if seen else {}),
        )  # fmt: skip
        collator = {"data_collator": lambda _: {**inputs, "labels": labels}} if seen else {}
        trainer = SFTTrainer(model=model, args=args, train_dataset=data, processing_class=tokenizer, **collator)
        trainer.train()
        return [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]


def main(root, only):
    torch.set_num_threads(1)
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    for folder in sorted(p.parent for p in root.glob("*/ours.safetensors")):
        name = folder.name
        if only and name not in only:
            continue
        try:
            case, ours = load_file(folder / "case.safetensors"), load_file(folder / "ours.safetensors")
            model, config = open_model(name, folder)
            inputs = inputs_of(case, config)
            with torch.no_grad():
                result = model.eval()(**inputs)
            mask = inputs["attention_mask"].bool()
            difference = (result.logits - ours["logits"])[mask].abs().max().item()
            scale = max(1.0, result.logits[mask].abs().max().item())
            check(f"{name}: logits", difference <= 1e-4 * scale, f"largest difference {difference:.1e} of {scale:.1f}")
            loss = abs(result.loss.item() - ours["loss"].item())
            check(f"{name}: loss", loss <= 1e-4, f"{result.loss.item():.6f}, differs by {loss:.1e}")
            losses = continue_with_trl(model, case, inputs)
            check(f"{name}: goes on in TRL", losses[-1] < losses[0], f"loss {losses[0]:.4f} to {losses[-1]:.4f}")
        except Exception as fault:  # one case must not hide the others
            check(name, False, f"{type(fault).__name__}: {fault}")
    print(f"{results['passed']} passed, {results['failed']} failed, 0 skipped")
    raise SystemExit(1 if results["failed"] or not results["passed"] else 0)


main(Path(sys.argv[1]).resolve(), sys.argv[2:])
