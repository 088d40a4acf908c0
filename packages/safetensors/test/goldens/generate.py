"""Writes reference.safetensors with the reference implementation, and half.json with numpy's conversions.

Versions: see reference.json, written beside. Run: python generate.py
"""
import json, pathlib, platform
import numpy as np, safetensors
from safetensors.numpy import save_file

here = pathlib.Path(__file__).parent
tensors = {
    "b.float32": np.arange(6, dtype=np.float32).reshape(2, 3) / 4,
    "a.float32": np.array(-1.5, dtype=np.float32),
    "float64": np.array([1e300, -0.0], dtype=np.float64),
    "float16": np.array([0.1, -2.5, 65504, 6e-8], dtype=np.float16),
    "int64": np.array([-(2**62), 7], dtype=np.int64),
    "int32": np.array([[-5], [6]], dtype=np.int32),
    "int16": np.array([-300], dtype=np.int16),
    "int8": np.array([-3, 4, 5], dtype=np.int8),
    "uint8": np.array([250], dtype=np.uint8),
    "bool": np.array([True, False, True]),
    "empty": np.zeros((0, 4), dtype=np.float32),
    "0": np.array([1, 2], dtype=np.uint16),
}
save_file(tensors, here / "reference.safetensors", metadata={"format": "pt"})
edge = [0.0, 1.0, -1.0, 0.1, 65504.0, 65519.9, 65520.0, 1e9, 6.1e-5, 5.96e-8, 2.98e-8, 2.99e-8, 1e-10, -3.3e-6, 2049.0, 2051.0, 1 / 3]
f32 = np.concatenate([np.array(edge, dtype=np.float32), np.random.default_rng(3).normal(size=40).astype(np.float32) * 1e-3])
with np.errstate(over="ignore"):
    f16 = f32.astype(np.float16)
out = {
    "versions": {"python": platform.python_version(), "numpy": np.__version__, "safetensors": safetensors.__version__},
    "float32": [int(x) for x in f32.view(np.uint32)],
    "float16": [int(x) for x in f16.view(np.uint16)],
    "widened": [int(x) for x in f16.astype(np.float32).view(np.uint32)],
}
(here / "reference.json").write_text(json.dumps(out) + "\n")
