"""Metrics of rows that are functions of means: losses, residuals, ranks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from mlworkbench.evaluation._slice_wald import Estimate, Measured, wald

__all__ = ["PROBABILITY", "REGRESSION", "Means", "Ranks", "RowMetric", "row_values"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

PROBABILITY = ("roc_auc", "log_loss", "brier", "calibration_in_the_large")
REGRESSION = ("mae", "rmse", "bias", "r2")
INFINITY = float("inf")


class RowMetric(Protocol):
    """What the families of metrics that need the rows have in common."""

    def values(
        self, times: FloatArray | None = None
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Give the metric in every group, in all other rows and in all rows.

        `times` says how often each row was drawn.
        """

    def closed_form(self, confidence: float) -> Measured:
        """Give intervals and chances that need no resampling."""


def row_values(name: str, y: Any, said: Any) -> FloatArray:
    """Give the columns of which a metric is a function of the means.

    Parameters
    ----------
    name : str
        The metric.
    y : ndarray of shape (n,) or (n, k)
        Numbers, or for probabilities one column per class of 0 and 1.
    said : ndarray, same shape
        Predictions, or probabilities.

    Returns
    -------
    columns : ndarray of shape (m, n)
        One column, three for R².
    """
    if name == "log_loss":
        tiny = np.finfo(said.dtype).eps
        p = np.clip(said / said.sum(axis=1, keepdims=True), tiny, 1 - tiny)
        return np.asarray(-np.log((p * y).sum(axis=1))[None])
    if name == "brier":
        loss = np.square(said - y).sum(axis=1)
        return np.asarray(loss / (2 if y.shape[1] == 2 else 1))[None]
    if name == "calibration_in_the_large":
        return np.asarray(said[:, 1] - y[:, 1])[None]
    error = said - y
    if name == "mae":
        return np.asarray(np.abs(error)[None])
    if name == "bias":
        return np.asarray(error)[None]
    if name == "rmse":
        return np.asarray(np.square(error)[None])
    middle = y - y.mean()
    return np.stack([np.square(error), middle, np.square(middle)])


class Means:
    """A function of weighted means per group, with its slopes.

    Parameters
    ----------
    name : str
        The metric: "rmse" and "r2" are functions of means, the rest are means.
    columns : ndarray of shape (m, n)
        The columns averaged.
    codes : ndarray of shape (n,)
        Group of each row.
    size : int
        Number of groups.
    weights : ndarray of shape (n,) or None
        Weights of the rows.
    """

    def __init__(
        self,
        name: str,
        columns: FloatArray,
        codes: IntArray,
        size: int,
        weights: FloatArray | None,
    ) -> None:
        self.name, self.columns = name, columns
        self.codes, self.size, self.weights = codes, size, weights

    def _sums(self, values: FloatArray | None) -> FloatArray:
        return np.bincount(self.codes, values, minlength=self.size).astype(float)

    def values(
        self, times: FloatArray | None = None
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Give the metric in every group, in all other rows and in all rows."""
        w = _weigh(self.weights, times)
        sums = np.stack([self._sums(x if w is None else x * w) for x in self.columns])
        mass = self._sums(w)
        parts = []
        for top, below in _parts(sums, mass):
            with np.errstate(invalid="ignore", divide="ignore"):
                means = np.where(below > 0, top / below, np.nan)
            parts.append(self._function(means)[0])
        return parts[0], parts[1], parts[2][0]

    def closed_form(self, confidence: float) -> Measured:
        """Linearise in the means (delta method); sandwich with weights."""
        w = np.ones(len(self.codes)) if self.weights is None else self.weights
        square = np.square(w)
        middle = np.average(self.columns, axis=1, weights=w)
        x = self.columns - middle[:, None]
        first = np.stack([self._sums(column * w) for column in x])
        mass, mass2 = self._sums(w), self._sums(square)
        cross = np.stack([self._sums(column * square) for column in x])
        second = np.stack([[self._sums(a * b * square) for b in x] for a in x])
        estimates = []
        for s, m, m2, c, d in zip(
            *(_part(state) for state in (first, mass, mass2, cross, second)),
            strict=True,
        ):
            estimates.append(self._estimate(middle[:, None], s, m, m2, c, d))
        low = 0.0 if self.name in ("log_loss", "brier", "mae", "rmse") else -INFINITY
        high = 1.0 if self.name == "r2" else INFINITY
        own, other, every = estimates
        every = tuple(x[0] for x in every)
        return wald(own, other, every, confidence, (low, high))

    def _estimate(
        self,
        middle: FloatArray,
        sums: FloatArray,
        mass: FloatArray,
        mass2: FloatArray,
        cross: FloatArray,
        second: FloatArray,
    ) -> Estimate:
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(mass > 0, sums / mass, np.nan)
            value, slope = self._function(mean + middle)
            spread = second - mean[:, None] * cross - mean * cross[:, None]
            spread = spread + mean[:, None] * mean * mass2
            variance = np.einsum("ig,ijg,jg->g", slope, spread, slope) / mass**2
            n = mass**2 / mass2
            variance = np.maximum(variance, 0) * n / (n - 1)
        return value, np.sqrt(variance), np.where(mass > 0, n, 0.0)

    def _function(self, means: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Give the metric and its slope in each mean."""
        with np.errstate(invalid="ignore", divide="ignore"):
            if self.name == "rmse":
                root = np.sqrt(means[0])
                return root, (np.where(root > 0, 0.5 / root, 0.0))[None]
            if self.name != "r2":
                return means[0], np.ones_like(means)
            loss, level, square = means
            spread = square - level**2
            spread = np.where(spread > 1e-12 * square, spread, np.nan)
            slope = [-1 / spread, -2 * loss * level / spread**2, loss / spread**2]
            return 1 - loss / spread, np.stack(slope)


class Ranks:
    """Area under the ROC curve per group, one class against the rest, averaged.

    Parameters
    ----------
    positive : ndarray of shape (k, n), bool
        Rows of each class.
    scores : ndarray of shape (k, n)
        Scores of each class.
    codes : ndarray of shape (n,)
        Group of each row.
    size : int
        Number of groups.
    weights : ndarray of shape (n,) or None
        Weights of the rows.
    """

    def __init__(
        self,
        positive: npt.NDArray[np.bool_],
        scores: FloatArray,
        codes: IntArray,
        size: int,
        weights: FloatArray | None,
    ) -> None:
        self.positive, self.codes, self.size = positive, codes, size
        self.weights = np.ones(len(codes)) if weights is None else weights
        nobody = np.zeros_like(codes)
        self.within = [_placer(s, codes) for s in scores]
        self.overall = [_placer(s, nobody) for s in scores]

    def values(
        self, times: FloatArray | None = None
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Give the area in every group, in all other rows and in all rows."""
        w = self.weights if times is None else self.weights * times
        classes = range(len(self.positive))
        parts = [self._areas(k, w)[0] for k in classes]
        group, rest, every = (
            np.mean([np.asarray(part[i]) for part in parts], axis=0) for i in range(3)
        )
        return group, rest, every

    def _areas(self, k: int, w: FloatArray) -> tuple[Any, Any]:
        event = self.positive[k]
        pos, neg = np.where(event, w, 0.0), np.where(event, 0.0, w)
        near, far = self.within[k](event, w), self.overall[k](event, w)
        yes, no = self._sums(pos), self._sums(neg)
        won, touched = self._sums(near * pos), self._sums(far * w)
        every = (far * pos).sum()
        rest_yes, rest_no = yes.sum() - yes, no.sum() - no
        with np.errstate(invalid="ignore", divide="ignore"):
            group = np.where((yes > 0) & (no > 0), won / (yes * no), np.nan)
            left = np.where(
                (rest_yes > 1e-12 * yes.sum()) & (rest_no > 1e-12 * no.sum()),
                (every - touched + won) / (rest_yes * rest_no),
                np.nan,
            )
            total = every / (yes.sum() * no.sum())
        return (group, left, total), (near, far, yes, no)

    def closed_form(self, confidence: float) -> Measured:
        """Take DeLong's variance; of all other rows by their places among all."""
        w, k = self.weights, len(self.positive)
        own, wide = np.zeros(len(w)), np.zeros(len(w))
        values, least = [], np.full((2, self.size), INFINITY)
        for i in range(k):
            event = self.positive[i]
            areas, (near, far, yes, no) = self._areas(i, w)
            group = np.where(event, no[self.codes], yes[self.codes])
            every = np.where(event, no.sum(), yes.sum())
            with np.errstate(invalid="ignore", divide="ignore"):
                share = np.where(event, yes[self.codes], no[self.codes]) * k
                own += (near / group - areas[0][self.codes]) / share
                share = np.where(event, yes.sum(), no.sum()) * k
                wide += (far / every - areas[2]) / share
            values.append(areas)
            for mask in (event, ~event):
                least = np.minimum(least, self._sizes(mask))
        group, rest, total = (np.mean([v[j] for v in values], axis=0) for j in range(3))
        least = np.where(np.isnan([group, rest]), 0.0, least)
        own2, wide2 = self._sums(np.square(own * w)), self._sums(np.square(wide * w))
        smallest = least[0].sum()
        with np.errstate(invalid="ignore", divide="ignore"):
            se = np.sqrt(own2 * least[0] / (least[0] - 1))
            left = 1 - self._sums(w) / w.sum()
            rest_se = np.sqrt((wide2.sum() - wide2) / left**2)
            null, rest_null = np.sqrt(wide2.sum() * smallest / least)
        return wald(
            (group, se, least[0]),
            (rest, rest_se, least[1]),
            (total, np.sqrt(wide2.sum()), smallest),
            confidence,
            (0.0, 1.0),
            (null, rest_null),
        )

    def _sums(self, values: FloatArray) -> FloatArray:
        return np.asarray(np.bincount(self.codes, values, self.size), np.float64)

    def _sizes(self, mask: npt.NDArray[np.bool_]) -> FloatArray:
        """Give the effective number of such rows in each group and in its rest."""
        w = np.where(mask, self.weights, 0.0)
        sums, squares = self._sums(w), self._sums(w * w)
        return np.stack(
            [
                _size(sums, squares),
                _size(sums.sum() - sums, squares.sum() - squares),
            ]
        )


def _weigh(weights: FloatArray | None, times: FloatArray | None) -> FloatArray | None:
    if weights is None or times is None:
        return weights if times is None else times
    return weights * times


def _size(sums: FloatArray, squares: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(squares > 0, sums**2 / squares, 0.0)


def _part(state: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Give sums of each group, of all other rows, and of all rows."""
    total = state.sum(axis=-1, keepdims=True)
    return state, total - state, total


def _parts(sums: FloatArray, mass: FloatArray) -> list[tuple[FloatArray, FloatArray]]:
    total = mass.sum(keepdims=True)
    left = np.where(total - mass <= 1e-12 * total, 0.0, total - mass)
    every = sums.sum(axis=-1, keepdims=True)
    return [(sums, mass), (every - sums, left), (every, total)]


def _placer(
    scores: FloatArray, codes: IntArray
) -> Callable[[npt.NDArray[np.bool_], FloatArray], FloatArray]:
    """Sort once; the result gives the weight of the other class on the right side.

    For an event the weight of non-events of its group with lower scores, for a
    non-event that of events with higher ones, ties half.
    """
    order = np.lexsort((scores, codes))
    new = np.ones(len(order), dtype=bool)
    new_group = np.ones(len(order), dtype=bool)
    new_group[1:] = np.diff(codes[order]) != 0
    new[1:] = (np.diff(scores[order]) != 0) | new_group[1:]
    tie = np.cumsum(new) - 1
    first = np.flatnonzero(new_group[new])
    ends = np.append(first[1:], tie[-1] + 1)
    start, stop = (np.repeat(x, ends - first) for x in (first, ends))

    def place(event: npt.NDArray[np.bool_], weights: FloatArray) -> FloatArray:
        won = event[order]
        w = weights[order]
        yes = np.bincount(tie, np.where(won, w, 0.0), minlength=len(start))
        no = np.bincount(tie, np.where(won, 0.0, w), minlength=len(start))
        below = np.append(0.0, np.cumsum(no))
        above = np.append(0.0, np.cumsum(yes))
        under = below[:-1] - below[start] + no / 2
        over = above[stop] - above[1:] + yes / 2
        result = np.empty(len(order))
        result[order] = np.where(won, under[tie], over[tie])
        return result

    return place
