"""What was predicted and what happened, for two classes or for many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._validation import (
    FloatArray,
    as_vector,
    check_binary,
    check_choice,
    check_fraction,
    check_probabilities,
    check_same_index,
    check_same_length,
    check_weights,
)
from mlworkbench.calibration._bins import NORMS, BoolArray, IntArray

__all__ = ["Scores", "check_level", "check_norm", "read_scores"]

_SUM_TOLERANCE = 1e-3
_SHORT = 30  # columns


@dataclass(frozen=True)
class Scores:
    """Checked rows; those of weight 0 are left out.

    With many classes `positive` is whether the likeliest class was right and
    `prob` its probability; `codes`, `table` and `labels` hold all classes.
    """

    positive: BoolArray
    prob: FloatArray
    weight: FloatArray | None = None
    kept: BoolArray | None = None
    codes: IntArray | None = None
    table: FloatArray | None = None
    labels: tuple[Any, ...] = ()

    def of_class(self, place: int) -> tuple[BoolArray, FloatArray]:
        """Give one class against the rest."""
        assert self.codes is not None
        assert self.table is not None
        return self.codes == place, self.table[:, place]


def check_level(confidence: Any) -> float:
    """Check the level of an interval.

    Parameters
    ----------
    confidence : float
        The level.

    Returns
    -------
    confidence : float
        A number in (0, 1).

    Raises
    ------
    TypeError, ValueError
        When it is not.
    """
    if check_fraction(confidence, "confidence") == 1:
        raise ValueError("confidence is 1; pass a level below 1, such as 0.95")
    return float(confidence)


def check_norm(norm: Any, debias: Any) -> None:
    """Check that the norm is known, and is L2 where the error is debiased.

    Parameters
    ----------
    norm : {"l1", "l2", "max"}
        The norm.
    debias : bool
        Whether sampling noise is to be taken out.

    Raises
    ------
    ValueError
        With what to pass instead.
    """
    check_choice(norm, "norm", NORMS)
    if debias and norm != "l2":
        raise ValueError(
            f"debias=True with norm={norm!r}: noise adds its variance to a squared "
            "gap, which can be taken off again, but no such sum is known for an "
            "absolute or a largest gap; pass norm='l2' or debias=False"
        )


def read_scores(
    y_true: Any,
    y_prob: Any,
    sample_weight: Any = None,
    pos_label: Any = None,
    labels: Any = None,
) -> Scores:
    """Check labels, probabilities and weights, and put them in one form.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        What happened.
    y_prob : array-like of shape (n,), (n, 2) or (n, n_classes)
        Probabilities.
    sample_weight : array-like of shape (n,), optional
        Weights.
    pos_label : scalar, optional
        The positive class of two.
    labels : array-like of shape (n_classes,), optional
        Classes in the order of the columns.

    Returns
    -------
    scores : Scores
        The rows with weight.

    Raises
    ------
    ValueError
        With what is wrong and what to pass.
    """
    check_same_index(y_true=y_true, y_prob=y_prob, sample_weight=sample_weight)
    columns = list(y_prob.columns) if isinstance(y_prob, pd.DataFrame) else None
    prob = _fast_probabilities(y_prob)
    truth = as_vector(y_true, "y_true")
    if prob.ndim == 2 and prob.shape[1] == 1:
        prob = prob[:, 0]
    if prob.ndim not in (1, 2):
        raise ValueError(
            f"y_prob has shape {prob.shape}; pass one probability a row, or one "
            "column a class"
        )
    n = check_same_length(y_true=truth, y_prob=prob)
    if n == 0:
        raise ValueError("y_true has no rows; pass at least one")
    weight = kept = None
    if sample_weight is not None:
        weight = check_weights(sample_weight, n)
        kept = weight > 0
        truth, prob, weight = truth[kept], prob[kept], weight[kept]
    if prob.ndim == 1:
        return Scores(_fast_binary(truth, pos_label), prob, weight, kept)
    _check_sums(prob)
    order = _class_order(truth, prob.shape[1], pos_label, labels, columns)
    codes = _codes(truth, order)
    if prob.shape[1] == 2:
        place = 1 if pos_label is None else order.index(pos_label)
        return Scores(codes == place, prob[:, place], weight, kept)
    top, best = _likeliest(prob)
    return Scores(top == codes, best, weight, kept, codes, prob, tuple(order))


def _fast_probabilities(y_prob: Any) -> FloatArray:
    """Check with two passes where all is well; the error is the common one."""
    plain = isinstance(y_prob, np.ndarray) and y_prob.dtype == np.float64
    if plain and y_prob.size and y_prob.min() >= 0 and y_prob.max() <= 1:
        return np.asarray(y_prob)
    return check_probabilities(y_prob)


def _fast_binary(truth: npt.NDArray[Any], pos_label: Any) -> BoolArray:
    if pos_label is None and truth.dtype.kind == "b":
        return np.asarray(truth, dtype=np.bool_)
    whole = pos_label is None and truth.dtype.kind in "iu"
    if whole and truth.min() >= 0 and truth.max() <= 1:
        return truth.astype(np.bool_)
    return check_binary(truth, pos_label=pos_label)


def _check_sums(prob: FloatArray) -> None:
    off = np.abs(prob @ np.ones(prob.shape[1]) - 1)
    if off.max() > _SUM_TOLERANCE:
        row = int(np.argmax(off))
        raise ValueError(
            f"the columns of y_prob do not sum to 1 (row {row} sums to "
            f"{prob[row].sum():g}); pass one probability per class, or one column "
            "where the classes do not exclude each other"
        )


def _likeliest(prob: FloatArray) -> tuple[IntArray, FloatArray]:
    """Give the first largest column of each row, and its value.

    Column by column, which is three times faster than a largest value by row
    where rows are short.
    """
    if prob.shape[1] > _SHORT:
        top = prob.argmax(axis=1)
        return top, prob[np.arange(len(prob)), top]
    top, best = np.zeros(len(prob), dtype=np.intp), prob[:, 0].copy()
    for place in range(1, prob.shape[1]):
        np.putmask(top, prob[:, place] > best, place)
        np.maximum(best, prob[:, place], out=best)
    return top, best


def _codes(truth: npt.NDArray[Any], order: list[Any]) -> IntArray:
    """Give the place of each row's class among the columns."""
    if truth.dtype.kind in "iu" and order == list(range(len(order))):
        return truth.astype(np.intp)
    return np.asarray(pd.Index(order).get_indexer(pd.Index(truth)), dtype=np.intp)


def _class_order(
    truth: npt.NDArray[Any], k: int, pos_label: Any, labels: Any, columns: Any
) -> list[Any]:
    """Say which class each column is of."""
    if pd.isna(truth).any():
        row = int(np.argmax(pd.isna(truth)))
        raise ValueError(
            f"y_true has missing values (first at row {row}); drop those rows"
        )
    seen = sorted(pd.unique(pd.Series(truth)).tolist())
    if labels is not None:
        order = as_vector(labels, "labels").tolist()
    elif columns is not None and set(seen) <= set(columns):
        order = columns
    elif len(seen) == k:
        order = seen
    elif set(seen) <= set(range(k)):
        order = list(range(k))
    else:
        raise ValueError(
            f"y_prob has {k} columns, y_true has {len(seen)} classes ({seen[:5]}); "
            "say with labels which class each column is of"
        )
    if len(order) != k or len(set(order)) != k or not set(seen) <= set(order):
        raise ValueError(
            f"labels is {order} for {k} columns and the classes {seen[:5]}; name "
            "each column's class once, in order, and every class of y_true"
        )
    if pos_label is not None and (k != 2 or pos_label not in order):
        raise ValueError(
            f"pos_label is {pos_label!r} for the classes {order}; it names one of "
            "two classes, leave it out with more"
        )
    return list(order)
