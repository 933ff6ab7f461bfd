"""Rows that the tests of calibration share."""

import numpy as np


def golden_rows():
    """Give rows made by a formula, the same on every machine: overconfident."""
    i = np.arange(3000)
    p = ((i * 0.6180339887498949) % 1) ** 2
    u = (i * 0.7548776662466927) % 1
    return (u < 0.5 + 0.7 * (p - 0.5)).astype(int), p


def golden_classes():
    i = np.arange(3000)
    p = golden_rows()[1]
    true = np.column_stack([p * 0.6, (1 - p) * 0.7, 1 - p * 0.6 - (1 - p) * 0.7])
    u = (i * 0.7548776662466927) % 1
    label = (u[:, None] > np.cumsum(true, axis=1)).sum(axis=1)
    return label, true**2 / (true**2).sum(axis=1, keepdims=True)


def random_rows(n=2000, seed=0, factor=1.5):
    rng = np.random.default_rng(seed)
    logit = rng.normal(size=n)
    y = (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(int)
    return y, 1 / (1 + np.exp(-factor * logit))
