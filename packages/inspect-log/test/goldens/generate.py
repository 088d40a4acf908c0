"""Writes the two golden logs with inspect_ai 0.3.285 itself (scripts/eval-env.sh makes the environment):

    "$(bash scripts/eval-env.sh)" packages/inspect-log/test/goldens/generate.py

mockllm-zstd.eval is what Inspect writes (zstd, a NaN score, an image, two epochs, an id with a slash); mockllm-chunked.eval is the same log turned into
chunked samples by Inspect's own converter. Ids and times differ from run to run; what the tests look at does not.
"""

import base64
import glob
import os
import shutil
import tempfile

import tiktoken


class Words:
    """Inspect counts tokens of mock outputs with an encoding that tiktoken downloads; words will do."""

    def encode(self, text, **_):
        return text.split()


tiktoken.get_encoding = lambda _: Words()
tiktoken.encoding_for_model = lambda _: Words()

from inspect_ai import Task
from inspect_ai import eval as evaluate
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log._recorders.chunked.convert import convert_eval_logs_to_chunked
from inspect_ai.model import ChatMessageUser, ContentImage, ContentText, ModelOutput, get_model
from inspect_ai.scorer import Score, accuracy, choice, scorer, stderr
from inspect_ai.solver import multiple_choice

here = os.path.dirname(os.path.abspath(__file__))
png = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@scorer(metrics=[accuracy(), stderr()])
def odd():
    async def score(state, target):
        value = float("nan") if state.sample_id == 2 else 1.0
        return Score(value=value, answer="x", explanation="e" * 300)

    return score


with tempfile.TemporaryDirectory() as folder:
    picture = os.path.join(folder, "p.png")
    with open(picture, "wb") as file:
        file.write(png)
    samples = [
        Sample(
            id=1,
            input=[
                ChatMessageUser(
                    content=[ContentText(text="What is it? " + "long " * 60), ContentImage(image=picture)]
                )
            ],
            choices=["cat", "dog", "é\u2028"],
            target="B",
            metadata={"modality": "xr"},
        ),
        Sample(id=2, input="Which </script><b>?", choices=["one", "two"], target="A"),
        Sample(id="a/b:c", input="Which?", choices=["one", "two"], target="B"),
    ]
    outputs = [
        ModelOutput.from_content("mockllm/model", text)
        for text in ("thinking ... ANSWER: B", "ANSWER: B", "I do not know")
    ] * 2
    task = Task(
        dataset=MemoryDataset(samples, name="tiny"),
        solver=[multiple_choice()],
        scorer=[choice(), odd()],
        epochs=2,
        name="tiny",
    )
    (log,) = evaluate(
        task,
        model=get_model("mockllm/model", custom_outputs=outputs),
        log_dir=os.path.join(folder, "logs"),
        log_format="eval",
        display="none",
        max_samples=1,
    )
    (written,) = glob.glob(os.path.join(folder, "logs", "*.eval"))
    shutil.copy(written, os.path.join(here, "mockllm-zstd.eval"))
    convert_eval_logs_to_chunked(
        written, os.path.join(folder, "chunked"), chunk_size=2, attachments_chunk_bytes=200
    )
    (chunked,) = glob.glob(os.path.join(folder, "chunked", "*.eval"))
    shutil.copy(chunked, os.path.join(here, "mockllm-chunked.eval"))
