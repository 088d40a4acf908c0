"""Whether the arguments that @mede2/engines emits are ones that the engines know: nothing is trained.

    python check_engine_arguments.py ms-swift CASES.json           by ms-swift's own parser, in its environment
    python check_engine_arguments.py trl CASES.json                by the configurations of TRL and PEFT, in theirs
    python check_engine_arguments.py llama-factory CASES.json DIR  by the dataclasses of llamafactory, unpacked in DIR, which are read and not imported

CASES.json is `[{"name", "action": "sft" | "rlhf", "file", "model"?, "layers"?}]`; with `model`, a folder with config.json, the LoRA targets of the file are matched with the modules of that model, of which
`layers` times seven must be found, none of them in the vision tower. Prints one line a case, and last `N passed, M failed, 0 skipped`.
"""

import ast
import contextlib
import io
import json
import os
import re
import sys
from dataclasses import fields
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
results = {"passed": 0, "failed": 0}


def check(name, faults, detail):
    results["failed" if faults else "passed"] += 1
    print(f"{'FAIL' if faults else 'ok  '} {name}: {'; '.join(faults) or detail}", flush=True)


def matched_modules(folder, pattern, layers):
    """Faults of a pattern of LoRA targets, by the module names of the model that transformers makes, without its weights."""
    import torch
    from transformers import AutoConfig, AutoModelForImageTextToText

    with torch.device("meta"):
        model = AutoModelForImageTextToText.from_config(AutoConfig.from_pretrained(folder))
    linear = [name for name, module in model.named_modules() if isinstance(module, torch.nn.Linear)]
    found = [name for name in linear if re.fullmatch(pattern, name)]
    faults = [] if len(found) == 7 * layers else [f"{len(found)} of {7 * layers} layers are matched"]
    if any("vis" in name for name in found):
        faults.append("the vision tower is matched")
    return faults


def swift(cases):
    import yaml
    from swift.arguments import RLHFArguments, SftArguments
    from swift.cli.main import parse_yaml_args
    from swift.rlhf_trainers.dpo_trainer import DPOTrainer
    from swift.template import TEMPLATE_MAPPING
    from swift.utils import utils
    from transformers import HfArgumentParser
    import inspect
    import swift as package

    losses = set(re.findall(r"loss_type == '(\w+)'", inspect.getsource(DPOTrainer.dpo_loss)))
    parsers = {}
    for action, kind in {"sft": SftArguments, "rlhf": RLHFArguments}.items():
        with utils._patch_get_type_hints():
            parsers[action] = HfArgumentParser([kind])
    for case in cases:
        given = yaml.safe_load(Path(case["file"]).read_text(encoding="utf8"))
        parser = parsers[case["action"]]
        known = {option.lstrip("-") for action in parser._actions for option in action.option_strings}
        faults = [f"unknown {name}" for name in given if name not in known]
        argv = [case["file"]]
        parse_yaml_args(argv)
        said = io.StringIO()
        try:
            with contextlib.redirect_stderr(said):
                _, rest = parser.parse_known_args([*argv, "--resume_from_checkpoint", "checkpoint-1"])
            if rest:
                faults.append(f"left over: {rest}")
        except SystemExit:
            faults.append(said.getvalue().strip().splitlines()[-1])
        if given["template"] not in TEMPLATE_MAPPING:
            faults.append(f"no template {given['template']}")
        stage = given.get("deepspeed")
        if stage is not None and not (Path(package.__path__[0]) / "config" / f"{stage}.json").exists():
            faults.append(f"no configuration {stage} of DeepSpeed")
        faults += [f"no loss {name}" for name in given.get("loss_type", []) if name not in losses]
        if "model" in case and "target_regex" in given:
            faults += matched_modules(case["model"], given["target_regex"], case["layers"])
        check(case["name"], faults, f"{len(given)} arguments")


def trl(cases):
    from peft import LoraConfig
    from trl import DPOConfig, SFTConfig

    for case in cases:
        config = json.loads(Path(case["file"]).read_text(encoding="utf8"))
        kind = DPOConfig if case["action"] == "rlhf" else SFTConfig
        names = {field.name for field in fields(kind)}
        faults = [f"unknown {name}" for name in config["arguments"] if name not in names]
        names = {field.name for field in fields(LoraConfig)}
        faults += [f"unknown {name} of LoRA" for name in config["lora"] or {} if name not in names]
        if not faults and config["arguments"]["use_cpu"]:
            kind(**{**config["arguments"], "output_dir": "nowhere"})
        check(case["name"], faults, f"{len(config['arguments'])} arguments")


def dataclass_fields(folder):
    """Names of the annotated fields in the classes of a folder, each with the texts that a Literal allows."""
    found = {}
    for path in sorted(folder.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
            if isinstance(node, ast.ClassDef):
                for line in node.body:
                    if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
                        literal = re.search(r"Literal\[(.*?)\]", ast.unparse(line.annotation))
                        found[line.target.id] = re.findall(r"'([^']*)'", literal[1]) if literal else []
    return found


def llama_factory(cases, folder):
    from transformers import TrainingArguments

    package = Path(folder) / "llamafactory"
    known = {**{field.name: [] for field in fields(TrainingArguments)}, **dataclass_fields(package / "hparams")}
    templates = set(re.findall(r'name="([\w-]+)"', (package / "data/template.py").read_text(encoding="utf8")))
    for case in cases:
        given = json.loads(Path(case["file"]).read_text(encoding="utf8"))
        faults = [f"unknown {name}" for name in given if name not in known]
        for name, value in given.items():
            allowed = known.get(name, [])
            if allowed and isinstance(value, str) and value not in allowed:
                faults.append(f"{name} is {value}, not one of {', '.join(allowed)}")
        if given["template"] not in templates:
            faults.append(f"no template {given['template']}")
        check(case["name"], faults, f"{len(given)} arguments")


def main():
    engine, file, *more = sys.argv[1:]
    cases = json.loads(Path(file).read_text(encoding="utf8"))
    {"ms-swift": swift, "trl": trl, "llama-factory": llama_factory}[engine](cases, *more)
    print(f"{results['passed']} passed, {results['failed']} failed, 0 skipped")
    sys.exit(1 if results["failed"] or not results["passed"] else 0)


if __name__ == "__main__":
    main()
