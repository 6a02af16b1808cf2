#!/usr/bin/env python3
"""Makes the golden values beside this file with SciPy and mpmath.

    pip install scipy mpmath && python3 make.py

poisson.csv: observed,expected,p_low,p_high, summed term by term in mpmath at 50
  digits. SciPy's poisson.sf is wrong in the upper tails of large means (1.17.1:
  by 3 % at 10015811 of 1e7, by 72 % at 1000158114 of 1e9, five standard
  deviations out), so it cross-checks the rest only.
binomial.csv: n,k,coverage of [x(k), x(n+1-k)] from scipy.stats.binom.
trend.csv: s,p_value,slope,then t and x of every point. S and its tie-corrected,
  continuity-corrected normal p-value are the formula of pymannkendall's
  original_test, written out below; the slope is scipy.stats.theilslopes.
"""
import csv
import math
import os
import random

from mpmath import exp, log, loggamma, mp, mpf
from scipy import stats

mp.dps = 50

HERE = os.path.dirname(os.path.abspath(__file__))


def write(name, rows):
    with open(os.path.join(HERE, name), "w", newline="") as f:
        writer = csv.writer(f, lineterminator="\n")
        writer.writerow(["# made by make.py"])
        writer.writerows(rows)


def tails(k, mean):
    """P(X <= k) and P(X >= k), the one away from the mean summed."""
    mean = mpf(mean)
    at = exp(k * log(mean) - mean - loggamma(k + 1))
    term = total = mpf(1)
    i = k
    if k < mean:
        while i > 0 and term > total * mpf(10) ** -25:
            term *= i / mean
            total += term
            i -= 1
        return at * total, 1 - at * total + at
    while term > total * mpf(10) ** -25:
        i += 1
        term *= mean / i
        total += term
    return 1 - at * total + at, at * total


def poisson():
    rows = []
    for mean in [1e-9, 1e-3, 0.5, 1.0, 3.7, 15.0, 16.5, 100.0, 500.0, 512.25,
                 1e4, 123456.789, 1e6, 1e7, 1e9]:
        sd = math.sqrt(mean)
        counts = {max(0, round(mean + z * sd)) for z in
                  [-8, -5, -3.3, -2, -1, -0.1, 0, 0.1, 1, 2, 3.3, 5, 8]}
        for k in sorted(counts | {0, 1} if mean < 600 else counts):
            low, high = map(float, tails(k, mean))
            if mean < 1e6 or abs(k - mean) < 4 * sd:
                assert math.isclose(low, stats.poisson.cdf(k, mean), rel_tol=1e-6)
                assert math.isclose(high, stats.poisson.sf(k - 1, mean), rel_tol=1e-6)
            rows.append([k, repr(mean), repr(low), repr(high)])
    write("poisson.csv", rows)


def binomial():
    rows = []
    for n in [6, 7, 8, 10, 12, 15, 20, 30, 50, 100, 1000, 5000]:
        k = 0
        while 1 - 2 * stats.binom.cdf(k, n, 0.5) >= 0.95:
            k += 1
        rows.append([n, k, repr(float(1 - 2 * stats.binom.cdf(k - 1, n, 0.5)))])
    write("binomial.csv", rows)


def mann_kendall(x):
    n = len(x)
    s = sum((x[j] > x[i]) - (x[j] < x[i]) for i in range(n) for j in range(i + 1, n))
    ties = [x.count(v) for v in set(x)]
    var = (n * (n - 1) * (2 * n + 5) - sum(t * (t - 1) * (2 * t + 5) for t in ties)) / 18
    if s == 0 or var == 0:
        return s, 1.0
    return s, float(2 * stats.norm.sf((abs(s) - 1) / math.sqrt(var)))


def trend():
    rng = random.Random(20)
    rows = []
    for n in [4, 6, 10, 25, 60]:
        for drift in [0.0, 0.01, -0.3]:
            for digits in [0, 1, 9]:
                t = [i + 0.5 * rng.random() for i in range(n)]
                x = [round(50 + drift * i + rng.gauss(0, 1), digits) for i in range(n)]
                s, p = mann_kendall(x)
                slope = float(stats.theilslopes(x, t).slope)
                points = [repr(v) for pair in zip(t, x) for v in pair]
                rows.append([s, repr(p), repr(slope)] + points)
    write("trend.csv", rows)


poisson()
binomial()
trend()
