"""Bins of probability: sums per bin, and every calibration error from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mlworkbench._validation import FloatArray

__all__ = [
    "NORMS",
    "STRATEGIES",
    "BinSums",
    "bin_edges",
    "bin_index",
    "bin_sums",
    "error_of",
    "murphy",
    "pool_norms",
]

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.intp]

NORMS = ("l1", "l2", "max")
STRATEGIES = ("uniform", "quantile")

_FEW_EDGES = 60  # up to here comparing with every edge is faster than a search


@dataclass(frozen=True)
class BinSums:
    """What a calibration error needs of each bin, and nothing of the rows.

    Each array has shape (..., n_bins): leading axes are resamples.
    """

    weight: FloatArray
    event: FloatArray
    prob: FloatArray
    squares: FloatArray

    def merge(self, other: BinSums) -> BinSums:
        """Give the sums of both parts of the rows, for the same edges."""
        return BinSums(
            self.weight + other.weight,
            self.event + other.event,
            self.prob + other.prob,
            self.squares + other.squares,
        )


def bin_edges(
    prob: FloatArray, n_bins: int, strategy: str, weight: FloatArray | None = None
) -> FloatArray:
    """Give n_bins + 1 edges; a bin holds what is above one and up to the next.

    Parameters
    ----------
    prob : ndarray of shape (n,)
        Probabilities, in any order.
    n_bins : int
        Number of bins.
    strategy : {"uniform", "quantile"}
        Equal width, or equal mass.
    weight : ndarray of shape (n,), optional
        Positive weights. Whole numbers count as that many rows.

    Returns
    -------
    edges : ndarray of shape (n_bins + 1,)
        Equal ones where a value fills more than a bin: those bins stay empty.
    """
    places = np.linspace(0.0, 1.0, n_bins + 1)
    if strategy == "uniform":
        return places
    if weight is None:
        return np.asarray(np.percentile(prob, places * 100))
    order = np.argsort(prob, kind="stable")
    value, total = prob[order], np.cumsum(weight[order])
    last = len(value) - 1
    if (weight % 1).any():
        # Shares of weight: the smallest value with enough weight up to it.
        wanted = places * total[-1] * (1 - 1e-12)
        return np.asarray(value[np.minimum(np.searchsorted(total, wanted), last)])
    at = places * (total[-1] - 1)  # positions among the repeated rows
    below = np.floor(at)
    left = value[np.minimum(np.searchsorted(total, below, side="right"), last)]
    right = value[np.minimum(np.searchsorted(total, below + 1, side="right"), last)]
    return np.asarray(left + (right - left) * (at - below))


def bin_index(prob: FloatArray, edges: FloatArray) -> npt.NDArray[np.integer]:
    """Give the bin of every probability; a value on an edge goes below it.

    Parameters
    ----------
    prob : ndarray of shape (n,)
        Probabilities.
    edges : ndarray of shape (n_bins + 1,)
        From `bin_edges`.

    Returns
    -------
    index : ndarray of shape (n,), int
        From 0 to n_bins - 1.
    """
    inner = edges[1:-1]
    if len(inner) > _FEW_EDGES:
        return np.searchsorted(inner, prob)
    index = np.zeros(len(prob), dtype=np.int8)
    for edge in inner:
        index += prob > edge
    return index


def bin_sums(
    positive: BoolArray,
    prob: FloatArray,
    edges: FloatArray,
    weight: FloatArray | None = None,
) -> BinSums:
    """Add up the rows of every bin in one pass.

    Parameters
    ----------
    positive : ndarray of shape (n,), bool
        Whether the event happened.
    prob : ndarray of shape (n,)
        Predicted probability.
    edges : ndarray of shape (n_bins + 1,)
        From `bin_edges`.
    weight : ndarray of shape (n,), optional
        Positive weights.

    Returns
    -------
    sums : BinSums
        Arrays of shape (n_bins,).
    """
    m = len(edges) - 1
    index = bin_index(prob, edges)

    def add(values: Any) -> FloatArray:
        return np.bincount(index, values, m).astype(np.float64, copy=False)

    if weight is None:
        count = np.bincount(index, minlength=m).astype(np.float64)
        return BinSums(count, add(positive), add(prob), count)
    parts = (weight, weight * positive, weight * prob, weight**2)
    return BinSums(*map(add, parts))


def error_of(sums: BinSums, norm: str, debias: bool = False) -> FloatArray:
    """Give the calibration error of one or many sets of bins.

    Parameters
    ----------
    sums : BinSums
        Arrays of shape (..., n_bins).
    norm : {"l1", "l2", "max"}
        Mean absolute gap, root of the mean squared gap, or largest gap; the
        means by weight of the bins.
    debias : bool
        With "l2": take the sampling variance of each bin's share of events out
        of its squared gap. The sum is cut at 0 before the root.

    Returns
    -------
    error : ndarray of shape (...)
        In [0, 1].
    """
    if norm == "l2":
        return np.sqrt(np.maximum(squared_error(sums, debias), 0.0))
    difference = np.abs(sums.event - sums.prob)
    if norm == "l1":
        return np.asarray(difference.sum(axis=-1) / sums.weight.sum(axis=-1))
    return np.asarray(_per(difference, sums.weight).max(axis=-1))


def squared_error(sums: BinSums, debias: bool) -> FloatArray:
    """Give the mean squared gap, below 0 possible where it is debiased."""
    gap2 = np.square(_per(sums.event - sums.prob, sums.weight))
    if debias:
        share = np.clip(_per(sums.event, sums.weight), 0.0, 1.0)
        worth = _per(np.square(sums.weight), sums.squares)
        enough = worth > 1 + 1e-9  # a lone row tells nothing of its variance
        noise = _per(share * (1 - share), np.where(enough, worth - 1, 0.0))
        gap2 = np.where(enough, gap2 - noise, 0.0)
    mass = sums.weight
    return np.asarray((mass * gap2).sum(axis=-1) / mass.sum(axis=-1))


def pool_norms(errors: FloatArray, norm: str) -> float:
    """Give the mean, root mean square or largest of some classes' errors.

    Parameters
    ----------
    errors : ndarray of shape (k,)
        One error a class.
    norm : {"l1", "l2", "max"}
        The norm that they were measured in.

    Returns
    -------
    error : float
        One number.
    """
    if norm == "max":
        return float(errors.max())
    return float(errors.mean() if norm == "l1" else np.sqrt(np.square(errors).mean()))


def murphy(
    positive: BoolArray, prob: FloatArray, sums: BinSums, weight: FloatArray | None
) -> tuple[float, float, float, float, float]:
    """Split the Brier score over the bins.

    Parameters
    ----------
    positive : ndarray of shape (n,), bool
        Whether the event happened.
    prob : ndarray of shape (n,)
        Predicted probability.
    sums : BinSums
        The sums of these rows.
    weight : ndarray of shape (n,), optional
        Positive weights.

    Returns
    -------
    brier, reliability, resolution, uncertainty, within_bins : float
        brier = reliability - resolution + uncertainty + within_bins, where the
        last is the variance of the probabilities inside the bins less twice
        their covariance with the event; 0 where each bin has one probability.
    """
    brier = float(np.average(np.square(prob - positive), weights=weight))
    share = sums.weight / sums.weight.sum()
    observed, mean = _per(sums.event, sums.weight), _per(sums.prob, sums.weight)
    rate = float(share @ observed)
    reliability = float(share @ np.square(mean - observed))
    resolution = float(share @ np.square(observed - rate))
    uncertainty = rate * (1 - rate)
    within = brier - (reliability - resolution + uncertainty)
    return brier, reliability, resolution, uncertainty, within


def _per(top: FloatArray, bottom: FloatArray) -> FloatArray:
    """Divide, 0 where there is nothing to divide by."""
    return np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)
