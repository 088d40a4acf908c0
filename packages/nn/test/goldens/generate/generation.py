"""Greedy generation of 16 tokens by `transformers.generate`, key-value cache on, by the untied checkpoint (a tied random
one repeats its last token). `margin` is the smallest distance between
the best and the second-best logit over all steps: below it no rounding can change the tokens."""

import torch
from cases import GRID_A, GRID_C
from common import ID, batch, generator, load, picture, pixels, storable, words, write_json, write_tensors

NEW = 16


def prompts():
    rng = generator("generation")
    w = lambda n: words(rng, n)  # noqa: E731
    return {
        "text": batch([[ID["<|im_start|>"], *w(7)]]),
        "image": batch([[*w(2), *picture(GRID_A), *w(4)]], [GRID_A], pixels(rng, [GRID_A])),
        "left-padded": batch(
            [[*w(2), *picture(GRID_A), *w(3)], w(5), [*picture(GRID_C), *w(4)]], [GRID_A, GRID_C], pixels(rng, [GRID_A, GRID_C]), "left"
        ),
    }


def main(out):
    model = load(out / "checkpoint-untied")
    stored, result = {}, []
    for name, inputs in prompts().items():
        made = model.generate(
            **inputs,
            max_new_tokens=NEW,
            do_sample=False,
            eos_token_id=None,
            pad_token_id=ID["<|endoftext|>"],
            output_logits=True,
            return_dict_in_generate=True,
        )
        top = torch.stack(made.logits, 1).topk(2, -1).values  # [B, NEW, 2]
        stored.update(storable(inputs, f"{name}."))
        stored[f"{name}.logits"] = torch.stack(made.logits, 1)[:, [0, -1]].contiguous()
        result.append(
            {
                "name": name,
                "newTokens": made.sequences[:, inputs["input_ids"].shape[1] :].tolist(),
                "margin": (top[..., 0] - top[..., 1]).min().item(),
            }
        )
    write_tensors(out / "generation.safetensors", stored)
    write_json(out / "generation.json", result)
