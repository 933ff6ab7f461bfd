"""Two groups, one difference: intervals and chances from counts and sums."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, ndtr, stdtr, stdtrit

__all__ = ["difference_interval", "equal_shares_chance", "t_half", "wald_chance"]

FloatArray = npt.NDArray[np.float64]


def difference_interval(
    one: tuple[Any, Any, Any], two: tuple[Any, Any, Any]
) -> tuple[FloatArray, FloatArray]:
    """Join two intervals (value, low, high) into one of the difference.

    Newcombe's square-and-add: with Wilson's intervals of two shares his method
    10; it holds for any two independent quantities with intervals of their own.
    """
    (a, a_low, a_high), (b, b_low, b_high) = (map(np.asarray, x) for x in (one, two))
    gap = np.asarray(a - b, dtype=np.float64)
    low = gap - np.hypot(a - a_low, b_high - b)
    return low, gap + np.hypot(a_high - a, b - b_low)


def equal_shares_chance(hits: Any, n: Any, hits2: Any, n2: Any) -> FloatArray:
    """Give the exact chance that two groups with one share differ as much.

    Fisher's exact test, the smaller tail doubled, for many pairs of groups at
    once; effective counts that are no whole numbers are allowed. The tail is
    summed away from the middle, where each term is smaller than the one before.
    """
    k, n, k2, n2 = np.broadcast_arrays(
        *(np.asarray(x, dtype=np.float64) for x in (hits, n, hits2, n2))
    )
    known = (n > 0) & (n2 > 0)
    result = np.full(k.shape, np.nan)
    k, n, k2, n2 = (x[known] for x in (k, n, k2, n2))
    fewer = k * n2 < k2 * n
    k, k2 = np.where(fewer, n - k, k), np.where(fewer, n2 - k2, k2)
    total, rest, successes = n + n2, n2 - k2, k + k2
    with np.errstate(invalid="ignore", divide="ignore"):
        term = np.exp(
            _log_choose(successes, k)
            + _log_choose(total - successes, n - k)
            - _log_choose(total, n)
        )
        tail, at = term.copy(), 0.0
        while (term > 1e-16 * tail).any():
            left = np.maximum(successes - k - at, 0.0)
            up = left * np.maximum(n - k - at, 0.0)
            term = term * up / ((k + at + 1) * (rest + at + 1))
            tail, at = tail + term, at + 1
    result[known] = np.minimum(1.0, 2 * tail)
    return result


def _log_choose(n: FloatArray, k: FloatArray) -> FloatArray:
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))


def t_half(df: Any, confidence: float) -> FloatArray:
    """Give the half width of a t interval in standard errors, NaN without df."""
    df = np.asarray(df, dtype=np.float64)
    wide = np.asarray(stdtrit(np.maximum(df, 1e-9), (1 + confidence) / 2))
    return np.where(df > 0, wide, np.nan)


def wald_chance(gap: Any, own: Any, null: Any, df: Any) -> FloatArray:
    """Give the larger of two chances of a gap: by its own and by the null spread.

    A small group with equal values has no spread of its own; one that differs
    in spread has another than all rows have.
    """
    size = np.abs(np.asarray(gap, dtype=np.float64))
    df = np.asarray(df, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        t, z = size / own, size / null
        t, z = np.where(size == 0, 0.0, t), np.where(size == 0, 0.0, z)
        chance = np.maximum(2 * stdtr(np.maximum(df, 1e-9), -t), 2 * ndtr(-z))
    return np.where((df > 0) & np.isfinite(size), np.minimum(chance, 1.0), np.nan)
