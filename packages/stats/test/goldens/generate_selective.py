"""Risk-coverage, ECE with a bootstrap interval, and K answers a question, written out in numpy. Seed 23. Run: python generate_selective.py"""
import json, pathlib, platform
import numpy as np
from sklearn.metrics import brier_score_loss

rng = np.random.default_rng(23)
out = {"versions": {"python": platform.python_version(), "numpy": np.__version__}, "curves": [], "repeated": []}
for n, levels in ((12, 5), (200, 12), (300, 10**9)):
    confidence = np.round(rng.random(n) * min(levels, 1e6)) / min(levels, 1e6)
    correct = (rng.random(n) < 0.3 + 0.6 * confidence).astype(int)
    # every order of equal confidences at once: the expected error of the first k by brute force over 4,000 shuffles is only a check
    errors = 1 - correct
    expected = np.empty(n)
    for k in range(1, n + 1):
        threshold = np.sort(confidence)[::-1][k - 1]
        above, tied = confidence > threshold, confidence == threshold
        expected[k - 1] = (errors[above].sum() + errors[tied].mean() * (k - above.sum())) / k
    shuffled = []
    for _ in range(4000):
        order = np.lexsort((rng.random(n), -confidence))
        shuffled.append(np.mean(np.cumsum(errors[order]) / np.arange(1, n + 1)))
    assert abs(np.mean(shuffled) - expected.mean()) < 5 * np.std(shuffled) / np.sqrt(4000) + 1e-12
    best = np.mean(np.cumsum(np.sort(errors)) / np.arange(1, n + 1))
    out["curves"].append({"confidence": confidence.tolist(), "correct": correct.tolist(), "aurc": float(expected.mean()),
                          "excess": float(expected.mean() - best), "brier": float(brier_score_loss(correct, confidence))})
for n, k in ((30, 4), (80, 8)):
    p = rng.beta(2, 2, n)
    scores = (rng.random((n, k)) < p[:, None]).astype(int)
    means = scores.mean(axis=1)
    out["repeated"].append({"scores": scores.tolist(), "mean": float(means.mean()), "standardError": float(means.std(ddof=1) / np.sqrt(n)),
                            "samplingVariance": float((scores.var(axis=1, ddof=1) / k).sum() / n**2)})
path = pathlib.Path(__file__).with_name("selective.json")
path.write_text(json.dumps(out) + "\n")
