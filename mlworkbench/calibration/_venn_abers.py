"""Two probabilities for one event, and a promise about them."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from mlworkbench._validation import (
    FloatArray,
    check_same_index,
    check_same_length,
    check_weights,
)
from mlworkbench.calibration._calibrators import as_scores, two_classes

__all__ = ["VennAbers"]


class VennAbers(BaseEstimator):
    """Give each score the interval between two isotonic fits.

    A new row has one of two labels. Isotonic regression is fitted on the
    calibration rows and the new row, once with label 0 and once with label 1:
    its two values at the new row are p0 and p1. One of them is the value of a
    fit that knew the row's true label, whichever it is.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The two classes, sorted; probabilities are of the second.
    thresholds_ : ndarray of shape (k,)
        The distinct calibration scores, rising.
    p0_ : ndarray of shape (k,)
        p0 of a new row at, or between this score and the next.
    p1_ : ndarray of shape (k,)
        p1 of a new row at, or between the score before and this one.
    n_features_in_ : int
        1.

    See Also
    --------
    BetaCalibration : One smooth curve; better with few rows.
    sklearn.isotonic.IsotonicRegression : One fit, which can say 0 or 1.

    Notes
    -----
    This is the inductive form: fit the model on some rows, calibrate on others.
    When calibration rows and the new row are exchangeable, the random one of p0
    and p1 that belongs to the true label is perfectly calibrated. Nothing is
    promised of p0 or p1 alone, nor of the width of the interval, nor within
    groups; drift from calibration to use breaks it. Scores may be any numbers,
    only their order counts, and a higher one should mean the second class.

    The two values come from one sweep each over the cumulative sums of the
    calibration rows. Put a point at (rows so far, positives so far) for each
    distinct score. The new row shifts all points on its right by (1, label),
    and the isotonic value at it is the slope of the common tangent from below
    of the points on its left and those on its right. From one score to the
    next the ends of the tangent only move to the right, so each sweep takes
    O(k) after sorting, O(n log n) in all; a prediction takes O(log k). It is
    exact, ties included: no refits and no grid. A row with label 1 between two
    scores is pooled with the higher one, so p1 is that of a tie with it, and p0
    that of a tie with the lower one.

    `predict` merges the two into p1 / (1 - p0 + p1), which is nearer 1/2 the
    wider they are apart, and is the choice that minimises the largest regret in
    log loss. More than two classes: one calibrator for each class against the
    rest; that keeps the promise for each class, but the merged probabilities do
    not sum to 1.

    Weights are exact as repetitions: weight 2 is the row twice, and the new row
    weighs 1. With other weights it is the weighted isotonic fit, without the
    promise.

    References
    ----------
    .. [1] V. Vovk, I. Petej (2014), Venn-Abers predictors, Uncertainty in
       Artificial Intelligence.
    .. [2] V. Vovk, I. Petej, V. Fedorova (2015), Large-scale probabilistic
       predictors with and without guarantees of validity, NeurIPS.

    *Used in:* ``ch06_model_development/09_make_probabilities_mean_something``.

    Examples
    --------
    Six calibration rows say little about a score of 0.5, and it shows.

    >>> from mlworkbench.calibration import VennAbers
    >>> scores = [0.1, 0.2, 0.4, 0.6, 0.8, 0.9]
    >>> venn = VennAbers().fit(scores, [0, 0, 1, 0, 1, 1])
    >>> venn.predict_interval([0.05, 0.5, 0.95]).round(2).tolist()
    [[0.0, 0.33], [0.33, 0.67], [0.67, 1.0]]
    >>> venn.predict([0.05, 0.5, 0.95]).round(2).tolist()
    [0.25, 0.5, 0.75]
    """

    def fit(self, scores: Any, y: Any, sample_weight: Any = None) -> VennAbers:
        """Sweep over the calibration rows.

        Parameters
        ----------
        scores : array-like of shape (n,), (n, 1) or (n, 2)
            Any finite scores, higher for the second class, on rows that the
            model was not fitted on; of two columns of probabilities the second
            is taken.
        y : array-like of shape (n,)
            Two classes, of any kind. One class alone is enough where the labels
            are 0 and 1, -1 and 1, or False and True.
        sample_weight : array-like of shape (n,), optional
            Weights; 2 counts as the row twice, the new row counts once.

        Returns
        -------
        calibrator : VennAbers
            The calibrator itself.

        Raises
        ------
        ValueError
            When scores or labels are missing, lengths differ, or there are more
            than two classes.
        """
        check_same_index(scores=scores, y=y, sample_weight=sample_weight)
        values = as_scores(scores)
        positive, classes = two_classes(y)
        n = check_same_length(scores=values, y=positive)
        weight = check_weights(sample_weight, n)
        if len(classes) < 2:
            raise ValueError(
                f"y has one class, {classes[0]!r}, and nothing says which of two it "
                "is; pass y == the_positive_class"
            )
        seen = weight > 0
        self.thresholds_, place = np.unique(values[seen], return_inverse=True)
        rows = np.bincount(place, weights=weight[seen]).astype(float)
        wins = np.bincount(place, weights=(weight * positive)[seen]).astype(float)
        self.p1_ = _sweep(rows, wins)
        self.p0_ = 1 - _sweep(rows[::-1], (rows - wins)[::-1])[::-1]
        self.classes_ = classes
        self.n_features_in_ = 1
        return self

    def predict_interval(self, scores: Any) -> FloatArray:
        """Give p0 and p1, the probabilities that frame the event's.

        Parameters
        ----------
        scores : array-like of shape (n,), (n, 1) or (n, 2)
            Scores of new rows.

        Returns
        -------
        interval : ndarray of shape (n, 2)
            p0 and p1, p0 below p1, both rising with the score.

        Raises
        ------
        NotFittedError
            When `fit` was not called.
        ValueError
            When a score is missing.
        """
        check_is_fitted(self)
        values = as_scores(scores)
        low = np.concatenate(([0.0], self.p0_))
        high = np.concatenate((self.p1_, [1.0]))
        return np.column_stack(
            [
                low[np.searchsorted(self.thresholds_, values, side="right")],
                high[np.searchsorted(self.thresholds_, values, side="left")],
            ]
        )

    def predict(self, scores: Any) -> FloatArray:
        """Give one probability of the second class, merged from the two.

        Parameters
        ----------
        scores : array-like of shape (n,), (n, 1) or (n, 2)
            Scores of new rows.

        Returns
        -------
        y_prob : ndarray of shape (n,)
            p1 / (1 - p0 + p1).
        """
        low, high = self.predict_interval(scores).T
        return np.asarray(high / (1 - low + high))

    def predict_proba(self, scores: Any) -> FloatArray:
        """Give the merged probabilities of both classes.

        Parameters
        ----------
        scores : array-like of shape (n,), (n, 1) or (n, 2)
            Scores of new rows.

        Returns
        -------
        y_prob : ndarray of shape (n, 2)
            Columns in the order of `classes_`.
        """
        second = self.predict(scores)
        return np.column_stack([1 - second, second])


def _sweep(rows: FloatArray, wins: FloatArray) -> FloatArray:
    """Give the isotonic value of a new row of label 1 at each group of ties.

    Left of group j lie the points 0 … j-1, right of it j … k, shifted by (1, 1).
    `a` and `b` are the ends of the common tangent; neither ever moves back.
    """
    x = [0.0, *np.cumsum(rows).tolist()]
    y = [0.0, *np.cumsum(wins).tolist()]
    k = len(rows)
    after = _chain(x, y)
    left: list[int] = []  # lower hull of the points on the left
    front, b = 0, 1
    found = np.empty(k)
    for j in range(1, k + 1):
        while len(left) > 1 and not _turns(x, y, left[-2], left[-1], j - 1):
            left.pop()
        left.append(j - 1)
        front = min(front, len(left) - 1)
        b = max(b, j)
        while True:
            a = left[front]
            run, rise = x[b] + 1 - x[a], y[b] + 1 - y[a]
            if b < k:
                c = after[b]
                if (y[c] - y[b]) * run <= rise * (x[c] - x[b]):
                    b = c
                    continue
            if front + 1 < len(left):
                c = left[front + 1]
                if (y[c] - y[a]) * run <= rise * (x[c] - x[a]):
                    front += 1
                    continue
            break
        found[j - 1] = rise / run
    return found


def _chain(x: list[float], y: list[float]) -> list[int]:
    """Say for each point which comes next on the lower hull of it and the rest."""
    last = len(x) - 1
    after = [last] * len(x)
    hull = [last]
    for i in range(last - 1, -1, -1):
        while len(hull) > 1 and not _turns(x, y, i, hull[-1], hull[-2]):
            hull.pop()
        after[i] = hull[-1]
        hull.append(i)
    return after


def _turns(x: list[float], y: list[float], a: int, b: int, c: int) -> bool:
    """Say whether b lies below the line from a to c."""
    return (y[b] - y[a]) * (x[c] - x[b]) < (y[c] - y[b]) * (x[b] - x[a])
