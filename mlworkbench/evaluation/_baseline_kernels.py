"""Metrics as functions of row weights, prepared once and called many times.

A resample is a vector of weights, so a metric costs a few sums per resample
instead of a call that validates and counts everything again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from mlworkbench._validation import FloatArray

__all__ = [
    "CONFUSION",
    "RANKING",
    "ROWWISE",
    "confusion_score",
    "ranking_score",
    "rowwise_loss",
    "weighted_r2",
]

IntArray = npt.NDArray[np.int64]
Weighted = Callable[[FloatArray], float]

_AVERAGED = ("f1", "precision", "recall", "jaccard")
CONFUSION = {
    "accuracy",
    "balanced_accuracy",
    "matthews_corrcoef",
    *_AVERAGED,
    *(f"{m}_{a}" for m in _AVERAGED for a in ("macro", "micro", "weighted")),
}
RANKING = {"roc_auc", "average_precision"}
ROWWISE = {
    "log_loss",
    "brier_score",
    "mean_absolute_error",
    "mean_squared_error",
    "root_mean_squared_error",
}


def confusion_score(rule: str, counts: FloatArray, positive: int) -> FloatArray:
    """Give a metric of one or many confusion matrices.

    Parameters
    ----------
    rule : str
        One of `CONFUSION`.
    counts : ndarray of shape (..., k, k)
        Weight of the rows by true class and by predicted class.
    positive : int
        Place of the positive class; used by the metrics of two classes.

    Returns
    -------
    score : ndarray of shape (...,)
        What scikit-learn gives, with 0 for a ratio without a denominator.
    """
    hit = np.diagonal(counts, axis1=-2, axis2=-1)
    true, said = counts.sum(-1), counts.sum(-2)
    total = true.sum(-1)
    if rule == "accuracy":
        return _ratio(hit.sum(-1), total)
    if rule == "balanced_accuracy":
        return _ratio(_ratio(hit, true).sum(-1), (true > 0).sum(-1))
    if rule == "matthews_corrcoef":
        both = hit.sum(-1) * total - (true * said).sum(-1)
        spread = total**2 - np.square(true).sum(-1), total**2 - np.square(said).sum(-1)
        return _ratio(both, np.sqrt(np.maximum(spread[0] * spread[1], 0.0)))
    name, _, average = rule.partition("_")
    if average == "micro":
        hit, true, said = (part.sum(-1, keepdims=True) for part in (hit, true, said))
    each = _per_class(name, hit, true, said)
    if average == "":
        return each[..., positive]
    if average == "micro":
        return each[..., 0]
    if average == "weighted":
        return _ratio((each * true).sum(-1), total)
    return _ratio(each.sum(-1), ((true > 0) | (said > 0)).sum(-1))


def _per_class(
    name: str, hit: FloatArray, true: FloatArray, said: FloatArray
) -> FloatArray:
    if name == "precision":
        return _ratio(hit, said)
    if name == "recall":
        return _ratio(hit, true)
    if name == "jaccard":
        return _ratio(hit, true + said - hit)
    return _ratio(2 * hit, true + said)


def _ratio(above: Any, below: Any) -> FloatArray:
    above, below = np.asarray(above, float), np.asarray(below, float)
    result: FloatArray = np.zeros(np.broadcast_shapes(above.shape, below.shape))
    np.divide(above, below, out=result, where=below != 0)
    return result


def ranking_score(
    rule: str, positive: npt.NDArray[np.bool_], scores: FloatArray
) -> Weighted:
    """Prepare the area under a curve of one column of scores.

    Parameters
    ----------
    rule : {"roc_auc", "average_precision"}
        Which curve.
    positive : ndarray of shape (n,), bool
        Rows of the positive class.
    scores : ndarray of shape (n,)
        Higher means more likely positive.

    Returns
    -------
    score : callable
        From weights of shape (n,) to the area; NaN where a class has no weight.
    """
    levels, place = np.unique(-scores, return_inverse=True)
    k = len(levels)

    def score(weights: FloatArray) -> float:
        yes = np.bincount(place, weights * positive, k)
        no = np.bincount(place, weights * ~positive, k)
        all_yes, all_no = yes.sum(), no.sum()
        if all_yes == 0 or (all_no == 0 and rule == "roc_auc"):
            return float("nan")
        if rule == "roc_auc":  # levels run from the highest score downwards
            beaten = all_no - np.cumsum(no) + no / 2
            return float(yes @ beaten / (all_yes * all_no))
        above = np.cumsum(yes), np.cumsum(no)
        return float(yes @ _ratio(above[0], above[0] + above[1]) / all_yes)

    return score


def rowwise_loss(
    rule: str, truth: Any, answer: FloatArray, halve: bool = False
) -> FloatArray:
    """Give what each row loses, for the metrics that are means of it.

    Parameters
    ----------
    rule : str
        One of `ROWWISE`.
    truth : ndarray of shape (n,)
        Places of the classes, or values.
    answer : ndarray of shape (n, k) or (n,)
        Probabilities of every class, or values.
    halve : bool
        Whether the Brier score is half the sum of squares, as scikit-learn has
        it where there are two classes.

    Returns
    -------
    loss : ndarray of shape (n,)
        The loss of every row.
    """
    if rule == "log_loss":
        tiny = np.finfo(np.float64).eps
        kept = np.clip(answer, tiny, 1 - tiny)
        return np.asarray(-np.log(kept[np.arange(len(truth)), truth]))
    if rule == "brier_score":
        gap = answer.copy()
        gap[np.arange(len(truth)), truth] -= 1
        return np.asarray(np.square(gap).sum(axis=1) / (2 if halve else 1))
    gap = truth - answer
    return np.asarray(np.abs(gap) if rule == "mean_absolute_error" else gap**2)


def weighted_r2(truth: FloatArray, answer: FloatArray) -> Weighted:
    """Prepare the coefficient of determination.

    Parameters
    ----------
    truth, answer : ndarray of shape (n,)
        The values and what was said.

    Returns
    -------
    score : callable
        From weights of shape (n,) to R²; where the truth does not vary, 1 for
        no error and else 0, as scikit-learn has it.
    """
    lost = np.square(truth - answer)

    def score(weights: FloatArray) -> float:
        seen = truth[weights > 0]
        if not len(seen):
            return float("nan")
        if seen.min() == seen.max():
            return float(weights @ lost == 0)
        middle = weights @ truth / weights.sum()
        return float(1 - weights @ lost / (weights @ np.square(truth - middle)))

    return score
