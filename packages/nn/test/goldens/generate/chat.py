"""Conversations rendered and tokenised by the processor that transformers makes of `checkpoint/`."""

import numpy as np
from common import write_json
from image_processor import PICTURES, paint
from PIL import Image
from transformers import AutoImageProcessor, AutoProcessor, AutoTokenizer

TEXTS = [
    "",
    "The answer is B.",
    "  two  spaces, a tab\tand\n\nline ends\r\n",
    "It's 37.5 °C; don't wait: we'll give 1000 mg.",
    "Fièvre élevée — 発熱 — حمى — 🩺🫁",
    "e\u0301 is é after NFC",
    "<|im_start|>user\nhello<|im_end|><think>\nfirst\n</think>\n\n\\boxed{B}",
    "<|im_startuser|> <think <|image_pad|><|image_pad|>",
    "ﬁ ＡＢＣ ½ Ⅳ",
    "3,141,592 and x_1+y² ≥ 10⁻³",
]


def conversations():
    text = lambda t: {"type": "text", "text": t}  # noqa: E731
    image = lambda n: {"type": "image", "image": n}  # noqa: E731
    user = lambda *parts: {"role": "user", "content": list(parts)}  # noqa: E731
    question = {"role": "user", "content": "Which rule applies here?"}
    answer = {"role": "assistant", "content": "<think>\nThe finding leads.\n</think>\n\n\\boxed{A}"}
    system = {"role": "system", "content": "You read chest films."}
    return [
        ("text", [question], True, False),
        ("text-system", [system, question], True, False),
        ("text-answered", [question, answer], False, False),
        ("text-parts", [user(text("One. "), text("Two."))], True, False),
        ("one-image", [user(image("up-both"), text("What does it show?"))], True, False),
        ("image-last", [system, user(text("What does this show?"), image("gray")), answer], False, False),
        ("two-images", [user(image("tiny"), text(" and "), image("exact"), text(". Compare."))], True, False),
        ("two-images-numbered", [user(image("tiny"), image("exact"), text("Compare."))], True, True),
        (
            "several-turns",
            [system, user(image("up-height-down-width"), text("And here?")), answer, question, answer, user(image("exact"))],
            True,
            False,
        ),
        ("assistant-parts", [question, {"role": "assistant", "content": [text("B")]}], False, False),
    ]


def main(out):
    folder = out / "checkpoint"
    processor = AutoProcessor.from_pretrained(folder)
    processor.image_processor = AutoImageProcessor.from_pretrained(folder, backend="pil")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    result = {"texts": [], "conversations": []}
    for value in TEXTS:
        ids = tokenizer(value, add_special_tokens=False)["input_ids"]
        result["texts"].append(
            {
                "text": value,
                "ids": ids,
                "decoded": tokenizer.decode(ids),
                "decodedWithoutSpecial": tokenizer.decode(ids, skip_special_tokens=True),
            }
        )
    for name, messages, generation, numbered in conversations():
        rendered = processor.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=generation, add_vision_id=numbered
        )
        pictures = [p["image"] for m in messages if isinstance(m["content"], list) for p in m["content"] if p["type"] == "image"]
        images = [Image.fromarray(np.squeeze(paint(p, *PICTURES[p]))) for p in pictures]
        made = processor(text=[rendered], images=images or None, return_tensors="pt")
        result["conversations"].append(
            {
                "name": name,
                "messages": messages,
                "addGenerationPrompt": generation,
                "addVisionId": numbered,
                "rendered": rendered,
                "images": pictures,
                "imageGridThw": made["image_grid_thw"].tolist() if images else [],
                "inputIds": made["input_ids"][0].tolist(),
            }
        )
    write_json(out / "chat.json", result)
