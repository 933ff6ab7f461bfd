"""Bootstrap of a threshold curve from sums per cell, not from rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlworkbench._validation import FloatArray
from mlworkbench.imbalance._threshold_curve import (
    Curve,
    IntArray,
    Ordered,
    best_place,
    measures,
)

__all__ = ["Bands", "bootstrap", "keep_places"]


@dataclass(frozen=True)
class Bands:
    """Intervals at the kept thresholds, and of the best thresholds."""

    metrics: dict[str, tuple[FloatArray, FloatArray]]
    best: dict[str, tuple[float, float]]


@dataclass(frozen=True)
class _Cells:
    """Sums per cell and class: weights, their squares, costs and their spread."""

    weight: FloatArray
    squares: FloatArray
    silent: FloatArray | None = None
    alert: FloatArray | None = None
    spread: tuple[FloatArray, FloatArray, FloatArray] | None = None


def keep_places(curve: Curve, max_points: int, must: set[int]) -> IntArray:
    """Choose thresholds that lie evenly along the ROC curve.

    Parameters
    ----------
    curve : Curve
        All thresholds.
    max_points : int
        How many to keep at most.
    must : set of int
        Places to keep in any case, beside the first and the last.

    Returns
    -------
    places : ndarray
        In order. Equal steps of true plus false positive rate, so that both
        the few top alerts and the long tail are there.
    """
    m = len(curve.thresholds)
    if m <= max_points:
        return np.arange(m)
    must = must | {0, m - 1}
    way = curve.tp / (curve.positives or 1) + curve.fp / (curve.negatives or 1)
    steps = np.linspace(0, way[-1], max_points - len(must))
    found = np.searchsorted(way, steps)
    return np.union1d(np.minimum(found, m - 1), sorted(must)).astype(np.intp)


def bootstrap(
    ordered: Ordered,
    curve: Curve,
    kept: IntArray,
    n_boot: int,
    confidence: float,
    rng: np.random.Generator,
) -> Bands:
    """Draw the counts between kept thresholds again and again.

    Parameters
    ----------
    ordered : Ordered
        The rows.
    curve : Curve
        Their curve.
    kept : ndarray
        Places of the kept thresholds, the first and the last among them.
    n_boot : int
        Number of draws.
    confidence : float
        Level of the intervals.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    bands : Bands
        Pointwise percentile intervals.
    """
    cells = _cells(ordered, curve.rows[kept])
    with np.errstate(invalid="ignore", divide="ignore"):
        unit = np.where(cells.weight > 0, cells.squares / cells.weight, 1.0)
    times = rng.poisson(cells.weight / unit, (n_boot, *cells.weight.shape))
    drawn = np.asarray(unit * times, dtype=np.float64)
    counts = _up_to(drawn)
    fp, tp = counts[..., 0], counts[..., 1]
    negatives, positives = fp[:, -1:], tp[:, -1:]
    found = measures(tp, fp, positives, negatives)
    goals = {"f1": found["f1"]}
    if cells.silent is not None and cells.alert is not None:
        silent, alert = drawn * cells.silent, drawn * cells.alert
        if cells.spread is not None:
            noise = rng.standard_normal((2, *drawn.shape))
            a, b, c = cells.spread  # Cholesky factor of their covariance
            silent = silent + a * noise[0]
            alert = alert + b * noise[0] + c * noise[1]
        total = silent.sum(axis=(1, 2))[:, None] + _up_to(alert - silent).sum(axis=2)
        with np.errstate(invalid="ignore", divide="ignore"):
            found["cost"] = total / (positives + negatives)
        goals["cost"] = -found["cost"]
    tail = (1 - confidence) / 2
    metrics = {n: _interval(values, tail) for n, values in found.items()}
    thresholds = curve.thresholds[kept]
    best = {n: _best_interval(v, thresholds, tail) for n, v in goals.items()}
    return Bands(metrics, best)


def _cells(ordered: Ordered, rows: IntArray) -> _Cells:
    """Sum over the rows between kept thresholds, by class."""
    m, n = len(rows) - 1, len(ordered.y_prob)
    at = 2 * np.repeat(np.arange(m), np.diff(rows)) + ordered.positive
    w = np.ones(n) if ordered.weight is None else ordered.weight

    def total(values: FloatArray | None) -> FloatArray:
        sums = np.bincount(at, weights=values, minlength=2 * m)
        return np.asarray(sums.reshape(m, 2), dtype=np.float64)

    plain = ordered.weight is None
    weight = total(None if plain else w)
    squares = weight if plain else total(w**2)
    if ordered.silent is None or ordered.alert is None:
        return _Cells(weight, squares)
    if not ordered.per_row:
        return _Cells(weight, squares, ordered.silent, ordered.alert)
    full = np.where(weight > 0, weight, 1.0)
    silent, alert = total(w * ordered.silent) / full, total(w * ordered.alert) / full
    s = w * (ordered.silent - silent.ravel()[at])
    a = w * (ordered.alert - alert.ravel()[at])
    first = np.sqrt(total(s * s))
    both = total(s * a) / np.where(first > 0, first, 1.0)
    rest = np.sqrt(np.maximum(total(a * a) - both**2, 0.0))
    return _Cells(weight, squares, silent, alert, (first, both, rest))


def _up_to(drawn: FloatArray) -> FloatArray:
    """Cumulate cells along axis 1, from nothing on."""
    return np.pad(np.cumsum(drawn, axis=1), ((0, 0), (1, 0), (0, 0)))


def _interval(values: FloatArray, tail: float) -> tuple[FloatArray, FloatArray]:
    """Give quantiles over axis 0 of what is there, NaN where nothing is."""
    ranked = np.sort(values, axis=0)  # NaN last
    known = (~np.isnan(ranked)).sum(axis=0)
    columns = np.arange(values.shape[1])

    def quantile(q: float) -> FloatArray:
        place = q * np.maximum(known - 1, 0)
        below = np.floor(place).astype(np.intp)
        above = np.minimum(below + 1, np.maximum(known - 1, 0))
        low, high = ranked[below, columns], ranked[above, columns]
        return np.asarray(low + (place - below) * (high - low), dtype=np.float64)

    return quantile(tail), quantile(1 - tail)


def _best_interval(
    values: FloatArray, thresholds: FloatArray, tail: float
) -> tuple[float, float]:
    places = best_place(values)
    found = np.sort(thresholds[places[places >= 0]])
    if not len(found):
        return np.nan, np.nan
    ends = np.array([tail, 1 - tail]) * (len(found) - 1)
    low, high = found[np.round(ends).astype(np.intp)]  # thresholds may be infinite
    return float(low), float(high)
