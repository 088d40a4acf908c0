"""The batches that logits, loss and gradients are taken on."""

from common import ID, batch, generator, picture, pixels, words

# height x width in patches; merged: 3 x 5 (ragged both ways), 4 x 4 (exact windows), 2 x 1, 1 x 3
GRID_A = (1, 6, 10)
GRID_B = (1, 8, 8)
GRID_C = (1, 4, 2)
GRID_D = (1, 2, 6)


def cases():
    """name -> model inputs."""
    rng = generator("cases")
    w = lambda n: words(rng, n)  # noqa: E731
    im = ID["<|im_start|>"], ID["<|im_end|>"]
    out = {}
    out["text"] = batch([[im[0], *w(12), im[1]]])
    out["one-image"] = batch([[*w(3), *picture(GRID_A), *w(7)]], [GRID_A], pixels(rng, [GRID_A]))
    out["two-images"] = batch(
        [[*w(2), *picture(GRID_B), *w(3), *picture(GRID_C), *w(5)]], [GRID_B, GRID_C], pixels(rng, [GRID_B, GRID_C])
    )
    # rows of unequal length: one image, text only, two images of which one comes first and one last
    grids = [GRID_A, GRID_D, GRID_C]
    out["padded"] = batch(
        [[*w(2), *picture(GRID_A), *w(4)], w(9), [*picture(GRID_D), *w(3), *picture(GRID_C)]], grids, pixels(rng, grids)
    )
    return out


def labels(inputs):
    """Supervised tokens: the last half of each row's own tokens, never padding nor image tokens; -100 elsewhere."""
    ids, mask = inputs["input_ids"], inputs["attention_mask"]
    out = ids.clone()
    for row in range(ids.shape[0]):
        length = int(mask[row].sum())
        out[row, : length // 2] = -100
        out[row, length:] = -100
    out[(ids == ID["<|image_pad|>"])] = -100
    return out
