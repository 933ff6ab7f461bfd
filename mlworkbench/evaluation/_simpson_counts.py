"""Two treatments compared all together, within strata, and standardised."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from mlworkbench._stats import wilson_interval
from mlworkbench.evaluation._differences import difference_interval, t_half

__all__ = ["Comparison", "Sums", "compare", "count"]

FloatArray = npt.NDArray[np.float64]


class Sums(NamedTuple):
    """State per stratum and treatment, each of shape (strata, treatments)."""

    mass: FloatArray
    mass2: FloatArray
    total: FloatArray
    square: FloatArray


class Comparison(NamedTuple):
    """What comparing one treatment with the reference gave.

    Each of `values` and so on has the treatment first, the reference second.
    """

    kept: npt.NDArray[np.bool_]
    share: FloatArray
    mass: FloatArray
    values: FloatArray
    gap: FloatArray
    gap_low: FloatArray
    gap_high: FloatArray
    crude: tuple[float, float, float, float, float]
    crude_kept: float
    standardized: tuple[float, float, float, float, float]
    opposite: float
    p_value: float
    kind: str


def count(
    codes: npt.NDArray[np.int64],
    treatment: npt.NDArray[np.int64],
    shape: tuple[int, int],
    outcome: FloatArray,
    weights: FloatArray,
) -> Sums:
    """Add up what the comparison needs, in O(n)."""
    cell = codes * shape[1] + treatment
    parts = (weights, weights**2, weights * outcome, weights * outcome**2)
    return Sums(
        *(
            np.bincount(cell, part, shape[0] * shape[1]).astype(float).reshape(shape)
            for part in parts
        )
    )


def compare(
    sums: Sums, pair: tuple[int, int], binary: bool, middle: float, confidence: float
) -> Comparison:
    """Compare treatment pair[0] with pair[1].

    `middle` was taken off the outcome before it was added up.
    """
    part = Sums(*(x[:, list(pair)] for x in sums))
    kept = np.asarray((part.mass > 0).all(axis=1))
    pooled = Sums(*(x.sum(axis=0, keepdims=True) for x in part))
    _, crude_gap, crude_se = _gaps(pooled, binary, middle, confidence)
    crude = _row(pooled, binary, middle, confidence)
    values, gap, _ = _gaps(part, binary, middle, confidence)
    low, high = _intervals(part, binary, middle, confidence)
    mass = part.mass.sum(axis=1)
    share = np.where(kept, mass, 0.0)
    nothing = not kept.any()
    share = share / (1.0 if nothing else share.sum())
    spread = _variance(part, binary, middle)
    known = np.where(kept[:, None], values, 0.0)
    one, two = (share @ known).tolist()
    se = float(
        np.sqrt((share[:, None] ** 2 * np.where(kept[:, None], spread, 0)).sum())
    )
    half = float(ndtri((1 + confidence) / 2)) * se
    even = float(_snap(np.array(one - two), part))
    limit = 1.0 if binary else float("inf")
    ends = max(even - half, -limit), min(even + half, limit)
    standardized = (one, two, even, *ends)
    left = Sums(*(x[kept].sum(axis=0, keepdims=True) for x in part))
    crude_kept = float(_gaps(left, binary, middle, confidence)[1][0])
    side = np.where(kept, np.sign(np.where(kept, gap, 0.0)), 0.0) * np.sign(crude_kept)
    opposite = float(share[side < 0].sum())
    if nothing:
        standardized = (float("nan"),) * 5
    kind = _kind(side[kept], standardized[2] * crude_kept, opposite)
    toward = np.sign(crude_gap[0])
    with np.errstate(invalid="ignore", divide="ignore"):
        chances = [
            ndtr(-toward * crude_gap[0] / crude_se[0]),
            ndtr(toward * np.float64(standardized[2]) / se),
        ]
    return Comparison(
        *(kept, share, part.mass, values, gap, low, high, crude, crude_kept),
        *(standardized, opposite, float(np.max(chances)), kind),
    )


def _kind(side: FloatArray, product: float, opposite: float) -> str:
    if not len(side):
        return "no overlap"
    if (side <= 0).all() and (side < 0).any():
        return "reversal"
    if product < 0 or opposite > 0.5:
        return "near-reversal"
    return "no reversal"


def _row(
    sums: Sums, binary: bool, middle: float, confidence: float
) -> tuple[float, float, float, float, float]:
    values, gap, _ = _gaps(sums, binary, middle, confidence)
    low, high = _intervals(sums, binary, middle, confidence)
    one, two = values[0].tolist()
    return one, two, float(gap[0]), float(low[0]), float(high[0])


def _gaps(
    sums: Sums, binary: bool, middle: float, confidence: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    mean = _means(sums)
    se = np.sqrt(_variance(sums, binary, middle).sum(axis=1))
    return mean + middle, _snap(mean[:, 0] - mean[:, 1], sums), se


def _snap(gap: FloatArray, sums: Sums) -> FloatArray:
    """Make differences 0 that are rounding only: equal rates have no sign."""
    noise = gap**2 * sums.mass.sum() <= 1e-24 * sums.square.sum()
    return np.where(noise, 0.0, gap)


def _means(sums: Sums) -> FloatArray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(sums.mass > 0, sums.total / sums.mass, np.nan)


def _sizes(sums: Sums) -> FloatArray:
    """Give Kish's effective sizes: the numbers of rows where weights are equal."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(sums.mass > 0, sums.mass**2 / sums.mass2, 0.0)


def _variance(sums: Sums, binary: bool, middle: float) -> FloatArray:
    """Give the variance of each mean.

    A share of k in n is taken at (k + 1/2) / (n + 1), so that 0 of 5 is not
    certain; a mean of one row takes the spread within the other strata.
    """
    n, mean = _sizes(sums), _means(sums)
    with np.errstate(invalid="ignore", divide="ignore"):
        if binary:
            share = ((mean + middle) * n + 0.5) / (n + 1)
            return np.asarray(share * (1 - share) / n)
        within = np.maximum(sums.square / sums.mass - mean**2, 0.0)
        several = n > 1
        degrees = np.where(several, n - 1, 0.0)
        pooled = np.where(several, within * n, 0.0).sum(axis=0) / degrees.sum(axis=0)
        return np.where(several, within / (n - 1), pooled / n)


def _intervals(
    sums: Sums, binary: bool, middle: float, confidence: float
) -> tuple[FloatArray, FloatArray]:
    n, mean = _sizes(sums), _means(sums)
    values = mean + middle
    if binary:
        share = np.where(n > 0, values, 0.0).clip(0, 1)
        low, high = wilson_interval(share * n, n, confidence)
        low, high = np.minimum(low, values), np.maximum(high, values)
    else:
        with np.errstate(invalid="ignore", divide="ignore"):
            within = np.maximum(sums.square / sums.mass - mean**2, 0.0)
            half = t_half(n - 1, confidence) * np.sqrt(within / (n - 1))
        low, high = values - half, values + half
    ends = ((values[:, i], low[:, i], high[:, i]) for i in range(2))
    return difference_interval(*ends)
