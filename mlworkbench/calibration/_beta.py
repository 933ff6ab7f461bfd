"""Bend probabilities by a curve of three parameters that can stay straight."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from mlworkbench._stats import fit_logistic
from mlworkbench._validation import (
    FloatArray,
    check_choice,
    check_probabilities,
    check_same_index,
    check_same_length,
    check_weights,
)
from mlworkbench.calibration._calibrators import as_scores, two_classes

__all__ = ["BetaCalibration"]

_EPS = float(np.finfo(np.float64).eps)
_VARIANTS = ("abm", "am", "ab")


class BetaCalibration(BaseEstimator):
    """Repair probabilities by the beta curve.

    The log odds become a · ln(p) - b · ln(1 - p) + c with a and b of at least
    0. With a = b = 1 and c = 0 the probabilities stay as they are, which no
    sigmoid of a probability can do: what is calibrated already is not harmed.

    Parameters
    ----------
    parameters : {"abm", "am", "ab"}
        What is learned: "abm" all three; "am" with a = b, so a straight line in
        the log odds; "ab" with p = 1/2 left where it is.

    Attributes
    ----------
    a_, b_ : float
        The powers of p and of 1 - p: below 1 the scores were too sure of
        themselves at that end, above 1 too timid.
    c_ : float
        The intercept.
    m_ : float
        The score that becomes 1/2; NaN where `a_` and `b_` are 0. It is 0 or 1
        where the curve crosses 1/2 outside what floats can tell from them.
    bounds_ : tuple of float
        Scores are moved into this interval first, since ln 0 is infinite.
    classes_ : ndarray of shape (2,)
        The two classes, sorted; probabilities are of the second.
    n_features_in_ : int
        1.
    notes_ : tuple of str
        What to know before believing the curve: scores of exactly 0 or 1, a
        power held at 0, classes that the scores separate.

    See Also
    --------
    VennAbers : Two probabilities instead of one, and no assumed shape.
    sklearn.calibration.CalibratedClassifierCV : Sigmoid, isotonic, temperature.

    Notes
    -----
    A logistic regression without penalty on ln(p) and -ln(1 - p). The published
    fallback for a negative coefficient is kept in its exact form: where a or b
    would be negative, the most likely curve with that power at 0 is taken, of
    the two if both would be; where nothing rising fits, the curve is flat at the
    share of positives ("ab": at 1/2). So it never falls, whatever the data.

    Scores of exactly 0 or 1, as forests give them, are moved half-way between
    the edge and the score nearest to it. The machine's smallest step instead,
    as elsewhere, turns them into log odds of 36, and a few of them then bend
    the whole curve. Other scores stay (within 2e-16 of the edges). Where scores
    separate the classes the likelihood has no maximum: the labels are then
    smoothed as Platt (1999) does, with one more row of each class.

    It misleads where the reliability curve is no such curve (it may have a
    step; use isotonic regression or `VennAbers` with some thousand rows), and
    when it is fitted on the rows that the model was fitted on. O(n) per Newton
    step.

    `predict` gives probabilities, as scikit-learn's own calibrators do
    (`IsotonicRegression`); `predict_proba` gives the two columns.

    References
    ----------
    .. [1] M. Kull, T. Silva Filho, P. Flach (2017), Beyond sigmoids: how to
       obtain well-calibrated probabilities from binary classifiers with beta
       calibration, Electronic Journal of Statistics 11(2).
    .. [2] J. Platt (1999), Probabilistic outputs for support vector machines.

    *Used in:* ``ch06_model_development/09_make_probabilities_mean_something``.

    Examples
    --------
    Scores that are too sure: the true log odds are half of what they say.

    >>> import numpy as np
    >>> from mlworkbench.calibration import BetaCalibration
    >>> rng = np.random.default_rng(0)
    >>> log_odds = rng.normal(0, 3, size=20_000)
    >>> y = rng.random(20_000) < 1 / (1 + np.exp(-log_odds / 2))
    >>> beta = BetaCalibration().fit(1 / (1 + np.exp(-log_odds)), y)
    >>> round(beta.a_, 1), round(beta.b_, 1), round(beta.m_, 1)
    (0.5, 0.5, 0.5)
    >>> beta.predict([0.1, 0.5, 0.9]).round(2).tolist()
    [0.25, 0.49, 0.75]
    """

    def __init__(self, parameters: str = "abm") -> None:
        self.parameters = parameters

    def fit(self, scores: Any, y: Any, sample_weight: Any = None) -> BetaCalibration:
        """Learn the curve.

        Parameters
        ----------
        scores : array-like of shape (n,), (n, 1) or (n, 2)
            Probabilities of the second class, on rows that the model was not
            fitted on; of two columns the second is taken.
        y : array-like of shape (n,)
            Two classes, of any kind.
        sample_weight : array-like of shape (n,), optional
            Weights; 2 counts as the row twice.

        Returns
        -------
        calibrator : BetaCalibration
            The calibrator itself.

        Raises
        ------
        ValueError
            When scores lie outside [0, 1] or are missing, when there are not
            two classes with weight, when `parameters` is not known.
        """
        check_choice(self.parameters, "parameters", _VARIANTS)
        check_same_index(scores=scores, y=y, sample_weight=sample_weight)
        prob = check_probabilities(as_scores(scores), "scores")
        positive, classes = two_classes(y)
        n = check_same_length(scores=prob, y=positive)
        weight = check_weights(sample_weight, n)
        seen = weight > 0
        prob, event, weight = prob[seen], positive[seen].astype(float), weight[seen]
        if event.min() == event.max():
            raise ValueError(
                "y has one class only (among the rows with weight); a curve between "
                "two classes needs rows of both"
            )
        notes: list[str] = []
        self.bounds_ = _bounds(prob, notes)
        prob = np.clip(prob, *self.bounds_)
        target = _targets(prob, event, weight, notes)
        self.a_, self.b_, self.c_ = _best_curve(prob, target, weight, self.parameters)
        self.m_ = _crossing(self.a_, self.b_, self.c_)
        self.classes_ = classes
        self.n_features_in_ = 1
        self.notes_ = (*notes, *_flat_notes(self.a_, self.b_))
        return self

    def predict(self, scores: Any) -> FloatArray:
        """Give the repaired probability of the second class.

        Parameters
        ----------
        scores : array-like of shape (n,), (n, 1) or (n, 2)
            Probabilities as the model gives them.

        Returns
        -------
        y_prob : ndarray of shape (n,)
            Repaired probabilities, in the order of the scores.

        Raises
        ------
        NotFittedError
            When `fit` was not called.
        ValueError
            When scores lie outside [0, 1] or are missing.
        """
        check_is_fitted(self)
        prob = check_probabilities(as_scores(scores), "scores")
        left, right = _logs(np.clip(prob, *self.bounds_)).T
        return np.asarray(expit(self.a_ * left + self.b_ * right + self.c_))

    def predict_proba(self, scores: Any) -> FloatArray:
        """Give the repaired probabilities of both classes.

        Parameters
        ----------
        scores : array-like of shape (n,), (n, 1) or (n, 2)
            Probabilities as the model gives them.

        Returns
        -------
        y_prob : ndarray of shape (n, 2)
            Columns in the order of `classes_`.
        """
        second = self.predict(scores)
        return np.column_stack([1 - second, second])


def _bounds(prob: FloatArray, notes: list[str]) -> tuple[float, float]:
    """Say where scores of 0 and 1 go: half-way to the nearest other score."""
    inner = prob[(prob > 0) & (prob < 1)]
    zeros, ones = int((prob == 0).sum()), int((prob == 1).sum())
    low, high = _EPS, 1 - _EPS
    if zeros:
        low = max(_EPS, float(inner.min()) / 2) if len(inner) else 0.25
    if ones:
        high = min(1 - _EPS, (1 + float(inner.max())) / 2) if len(inner) else 0.75
    if zeros or ones:
        notes.append(
            f"{zeros:,} scores of 0 and {ones:,} of 1 among {len(prob):,}: taken as "
            f"{low:.3g} and {high:.6g}, half-way to the nearest other score, since "
            "the logarithm of 0 is infinite"
        )
    return low, high


def _logs(prob: FloatArray) -> FloatArray:
    return np.column_stack([np.log(prob), -np.log1p(-prob)])


def _targets(
    prob: FloatArray, event: FloatArray, weight: FloatArray, notes: list[str]
) -> FloatArray:
    """Smooth the labels where the scores separate the classes."""
    yes, no = prob[event == 1], prob[event == 0]
    if no.max() > yes.min() and yes.max() > no.min():
        return event
    if prob.min() == prob.max():
        return event
    heavy = float(weight[event == 1].sum())
    light = float(weight[event == 0].sum())
    notes.append(
        "the scores separate the two classes: no curve is the most likely, labels "
        "were smoothed by one row of each class"
    )
    return np.where(event == 1, (heavy + 1) / (heavy + 2), 1 / (light + 2))


def _best_curve(
    prob: FloatArray, target: FloatArray, weight: FloatArray, parameters: str
) -> tuple[float, float, float]:
    """Give a, b, c of the most likely curve that does not fall."""
    columns = _logs(prob)
    if parameters == "am":
        columns = columns.sum(axis=1, keepdims=True)
    if parameters == "ab":
        columns = columns + np.log(2) * np.array([1.0, -1.0])
    fixed = np.ones((len(prob), 0 if parameters == "ab" else 1))
    beta, level = _rising_fit(columns, fixed, target, weight)
    a, b = float(beta[0]), float(beta[-1])
    return a, b, (a - b) * float(np.log(2)) if parameters == "ab" else level


def _rising_fit(
    columns: FloatArray, fixed: FloatArray, target: FloatArray, weight: FloatArray
) -> tuple[FloatArray, float]:
    """Maximise the likelihood over coefficients of at least 0."""
    k = columns.shape[1]
    faces = [list(range(k))] + ([[0], [1]] if k == 2 else []) + [[]]
    best: tuple[float, FloatArray, float] | None = None
    for face in faces:
        if columns.min() == columns.max() and face:
            continue  # one score: nothing to learn but the level
        used = np.column_stack([columns[:, face], fixed])
        found = fit_logistic(used, target, weight) if used.shape[1] else np.zeros(0)
        if (found[: len(face)] < 0).any():
            continue
        z = used @ found
        loss = float(weight @ (np.logaddexp(0, z) - target * z))
        beta = np.zeros(k)
        beta[face] = found[: len(face)]
        level = float(found[-1]) if fixed.shape[1] else 0.0
        if len(face) == k:
            return beta, level
        if best is None or loss < best[0]:
            best = loss, beta, level
    assert best is not None  # the flat curve is always there
    return best[1], best[2]


def _crossing(a: float, b: float, c: float) -> float:
    """Solve a · ln m - b · ln(1 - m) + c = 0 for the log odds of m."""
    if a == 0 and b == 0:
        return float("nan")

    def height(z: float) -> float:
        return float(c - a * np.logaddexp(0, -z) + b * np.logaddexp(0, z))

    if height(-700.0) >= 0 or height(700.0) <= 0:
        return 0.0 if height(-700.0) >= 0 else 1.0
    return float(expit(brentq(height, -700.0, 700.0, xtol=1e-12)))


def _flat_notes(a: float, b: float) -> list[str]:
    if a == 0 and b == 0:
        return [
            "no rising curve fits, so every score gets one probability: the scores "
            "say nothing about the classes, or rank them backwards"
        ]
    held = [name for name, value in (("a", a), ("b", b)) if value == 0]
    return [f"{name} would be negative, so it was held at 0" for name in held]
