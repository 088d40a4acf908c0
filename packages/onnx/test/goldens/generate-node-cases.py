"""Node cases of the ONNX backend tests, for the ops of our builder.

python generate-node-cases.py            writes node-cases.json: at most three small cases an op, and cases of
                                         com.microsoft ops and SimplifiedLayerNormalization run by ONNX Runtime
python generate-node-cases.py --all DIR  writes every case of these ops as `backend-test-tools` lays them out

Needs onnx (its backend tests need numpy) and, without --all, onnxruntime. Seed 0 for our own cases.
"""

import base64
import json
import pathlib
import sys

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnx.backend.test.case import node as node_cases

HERE = pathlib.Path(__file__).parent
NUMBERS = {"float32", "float64", "int32", "int64", "bool"}
MOST_BYTES = 6000


def our_ops():
    text = (HERE / "../../src/op-names.ts").read_text()
    return json.loads(text[text.index("= [") + 2 : text.index("] as const")].rstrip(", \n") + "]")


def tensors(values, infos):
    for value, info in zip(values, infos):
        if info.type.HasField("tensor_type"):
            yield value if isinstance(value, onnx.TensorProto) else numpy_helper.from_array(value, info.name)


def write_all(folder, ops):
    for case in node_cases.collect_testcases(None):
        if not all(node.op_type in ops for node in case.model.graph.node):
            continue
        for number, (inputs, outputs) in enumerate(case.data_sets):
            data = folder / case.name / f"test_data_set_{number}"
            data.mkdir(parents=True, exist_ok=True)
            for kind, values, infos in (("input", inputs, case.model.graph.input), ("output", outputs, case.model.graph.output)):
                for index, tensor in enumerate(tensors(values, infos)):
                    (data / f"{kind}_{index}.pb").write_bytes(tensor.SerializeToString())
        (folder / case.name / "model.onnx").write_bytes(case.model.SerializeToString())


def pack(name, source, model, inputs, outputs):
    encode = lambda message: base64.b64encode(message.SerializeToString()).decode()
    return {
        "name": name,
        "source": source,
        "model": encode(model),
        "inputs": [encode(tensor) for tensor in inputs],
        "outputs": [encode(tensor) for tensor in outputs],
    }


def published(ops):
    counts = dict.fromkeys(ops, 0)
    for case in sorted(node_cases.collect_testcases(None), key=lambda case: case.name):
        nodes = case.model.graph.node
        if len(nodes) != 1 or nodes[0].op_type not in ops or nodes[0].domain or len(case.data_sets) != 1:
            continue
        version = case.model.opset_import[0].version
        current = onnx.defs.has(nodes[0].op_type, 21, "") and onnx.defs.get_schema(nodes[0].op_type, 21).since_version
        if not current or version < current or counts[nodes[0].op_type] == 3:
            continue
        if not all(info.type.HasField("tensor_type") for info in [*case.model.graph.input, *case.model.graph.output]):
            continue
        inputs, outputs = ([*tensors(v, i)] for v, i in zip(case.data_sets[0], (case.model.graph.input, case.model.graph.output)))
        names = {helper.tensor_dtype_to_np_dtype(tensor.data_type).name for tensor in inputs + outputs}
        size = sum(tensor.ByteSize() for tensor in inputs + outputs)
        if names - NUMBERS or size > MOST_BYTES or nodes[0].op_type == "RotaryEmbedding":
            continue
        counts[nodes[0].op_type] += 1
        yield pack(case.name, f"onnx {onnx.__version__}", case.model, inputs, outputs)


def run(name, op, domain, arrays, outputs, **attributes):
    import onnxruntime

    names = [f"x{index}" for index in range(len(arrays))]
    node = helper.make_node(op, names, [f"y{index}" for index in range(outputs)], domain=domain, **attributes)
    info = lambda name, array: helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
    graph = helper.make_graph(
        [node],
        name,
        [info(n, a) for n, a in zip(names, arrays)],
        [helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, None) for n in node.output],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)], ir_version=10)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    results = session.run(None, dict(zip(names, arrays)))
    source = f"onnxruntime {onnxruntime.__version__}, onnx {onnx.__version__}"
    return pack(name, source, model, [numpy_helper.from_array(a, n) for a, n in zip(arrays, names)], [numpy_helper.from_array(np.asarray(r), n) for r, n in zip(results, node.output)])


def ours():
    rng = np.random.default_rng(0)
    draw = lambda *shape: rng.standard_normal(shape).astype(np.float32)
    microsoft = "com.microsoft"
    yield run("fused_matmul_alpha", "FusedMatMul", microsoft, [draw(2, 3), draw(3, 4)], 1, alpha=0.5)
    yield run("fused_matmul_trans_a", "FusedMatMul", microsoft, [draw(2, 3, 2), draw(2, 3, 4)], 1, transA=1)
    yield run("fused_matmul_trans_b", "FusedMatMul", microsoft, [draw(2, 2, 3), draw(4, 3)], 1, transB=1, alpha=2.0)
    yield run("fused_matmul_trans_both", "FusedMatMul", microsoft, [draw(3, 2), draw(4, 3)], 1, transA=1, transB=1)
    yield run("fused_matmul_trans_batch_a", "FusedMatMul", microsoft, [draw(4, 2, 3), draw(2, 3, 5)], 1, transBatchA=1)
    yield run("fused_matmul_trans_batch_b", "FusedMatMul", microsoft, [draw(2, 4, 3), draw(5, 2, 3)], 1, transBatchB=1, transB=1)
    yield run("erf", "Erf", "", [np.linspace(-4, 4, 41, dtype=np.float32)], 1)
    angles = draw(7, 3)
    rows = np.array([[0, 2, 6, 1], [3, 3, 4, 5]])
    yield run("rotary", "RotaryEmbedding", microsoft, [draw(2, 3, 4, 6), rows, np.cos(angles), np.sin(angles)], 1, interleaved=0)
    for outputs in (1, 2):
        yield run(f"rms_norm_{outputs}", "SimplifiedLayerNormalization", "", [draw(2, 3, 5), draw(5)], outputs, axis=-1, epsilon=1e-3, stash_type=1)
    for alpha in (1.0, 1.702):
        yield run(f"quick_gelu_{alpha}", "QuickGelu", microsoft, [np.linspace(-5, 5, 21, dtype=np.float32)], 1, alpha=alpha)
    codes, scales = rng.integers(0, 256, 4 * 32 // 2, dtype=np.uint8), rng.uniform(0.5, 2, 4 * 32 // 16).astype(np.float32)
    yield run("matmul_nf4", "MatMulBnb4", microsoft, [draw(3, 32), codes, scales], 1, K=32, N=4, block_size=16, quant_type=1)
    codes, scales = rng.integers(0, 256, (4, 2, 32), dtype=np.uint8), rng.uniform(0.005, 0.02, (4, 2)).astype(np.float32)
    yield run("matmul_int8", "MatMulNBits", microsoft, [draw(3, 64), codes, scales], 1, K=64, N=4, bits=8, block_size=32)


def main():
    if sys.argv[1:2] == ["--all"]:
        write_all(pathlib.Path(sys.argv[2]), set(our_ops()))
        return
    cases = [*published(our_ops()), *ours()]
    (HERE / "node-cases.json").write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
    print(len(cases), "cases")


main()
