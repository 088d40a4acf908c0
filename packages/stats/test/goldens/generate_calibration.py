"""Brier score and expected calibration error from scikit-learn. Seed 5; versions are in calibration.json. Run: python generate_calibration.py"""
import json, pathlib, platform
import numpy as np
from importlib.metadata import version
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

rng = np.random.default_rng(5)
out = {"versions": {"python": platform.python_version(), **{name: version(name) for name in ("numpy", "scikit-learn")}}, "cases": []}
for n, bins, power in ((200, 10, 1.0), (600, 15, 3.0), (100, 5, 0.3)):
    p = rng.random(n) ** power  # distinct, and n a multiple of bins: quantile bins are then cut as ours
    y = (rng.random(n) < np.clip(p * 0.8 + 0.1, 0, 1)).astype(int)
    rates, means = calibration_curve(y, p, n_bins=bins, strategy="quantile")
    assert len(rates) == bins
    edges = np.quantile(p, np.linspace(0, 1, bins + 1))
    counts = np.bincount(np.searchsorted(edges[1:-1], p), minlength=bins)
    ece = float(np.sum(counts / n * np.abs(rates - means)))
    out["cases"].append({"probabilities": p.tolist(), "outcomes": y.tolist(), "bins": bins, "brier": float(brier_score_loss(y, p)), "ece": ece, "rates": rates.tolist(), "means": means.tolist()})
pathlib.Path(__file__).with_name("calibration.json").write_text(json.dumps(out) + "\n")
