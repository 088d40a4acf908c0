"""What Inspect says of logs that MedE² wrote (scripts/inspect.mjs calls it in the environment of scripts/eval-env.sh).

    check_inspect_logs.py read EXPECTED.json        every log read, and every score computed anew by Inspect's own metrics
    check_inspect_logs.py rewrite LOGS PLAIN CHUNKED   the logs written by Inspect itself, in one piece and in chunks
"""

import glob
import json
import math
import os
import sys

from inspect_ai.log import read_eval_log, read_eval_log_sample_summaries, write_eval_log
from inspect_ai.log._recorders.chunked.convert import convert_eval_logs_to_chunked
from inspect_ai.model import ContentImage
from inspect_ai.scorer import SampleScore, accuracy, mean_score, stderr, value_to_float


def read(expected_file):
    with open(expected_file, encoding="utf-8") as file:
        expected = json.load(file)
    checks = 0
    for one in expected:
        log = read_eval_log(one["path"], resolve_attachments=True)
        assert log.status == "success" and len(log.samples) == one["samples"], one["path"]
        assert len(read_eval_log_sample_summaries(one["path"])) == one["samples"]
        (ours,) = one["scores"]
        (said,) = log.results.scores
        # Inspect's own reducer and metrics over the samples
        by_id = {}
        for sample in log.samples:
            checks += 1
            pictures = [
                part for part in sample.input[0].content if isinstance(part, ContentImage)
            ]
            assert len(pictures) == 1 and pictures[0].image.startswith("data:image/png;base64,")
            if sample.error is not None:
                assert sample.scores is None
                continue
            assert sample.messages[-1].role == "assistant" and sample.output.completion
            by_id.setdefault(sample.id, []).append(sample.scores[ours["scorer"]])
        reduced = [
            SampleScore(score=mean_score(value_to_float())(scores), sample_id=id)
            for id, scores in by_id.items()
        ]
        anew = {"accuracy": accuracy()(reduced), "stderr": stderr()(reduced)}
        assert len(reduced) == ours["scored"] == said.scored_samples
        for name, ours_value in (("accuracy", ours["mean"]), ("stderr", ours["standardError"])):
            assert said.metrics[name].value == ours_value
            assert math.isclose(anew[name], ours_value, rel_tol=1e-12), (name, anew[name], ours_value)
            checks += 1
        print(f"{os.path.basename(one['path'])}: accuracy {anew['accuracy']:.6f}, stderr {anew['stderr']:.6f}")
    print(checks)


def rewrite(logs, plain, chunked):
    os.makedirs(plain, exist_ok=True)
    for path in sorted(glob.glob(os.path.join(logs, "*.eval"))):
        write_eval_log(read_eval_log(path), os.path.join(plain, os.path.basename(path)))
    convert_eval_logs_to_chunked(plain, chunked, overwrite=True, chunk_size=1, attachments_chunk_bytes=100)


if __name__ == "__main__":
    {"read": read, "rewrite": rewrite}[sys.argv[1]](*sys.argv[2:])
