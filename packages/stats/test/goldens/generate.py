"""Reference values from SciPy, statsmodels, scikit-learn and krippendorff. Seed 11; versions are in reference.json. Run: python generate.py"""
import json, pathlib, platform
import krippendorff, numpy as np, scipy, sklearn, statsmodels, statsmodels.api as sm
from importlib.metadata import version
from scipy import stats
from sklearn.metrics import cohen_kappa_score, roc_auc_score
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

rng = np.random.default_rng(11)
out = {"versions": {"python": platform.python_version(), **{name: version(name) for name in ("numpy", "scipy", "statsmodels", "scikit-learn", "krippendorff")}}}
cases = [(0, 10), (10, 10), (1, 3), (7, 20), (150, 286), (390, 624), (6719, 6719), (3, 2000)]
out["wilson"] = [[k, n, level, *map(float, proportion_confint(k, n, 1 - level, "wilson"))] for k, n in cases for level in (0.95, 0.8)]
out["clopperPearson"] = [[k, n, level, *map(float, proportion_confint(k, n, 1 - level, "beta"))] for k, n in cases for level in (0.95, 0.8)]
probabilities = [1e-10, 1e-4, 0.025, 0.3, 0.5, 0.8, 0.975, 0.9999]
out["normalQuantile"] = [[p, float(stats.norm.ppf(p))] for p in probabilities]
out["normalCdf"] = [[z, float(stats.norm.cdf(z))] for z in (-8, -3.6, -3.5, -1, 0, 0.3, 2, 3.6, 6)]
out["studentQuantile"] = [[p, df, float(stats.t.ppf(p, df))] for p in (0.001, 0.3, 0.975) for df in (1, 2, 7.5, 95, 2000)]
out["binomialCdf"] = [[k, n, p, float(stats.binom.cdf(k, n, p))] for k, n, p in ((0, 5, 0.5), (17, 85, 0.5), (26, 65, 0.5), (480, 1000, 0.5), (3, 40, 0.1))]
out["mcnemar"] = [[b, c, float(mcnemar([[0, b], [c, 0]], exact=True).pvalue)] for b, c in ((17, 68), (26, 39), (5, 5), (0, 1), (0, 8), (400, 460))]
ps = [0.01, 0.04, 0.03, 0.005, 0.8, 0.04]
out["holm"] = [ps, [float(p) for p in multipletests(ps, method="holm")[1]]]

clusters = np.repeat(np.arange(40), rng.integers(1, 9, 40))
scores = (rng.random(len(clusters)) < np.clip(0.5 + 0.3 * rng.normal(size=40)[clusters], 0, 1)).astype(int)
fit = sm.OLS(scores, np.ones(len(scores))).fit(cov_type="cluster", cov_kwds={"groups": clusters}, use_t=True)
low, high = fit.conf_int()[0]
out["clustered"] = {"scores": scores.tolist(), "clusters": clusters.tolist(), "standardError": float(fit.bse[0]), "low": float(low), "high": float(high)}
x = rng.normal(3, 2, 25).round(3)
out["mean"] = {"values": x.tolist(), "interval": [float(v) for v in stats.t.interval(0.95, len(x) - 1, x.mean(), stats.sem(x))]}

labels = (rng.random(80) < 0.4).astype(int)
quality = (labels + rng.normal(size=80)).round(1)
v10 = [(np.sum(quality[labels == 0] < q) + 0.5 * np.sum(quality[labels == 0] == q)) / np.sum(labels == 0) for q in quality[labels == 1]]
v01 = [(np.sum(quality[labels == 1] > q) + 0.5 * np.sum(quality[labels == 1] == q)) / np.sum(labels == 1) for q in quality[labels == 0]]
auc = roc_auc_score(labels, quality)
se = np.sqrt(np.var(v10, ddof=1) / len(v10) + np.var(v01, ddof=1) / len(v01))  # DeLong, written out
logit = np.log(auc / (1 - auc)) + np.array([-1, 1]) * stats.norm.ppf(0.975) * se / (auc * (1 - auc))
out["auroc"] = {"scores": quality.tolist(), "labels": labels.tolist(), "value": float(auc), "interval": (1 / (1 + np.exp(-logit))).tolist()}

a = rng.integers(0, 3, 60)
b = np.where(rng.random(60) < 0.6, a, rng.integers(0, 3, 60))
table = np.zeros((3, 3))
np.add.at(table, (a, b), 1)
out["kappa"] = {"a": a.tolist(), "b": b.tolist()}
for name, weights in (("none", None), ("linear", "linear"), ("quadratic", "quadratic")):
    result = cohens_kappa(table, wt=weights)
    assert abs(result.kappa - cohen_kappa_score(a, b, weights=weights)) < 1e-12
    out["kappa"][name] = [float(result.kappa), float(result.std_kappa)]
ratings = rng.integers(0, 4, (30, 1)) + rng.integers(-1, 2, (30, 3)) * (rng.random((30, 3)) < 0.4)
masked = np.where(rng.random(ratings.shape) < 0.2, np.nan, ratings)
out["alpha"] = {"ratings": [[None if np.isnan(v) else int(v) for v in row] for row in masked]}
for metric in ("nominal", "ordinal", "interval"):
    out["alpha"][metric] = float(krippendorff.alpha(masked.T, level_of_measurement=metric))

pairs = rng.random((200, 2)) < (0.5, 0.6)
boot = stats.bootstrap(((pairs[:, 1].astype(float) - pairs[:, 0]),), np.mean, n_resamples=40000, method="BCa", random_state=1)
out["bca"] = {"a": pairs[:, 0].astype(int).tolist(), "b": pairs[:, 1].astype(int).tolist(), "interval": [float(boot.confidence_interval.low), float(boot.confidence_interval.high)]}

def xoshiro128starstar(s, count):  # Blackman & Vigna, prng.di.unimi.it/xoshiro128starstar.c
    mask, rotl, found = 0xFFFFFFFF, lambda x, k: ((x << k) | (x >> (32 - k))) & 0xFFFFFFFF, []
    for _ in range(count):
        found.append(rotl((s[1] * 5) & mask, 7) * 9 & mask)
        t = (s[1] << 9) & mask
        s[2] ^= s[0]; s[3] ^= s[1]; s[1] ^= s[2]; s[0] ^= s[3]; s[2] ^= t; s[3] = rotl(s[3], 11)
    return found


out["xoshiro"] = xoshiro128starstar([1, 2, 3, 4], 20)
(pathlib.Path(__file__).parent / "reference.json").write_text(json.dumps(out) + "\n")
