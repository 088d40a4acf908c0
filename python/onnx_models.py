"""Lists ONNX models of others for a round trip: those that the onnx package ships, and its generated node cases.

    python onnx_models.py DIR    writes the node cases into DIR and prints the path of every model, one a line
"""

import sys
import warnings
from pathlib import Path

import onnx
from onnx.backend.test.case.node import collect_testcases

warnings.filterwarnings("ignore")


def main():
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    for shipped in sorted(Path(onnx.__file__).parent.rglob("*.onnx")):
        print(shipped)
    for case in collect_testcases(None):
        path = target / f"{case.name}.onnx"
        path.write_bytes(case.model.SerializeToString())
        print(path)


main()
