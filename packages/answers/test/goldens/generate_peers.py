"""Verdicts of other harnesses, by their own code, on invented replies. Seed 31.

    python generate_peers.py DIR

DIR holds the peers' files, renamed, from which only the functions named here are loaded (none of their code is in this repository):
    medxpertqa.py   TsinghuaC3I/MedXpertQA            eval/utils.py                    answer_cleansing
    mmmu_pro.py     MMMU-Benchmark/MMMU @56eede8      mmmu-pro/evaluate.py             parse_multi_choice_response
    medevalkit.py   alibaba-damo-academy/MedEvalKit   utils/utils.py                   judge_multi_choice, judge_judgement and what they call
    medvlthinker.py UCSC-VLAA/MedVLThinker            the evaluation script            extract_answer, grade_answer
    vlmevalkit.py   open-compass/VLMEvalKit           vlmeval/utils/matching_util.py   can_infer (without its judge and random choice)
    inspect_ai 0.3.285 from PyPI, imported        solver/_multiple_choice.py       parse_answers, with one right option
    mathruler/grader.py                               PyPI mathruler 0.1.0             extract_boxed_content
"""
import ast, json, pathlib, platform, random, re, sys
import numpy as np

here, peers = pathlib.Path(__file__).parent, pathlib.Path(sys.argv[1])


def load(name, functions, **names):
    """Only the functions' own text is run, in a namespace of ours."""
    tree = ast.parse((peers / name).read_text())
    tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in functions]
    assert len(tree.body) == len(functions), (name, functions)
    exec(compile(tree, name, "exec"), names)
    return names


class Guess:
    """Stands in for `random`: a guess is recorded, not drawn."""
    choice = staticmethod(lambda items: "?")


import copy, difflib, os, string
medx = load("medxpertqa.py", ["answer_cleansing"], re=re)
mmmu = load("mmmu_pro.py", ["parse_multi_choice_response"], random=Guess, np=np)
boxed = load("mathruler/grader.py", ["extract_boxed_content"])["extract_boxed_content"]
kit = load("medevalkit.py", ["str_similarity", "find_most_similar_index", "judge_multi_choice", "parse_response", "judge_judgement", "get_content_between_a_b", "extract"], difflib=difflib, extract_boxed_content=boxed)
thinker = load("medvlthinker.py", ["extract_answer", "grade_answer"], re=re)
from types import SimpleNamespace
from inspect_ai.solver._multiple_choice import parse_answers as inspect_answers
vlm = load("vlmevalkit.py", ["can_infer", "can_infer_option", "can_infer_text"], os=os, cp=copy, string=string)

drugs = ["Amoxicillin", "Doxycycline", "Amoxicillin-clavulanate", "Watchful waiting", "No treatment"]
questions = [
    {"options": drugs, "gold": "B"},
    {"options": ["a fracture of the distal radius", "an effusion", "no acute abnormality", "a hiatal hernia"], "gold": "C"},
    {"options": [f"finding number {7 * i}" for i in range(10)], "gold": "J"},
    {"options": ["Yes", "No"], "gold": "A"},
]
replies = [
    "B", "b", "(B)", "B.", "B. Doxycycline", "Answer: B", "The answer is B.", "**Answer**: B", "ANSWER: B", "Answer:\nB", "Answer: B and C", "Answer: Based on the film, B", "<answer>B</answer>",
    "<answer>B. Doxycycline</answer>", "<think>A or B?</think>\n<answer> B </answer>", "<think>\nIt is not A.\n</think>\n\n\\boxed{B}", "\\boxed{B} but \\boxed{C}", "\\boxed{}", "\\boxed{B",
    "doxycycline", "Doxycycline", "I would give doxycycline because amoxicillin does not cover it", "Amoxicillin would fail; give Doxycycline.", "C", "no acute abnormality", "The film shows no acute abnormality.",
    "There is a fracture of the distal radius.", "J", "finding number 63", "Finding number 63 is the only one that fits this case well", "A 45-year-old man presents with cough.", "I understand. A through E: it is C.",
    "Therefore, among A through E, the answer is B", "Therefore, among A through J, the answer is J. Not A.", "So the answer is C or D; the answer is D.", "the answer is (A) then, as I said, the answer is (B)",
    "I cannot determine this from the image.", "Cannot determine the answer", "I'm sorry, but without the image provided I cannot say", "", " ", "42", "Yes", "No", "yes, there is", "No, there is no effusion", "The lungs are clear. Yes.",
    "A\n\nBecause of the effusion.", "We weighed all of them.\n\nB.", "Final answer is: C", "final answer: no treatment", "答案: B", "答案是B", "Option B: doxycycline", "b. C\nd. B\nf. H", "A, B", "A and not B", "It is either (A) or (C), likely (C)",
    "E. coli is likely", "Choose D: watchful waiting", "Z", "Failed to obtain answer via API", "x" * 400, "The patient should be seen again in two weeks. " * 9 + "B",
]
rng = random.Random(31)
replies += [form.format(letter) for letter in "ABCJ" for form in ("Because of that.\nANSWER: {}", "answer: {}.", "**ANSWER: ({})**", "Then\n\nANSWER:{}\n", "\\boxed{{{}}}", "<answer>{}</answer>", "Answer: {}")]
pieces = ["ANSWER:", "ANSWER: ", "**", "$", "(", ")", "A", "B", "C", "(B)", "(C)", "B.", "Answer:", "answer is", "the answer is", "<answer>", "</answer>", "\\boxed{B}", "doxycycline", "Amoxicillin", "an effusion", "no", "yes", "\n\n", "\n", ".", ":", ",", "finding number 7", "because", "I", "the film shows", "J"]
replies += ["".join(rng.choice(pieces) + rng.choice([" ", "", " "]) for _ in range(rng.randint(1, 12))) for _ in range(120)]

rows = []
for at, question in enumerate(questions):
    options, gold = question["options"], question["gold"]
    labels = [chr(65 + i) for i in range(len(options))]
    for reply in replies:
        trigger = "Therefore, among {start} through {end}, the answer is"
        clean = medx["answer_cleansing"]("zero_shot", trigger, reply, "medxpertqa", "x", {"options": options, "label": [gold]})
        pro = mmmu["parse_multi_choice_response"](reply, labels, dict(zip(labels, options)))
        inferred = vlm["can_infer"](reply, dict(zip(labels, options)))
        said = thinker["extract_answer"](reply)
        row = {"question": at, "reply": reply, "medxpertqa": clean == [gold], "mmmu-pro": "guess" if pro == "?" else str(pro) == gold,
               "medevalkit": kit["judge_multi_choice"](options, gold, reply), "medvlthinker": thinker["grade_answer"](said, options[ord(gold) - 65], gold),
               "vlmevalkit": "guess" if inferred is False else inferred == gold}
        state = SimpleNamespace(output=SimpleNamespace(completion=reply), choices=options)
        row["inspect"] = inspect_answers(state, multiple_correct=False) == {gold}
        if options == ["Yes", "No"]:
            row["medevalkit"] = kit["judge_judgement"]("yes", reply)
        rows.append(row)

ratios = []
for a, b in [("", ""), ("abc", ""), ("abcd", "bcde"), ("private Thread currentThread;", "private volatile Thread currentThread;"), ("amoxicillin", "doxycycline"), ("an effusion", "x" * 150 + "an effusion " * 12)] + [
    ("".join(rng.choice("abcd ") for _ in range(rng.randint(0, 40))), "".join(rng.choice("abcde ") for _ in range(rng.randint(0, 400)))) for _ in range(60)]:
    ratios.append([a, b, difflib.SequenceMatcher(None, a, b).ratio()])

out = {"versions": {"python": platform.python_version(), "numpy": np.__version__, "mathruler": "0.1.0"}, "questions": questions, "rows": rows, "ratios": ratios}
(here / "peers.json").write_text(json.dumps(out, ensure_ascii=False) + "\n")
print({key: sum(row[key] is True for row in rows) for key in ("inspect", "medxpertqa", "mmmu-pro", "medevalkit", "medvlthinker", "vlmevalkit")}, len(rows))
