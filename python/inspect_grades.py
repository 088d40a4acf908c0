"""Lets Inspect grade replies that somebody else gave: python inspect_grades.py ROWS.jsonl VERDICTS.json
Rows: {id, question, options, answer, response}. Inspect's own solver, scorer and metrics run; only the model is a mock that says what the row says."""
import json, pathlib, re, sys, tempfile

from inspect_ai import Task, eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import choice
from inspect_ai.solver import multiple_choice

rows = {row["id"]: row for row in map(json.loads, pathlib.Path(sys.argv[1]).read_text().splitlines())}
dataset = MemoryDataset([Sample(id=row["id"], input=f"[{row['id']}] {row['question']}", choices=row["options"], target=row["answer"]) for row in rows.values()])


def say(messages, tools, tool_choice, config):
    name = re.search(r"\[(row-\d+)\]", messages[-1].text).group(1)
    output = ModelOutput.from_content("mock", rows[name]["response"])
    output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)  # else it fetches a tokenizer from the network
    return output


with tempfile.TemporaryDirectory() as folder:
    [log] = eval(Task(dataset=dataset, solver=multiple_choice(cot=True), scorer=choice()), model=get_model("mockllm/model", custom_outputs=say, memoize=False), log_dir=folder, display="none")
    assert log.status == "success", log.error.message
    metrics = {name: metric.value for name, metric in log.results.scores[0].metrics.items()}
    verdicts = {sample.id: sample.scores["choice"].value == "C" for sample in log.samples}
pathlib.Path(sys.argv[2]).write_text(json.dumps({"accuracy": metrics["accuracy"], "stderr": metrics["stderr"], "verdicts": verdicts}))
