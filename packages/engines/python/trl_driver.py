"""Trains what a TRL run of @mede2/engines asks for: `python trl_driver.py CONFIG.json [CHECKPOINT]`.

CONFIG.json is written by the emitter `trl` (src/emit/trl.ts), which names its fields. Rows are read in the order of the file. Every log entry is appended to
`log` as one JSON line with `step` and `max_steps`; the tokens of the first row are printed as [INPUT_IDS] or [CHOSEN_INPUT_IDS] and [REJECTED_INPUT_IDS], so that the
caller can compare them with its own. TERM saves a checkpoint after the step in hand and ends with code 0. Written for TRL 1.9.2.
"""

import json
import os
import signal
import sys
import time

import torch
from datasets import Image, Sequence, load_dataset
from peft import LoraConfig, PeftModel
from torch.utils.data import SequentialSampler
from transformers import AutoProcessor, TrainerCallback
from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer


def model_of(config):
    import transformers

    with open(os.path.join(config["model"], "config.json"), encoding="utf8") as file:
        architecture = json.load(file)["architectures"][0]
    kind = getattr(transformers, architecture)
    model = kind.from_pretrained(
        config["model"], dtype=getattr(torch, config["precision"]), attn_implementation=config["attention"]
    )
    if config.get("lora") is None:
        for name, parameter in model.named_parameters():
            parameter.requires_grad = not any(name.startswith(prefix) for prefix in config["freeze"])
    if config.get("adapter") is not None:
        model = PeftModel.from_pretrained(model, config["adapter"], is_trainable=True)
    return model


class Log(TrainerCallback):
    """Appends what is logged, and stops when it was asked to."""

    def __init__(self, path):
        self.path = path
        os.makedirs(os.path.dirname(path), exist_ok=True)
        self.stopping = False
        self.started = time.monotonic()
        signal.signal(signal.SIGTERM, self.stop)

    def stop(self, *_):
        self.stopping = True

    def on_log(self, args, state, control, logs=None, **_):
        if not state.is_world_process_zero or not logs:
            return
        with open(self.path, "a", encoding="utf8") as file:
            entry = {
                **logs,
                "step": state.global_step,
                "max_steps": state.max_steps,
                "elapsed_time": time.monotonic() - self.started,
            }
            file.write(json.dumps(entry) + "\n")

    def on_step_end(self, args, state, control, **_):
        if self.stopping:
            control.should_save = True
            control.should_training_stop = True
        return control


def in_order(trainer_class):
    class InOrder(trainer_class):
        def _get_train_sampler(self, dataset=None):
            return SequentialSampler(dataset if dataset is not None else self.train_dataset)

    return InOrder


def tell_first_row(trainer, pairs):
    """Prints the tokens of the first row without its padding; the first process has it."""
    if not trainer.is_world_process_zero():
        return
    batch = next(iter(trainer.get_train_dataloader()))
    rows = batch["input_ids"].shape[0]
    names = {"CHOSEN_INPUT_IDS": 0, "REJECTED_INPUT_IDS": rows // 2} if pairs else {"INPUT_IDS": 0}
    for name, row in names.items():
        mask = batch["attention_mask"][row].bool()
        print(f"[{name}] {batch['input_ids'][row][mask].tolist()}", flush=True)


def main():
    with open(sys.argv[1], encoding="utf8") as file:
        config = json.load(file)
    checkpoint = sys.argv[2] if len(sys.argv) > 2 else None
    pairs = config["kind"] == "preference"
    data = load_dataset("json", data_files=config["data"], cache_dir=config["cache"])
    if "images" in data["train"].column_names:
        data = data.cast_column("images", Sequence(Image()))
    arguments = (DPOConfig if pairs else SFTConfig)(**config["arguments"])
    log = Log(config["log"])
    trainer = in_order(DPOTrainer if pairs else SFTTrainer)(
        model=model_of(config),
        args=arguments,
        processing_class=AutoProcessor.from_pretrained(config["model"]),
        train_dataset=data["train"],
        eval_dataset=data.get("validation"),
        peft_config=None
        if config.get("lora") is None or config.get("adapter") is not None
        else LoraConfig(task_type="CAUSAL_LM", **config["lora"]),
        callbacks=[log],
    )
    print(f"train_dataset num_rows: {len(data['train'])}", flush=True)
    print(f"world_size: {arguments.world_size}", flush=True)
    tell_first_row(trainer, pairs)
    trainer.train(resume_from_checkpoint=checkpoint)
    if not log.stopping:
        trainer.save_state()
    print("training ended", flush=True)


if __name__ == "__main__":
    main()
