"""Importance weights in log space, and how heavy their tail is."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlworkbench._validation import (
    FloatArray,
    as_vector,
    check_same_index,
    check_same_length,
)

__all__ = ["finite_values", "log_weights", "normalise", "tail_shape"]


def log_weights(log_target: Any, log_proposal: Any) -> FloatArray:
    """Check both logarithms and give their difference."""
    check_same_index(log_target=log_target, log_proposal=log_proposal)
    target = as_vector(log_target, "log_target").astype(np.float64)
    proposal = as_vector(log_proposal, "log_proposal").astype(np.float64)
    check_same_length(log_target=target, log_proposal=proposal)
    if not len(target):
        raise ValueError("log_target is empty; pass one value per draw")
    for name, vector in (("log_target", target), ("log_proposal", proposal)):
        wrong = np.isnan(vector) | (vector == np.inf)
        if wrong.any():
            row = int(np.argmax(wrong))
            raise ValueError(
                f"{name} is {vector[row]} at row {row}; pass logarithms of densities"
            )
    if np.isneginf(proposal).any():
        row = int(np.argmax(np.isneginf(proposal)))
        raise ValueError(
            f"log_proposal is -inf at row {row}: the proposal cannot have drawn it; "
            "pass the density of the distribution that the draws came from"
        )
    if np.isneginf(target).all():
        raise ValueError(
            "log_target is -inf in every row: the target allows none of the draws; "
            "draw from a proposal that covers the target"
        )
    return np.asarray(target - proposal)


def normalise(log_w: FloatArray) -> tuple[FloatArray, float]:
    """Give weights that sum to 1, and the logarithm of their sum before."""
    largest = float(log_w.max())
    weights = np.exp(log_w - largest)
    total = float(weights.sum())
    return weights / total, largest + float(np.log(total))


def finite_values(values: Any) -> FloatArray:
    """Check the quantity whose mean is wanted."""
    f = as_vector(values, "values").astype(np.float64)
    wrong = ~np.isfinite(f)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(
            f"values is missing or infinite in {int(wrong.sum())} row(s) (first "
            f"{f[row]} at row {row}); drop those draws from all three inputs"
        )
    return f


def tail_shape(weights: FloatArray) -> float:
    """Fit a generalised Pareto distribution to the largest weights; give its k.

    The tail is the largest min(n/5, 3√n) weights, less the next one (Vehtari
    and others 2024). The fit is the posterior mean of Zhang and Stephens
    (2009, Technometrics 51), drawn towards 0.5 as by ten more values. Missing
    where fewer than five weights make the tail: with less than 25 draws, or
    with one to four weights above a lot of equal ones. Minus infinity where the
    tail is flat: many draws share the largest weight.
    """
    ordered = np.sort(weights)
    m = int(min(len(ordered) / 5, 3 * np.sqrt(len(ordered))))
    if m < 5:
        return float("nan")
    x = ordered[-m:] - ordered[-m - 1]
    x = x[x > 0]
    if len(x) < 5:
        return float("nan") if len(x) else float("-inf")
    x = x / x[-1]
    grid = 30 + int(np.sqrt(len(x)))
    steps = 1 - np.sqrt(grid / (np.arange(1, grid + 1) - 0.5))
    rates = 1 + steps / (3 * x[int(len(x) / 4 + 0.5) - 1])
    shapes = np.log1p(-np.outer(rates, x)).mean(axis=1)
    likelihood = len(x) * (np.log(-rates / shapes) - shapes - 1)
    chances = np.exp(likelihood - likelihood.max())
    rate = float(rates @ chances / chances.sum())
    k = float(np.log1p(-rate * x).mean())
    return (len(x) * k + 10 * 0.5) / (len(x) + 10)
