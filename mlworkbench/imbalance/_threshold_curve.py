"""Counts and costs at every threshold: one sort, then sums."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mlworkbench._validation import FloatArray

__all__ = ["Curve", "Ordered", "best_place", "curve_of", "measures", "order"]

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.intp]
_TIE = 1e-12  # of the largest value: below it is rounding


@dataclass(frozen=True)
class Ordered:
    """Rows from the highest probability to the lowest.

    `silent` and `alert` are what a row costs when nothing is said and when an
    alert is given: one value per class (negative, positive), or one per row.
    """

    y_prob: FloatArray
    positive: BoolArray
    weight: FloatArray | None
    silent: FloatArray | None
    alert: FloatArray | None
    per_row: bool

    def of(self, rows: BoolArray) -> Ordered:
        """Give a part of the rows, still in order."""

        def some(values: FloatArray | None) -> FloatArray | None:
            return values[rows] if self.per_row and values is not None else values

        weight = None if self.weight is None else self.weight[rows]
        prob, positive = self.y_prob[rows], self.positive[rows]
        silent, alert = some(self.silent), some(self.alert)
        return Ordered(prob, positive, weight, silent, alert, self.per_row)


@dataclass(frozen=True)
class Curve:
    """What happens at each threshold, the first one being infinite.

    `rows` counts the rows at or above the threshold; `cost` is a mean per row.
    """

    thresholds: FloatArray
    rows: IntArray
    tp: FloatArray
    fp: FloatArray
    cost: FloatArray | None

    @property
    def positives(self) -> float:
        """Weight of the positive rows."""
        return float(self.tp[-1])

    @property
    def negatives(self) -> float:
        """Weight of the negative rows."""
        return float(self.fp[-1])

    def f1(self) -> FloatArray:
        """Give F1 at every threshold; NaN where nothing is positive at all."""
        with np.errstate(invalid="ignore"):
            score = 2 * self.tp / (self.tp + self.fp + self.positives)
        return score if self.positives else np.full_like(score, np.nan)

    def place(self, threshold: float) -> int:
        """Give the place whose alerts are those of ``y_prob >= threshold``."""
        return int(np.searchsorted(-self.thresholds, -threshold, side="right")) - 1

    def roc_auc(self) -> float:
        """Give the area under the ROC curve, NaN for one class."""
        scale = self.positives * self.negatives
        return float(np.trapezoid(self.tp, self.fp) / scale) if scale else np.nan

    def average_precision(self) -> float:
        """Give Σ (Rₙ - Rₙ₋₁) Pₙ, NaN without positives."""
        if not self.positives:
            return np.nan
        precision = self.tp[1:] / (self.tp[1:] + self.fp[1:])
        return float(np.diff(self.tp) @ precision / self.positives)


def order(
    y_prob: FloatArray,
    positive: BoolArray,
    weight: FloatArray | None,
    costs: FloatArray | None,
) -> tuple[Ordered, IntArray]:
    """Sort rows by probability, highest first.

    Parameters
    ----------
    y_prob, positive : ndarray of shape (n,)
        Probability of the positive class, and whether it is true.
    weight : ndarray of shape (n,), optional
        Weights above 0.
    costs : ndarray of shape (2, 2) or (n, 2, 2), optional
        Actual by predicted, negative class first.

    Returns
    -------
    ordered : Ordered
        The rows in order.
    places : ndarray of shape (n,)
        Where each came from.
    """
    exact = weight is None and (costs is None or costs.ndim == 2)
    # Sums of counts do not depend on the order within ties, other sums do.
    places = np.argsort(y_prob, kind=None if exact else "stable")[::-1]
    truth = positive[places]
    silent = alert = None
    if costs is not None and costs.ndim == 2:
        silent, alert = costs[:, 0], costs[:, 1]
    elif costs is not None:
        silent, alert = costs[places, truth.astype(np.intp)].T
    weight = None if weight is None else weight[places]
    per_row = costs is not None and costs.ndim == 3
    return Ordered(y_prob[places], truth, weight, silent, alert, per_row), places


def curve_of(ordered: Ordered) -> Curve:
    """Sum up to each distinct probability.

    Parameters
    ----------
    ordered : Ordered
        The rows; at least one.

    Returns
    -------
    curve : Curve
        At no alerts, and at each distinct probability.
    """
    prob, truth, weight = ordered.y_prob, ordered.positive, ordered.weight
    ends = np.append(np.flatnonzero(prob[1:] != prob[:-1]), len(prob) - 1)
    rows = np.append(0, ends + 1)
    if weight is None:
        tp = np.append(0, np.cumsum(truth)[ends]).astype(np.float64)
        fp = rows - tp
    else:
        tp = np.append(0.0, np.cumsum(weight * truth)[ends])
        fp = np.append(0.0, np.cumsum(weight * ~truth)[ends])
    cost = None
    if ordered.silent is not None and ordered.alert is not None:
        silent, change = ordered.silent, ordered.alert - ordered.silent
        if not ordered.per_row:
            base = silent[1] * tp[-1] + silent[0] * fp[-1]
            cost = base + change[1] * tp + change[0] * fp
        else:
            silent = silent if weight is None else weight * silent
            change = change if weight is None else weight * change
            cost = silent.sum() + np.append(0.0, np.cumsum(change)[ends])
        cost = cost / (tp[-1] + fp[-1])
    return Curve(np.append(np.inf, prob[ends]), rows, tp, fp, cost)


def measures(
    tp: FloatArray, fp: FloatArray, positives: Any, negatives: Any
) -> dict[str, FloatArray]:
    """Give what follows from the counts.

    Parameters
    ----------
    tp, fp : ndarray
        Right and wrong alerts.
    positives, negatives : float or ndarray, broadcast
        Totals.

    Returns
    -------
    measures : dict of ndarray
        precision, recall, f1, alerts_per_1000; NaN where they divide by 0.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        precision, recall = tp / (tp + fp), tp / positives
        f1 = np.where(positives > 0, 2 * tp / (tp + fp + positives), np.nan)
        alerts = 1000 * (tp + fp) / (positives + negatives)
    return {
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "alerts_per_1000": alerts,
    }


def best_place(values: FloatArray) -> IntArray:
    """Give the first place of the largest value along the last axis.

    Parameters
    ----------
    values : ndarray of shape (..., m)
        Larger is better; NaN is never the best.

    Returns
    -------
    places : ndarray
        The first place that is the best up to rounding, -1 where all are NaN.
    """
    known = np.where(np.isnan(values), -np.inf, values)
    top = known.max(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore"):
        found = np.argmax(known >= top - _TIE * np.abs(top), axis=-1)
    return np.asarray(np.where(top[..., 0] == -np.inf, -1, found), dtype=np.intp)
