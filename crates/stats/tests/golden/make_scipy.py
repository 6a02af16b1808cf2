"""Writes scipy.json, the values that tests/scipy.rs holds this crate to.

    pip install scipy numpy && python make_scipy.py > scipy.json

Fixed seeds; the versions that made the file are in it.
"""

import itertools
import json
import sys

import numpy as np
import scipy
from scipy import stats

rng = np.random.default_rng(20261126)


def tied_p(a, b):
    """Two-sided permutation p-value of U, by every way to deal the pooled values."""
    pooled = np.concatenate([a, b])
    ranks = stats.rankdata(pooled)
    seen = ranks[: len(a)].sum()
    sums = np.array(
        [ranks[list(c)].sum() for c in itertools.combinations(range(len(pooled)), len(a))]
    )
    return float(min(1.0, 2 * min((sums <= seen).mean(), (sums >= seen).mean())))


def mann_whitney():
    cases = []
    for n, m in [(1, 1), (4, 4), (5, 9), (10, 10), (23, 8), (50, 50)]:
        a, b = rng.lognormal(0, 0.3, n), rng.lognormal(0.1, 0.3, m)
        r = stats.mannwhitneyu(a, b, method="exact")
        cases.append((a, b, r.statistic, r.pvalue))
    for n, m in [(51, 40), (80, 120), (200, 60)]:
        a, b = rng.lognormal(0, 0.3, n), rng.lognormal(0.05, 0.3, m)
        r = stats.mannwhitneyu(a, b, method="asymptotic")
        cases.append((a, b, r.statistic, r.pvalue))
    # With ties: normal above 50 a side, by enumeration below.
    a, b = rng.integers(0, 20, 70) + 1.0, rng.integers(3, 23, 90) + 1.0
    r = stats.mannwhitneyu(a, b, method="asymptotic")
    cases.append((a, b, r.statistic, r.pvalue))
    for n, m in [(4, 4), (6, 7), (8, 8), (3, 9)]:
        a, b = rng.integers(0, 5, n) + 1.0, rng.integers(1, 6, m) + 1.0
        r = stats.mannwhitneyu(a, b)
        cases.append((a, b, r.statistic, tied_p(a, b)))
    return [
        {"a": list(a), "b": list(b), "u": float(u), "p": float(p)} for a, b, u, p in cases
    ]


def u_cumulative(n, m):
    """P(U <= u) without ties, by counting in whole numbers."""
    counts = [1]
    for i in range(1, n + 1):
        # Gaussian binomial coefficient: times (1 - q^(m+i)), over (1 - q^i).
        counts = counts + [0] * (m + i)
        for u in range(len(counts) - 1, m + i - 1, -1):
            counts[u] -= counts[u - m - i]
        for u in range(i, len(counts)):
            counts[u] += counts[u - i]
    counts = counts[: n * m + 1]
    total = sum(counts)
    return [sum(counts[: u + 1]) / total for u in range(n * m + 1)]


def ratios():
    cases = []
    for n, m, level in [(4, 4, 0.95), (6, 6, 0.95), (10, 10, 0.99), (7, 15, 0.9), (20, 20, 0.999)]:
        a, b = rng.lognormal(0, 0.05, n), rng.lognormal(0.02, 0.05, m)
        differences = np.sort(np.subtract.outer(np.log(a), np.log(b)).ravel())
        outside = [2 * p for p in u_cumulative(n, m)]
        dropped = max(u for u, p in enumerate(outside) if p <= 1 - level)
        cases.append(
            {
                "a": list(a),
                "b": list(b),
                "confidence": level,
                "estimate": float(np.median(differences)),
                "low": float(differences[dropped]),
                "high": float(differences[-1 - dropped]),
                "achieved": 1 - outside[dropped],
            }
        )
    return cases


def families():
    cases = []
    for n in [1, 4, 30]:
        p = rng.uniform(0, 1, n) ** 3
        order = np.argsort(p)
        holm = np.empty(n)
        holm[order] = np.minimum(1, np.maximum.accumulate(p[order] * np.arange(n, 0, -1)))
        bh = stats.false_discovery_control(p, method="bh")
        cases.append({"p": list(p), "holm": list(holm), "bh": list(bh)})
    return cases


def trends():
    cases = []
    for n in [12, 25, 60]:
        t = np.sort(rng.uniform(0, 10, n))
        x = np.round(0.05 * t + rng.normal(0, 0.3, n), 1)
        slope = stats.theilslopes(x, t).slope
        s = sum(
            int(np.sign(x[j] - x[i])) for i in range(n) for j in range(i + 1, n)
        )
        # Mann and Kendall's variance with ties, and the correction for continuity.
        ties = np.unique(x, return_counts=True)[1]
        var = (n * (n - 1) * (2 * n + 5) - sum(k * (k - 1) * (2 * k + 5) for k in ties)) / 18
        p = 1.0 if s == 0 else 2 * stats.norm.sf((abs(s) - 1) / np.sqrt(var))
        cases.append(
            {"t": list(t), "x": list(x), "s": s, "p": float(min(1, p)), "slope": float(slope)}
        )
    return cases


def medians():
    cases = []
    for n, level in [(6, 0.95), (10, 0.95), (21, 0.99), (200, 0.95)]:
        x = np.sort(rng.normal(100, 5, n))
        r = stats.quantile_test(x, q=np.median(x), p=0.5)
        ci = r.confidence_interval(confidence_level=level)
        cases.append(
            {"x": list(x), "confidence": level, "low": float(ci.low), "high": float(ci.high)}
        )
    return cases


def fences():
    x = np.round(np.concatenate([rng.normal(100, 1, 20), [104.5, 130.0, 80.0]]), 3)
    q1, q3 = np.quantile(x, [0.25, 0.75])
    out = []
    for v in x:
        d = max(q1 - v, v - q3) / (q3 - q1)
        out.append("severe" if d > 3 else "mild" if d > 1.5 else None)
    return [{"x": list(x), "outliers": out}]


json.dump(
    {
        "made_with": f"scipy {scipy.__version__}, numpy {np.__version__}",
        "mann_whitney": mann_whitney(),
        "ratio": ratios(),
        "family": families(),
        "trend": trends(),
        "median": medians(),
        "tukey": fences(),
    },
    sys.stdout,
    indent=1,
)
print()
