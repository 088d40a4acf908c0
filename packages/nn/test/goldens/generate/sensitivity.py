"""Could a wrong implementation pass? Each line makes one plausible mistake in transformers' own model and says how far the
logits of `two-images` move. A mistake that moves them by less than five times the tolerance of 1e-4 stops the generation."""

import torch
from cases import cases
from common import load, write_json

TOLERANCE = 1e-4


def positions(change):
    def apply(model, inputs):
        ids, _ = model.model.get_rope_index(
            inputs["input_ids"],
            inputs["mm_token_type_ids"],
            image_grid_thw=inputs["image_grid_thw"],
            attention_mask=inputs["attention_mask"],
        )
        inputs["position_ids"] = change(ids.clone())

    return apply


def set_sections(sections):
    return lambda model, _: setattr(model.model.language_model.rotary_emb, "mrope_section", sections)


def full_attention(blocks):
    return lambda model, _: setattr(model.model.visual, "fullatt_block_indexes", blocks)


def swap_vision_axes(model, _):
    rotary = model.model.visual.rotary_pos_emb
    forward = rotary.forward
    rotary.forward = lambda x, position_ids: forward(x, position_ids[:, [1, 0]])


def change_epsilon(model, _):
    for module in model.modules():
        if hasattr(module, "variance_epsilon"):
            module.variance_epsilon = 1e-5


def tanh_gelu(model, _):
    model.model.visual.merger.mlp[1] = torch.nn.GELU("tanh")


def shift_column(ids):
    ids[2, :, 4:8] += 1
    return ids


MISTAKES = {
    "positions: rows and columns swapped": positions(lambda p: p[[0, 2, 1]]),
    "positions: one-dimensional": positions(lambda p: torch.arange(p.shape[2]).expand_as(p)),
    "positions: time alone": positions(lambda p: p[[0, 0, 0]]),
    "positions: columns as rows": positions(lambda p: p[[0, 1, 1]]),
    "positions: four columns off by one": positions(shift_column),
    "sections 1, 2, 1": set_sections([1, 2, 1]),
    "sections 2, 1, 1": set_sections([2, 1, 1]),
    "vision: full attention everywhere": full_attention([0, 1, 2]),
    "vision: windows everywhere": full_attention([]),
    "vision: rotary axes swapped": swap_vision_axes,
    "merger: GELU by tanh": tanh_gelu,
    "norms: epsilon 1e-5": change_epsilon,
}


def logits(folder, mistake=None):
    model, inputs = load(folder), dict(cases()["two-images"])
    if mistake is not None:
        mistake(model, inputs)
    with torch.no_grad():
        return model(**inputs).logits


def main(out):
    right = logits(out / "checkpoint")
    moved = {name: (logits(out / "checkpoint", m) - right).abs().max().item() for name, m in MISTAKES.items()}
    weak = [name for name, distance in moved.items() if distance < 5 * TOLERANCE]
    if weak:
        raise SystemExit(f"the goldens would not notice: {weak}")
    write_json(out / "sensitivity.json", moved)
