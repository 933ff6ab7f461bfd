"""How sure a model is of each row, and whether it was wrong."""

from __future__ import annotations

from collections.abc import Callable
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
    check_probabilities,
    check_same_length,
)

__all__ = ["SCORES", "Score", "confidence_of", "read_table", "wrong_rows"]

BoolArray = npt.NDArray[np.bool_]
Score = str | Callable[[FloatArray], Any]
_SUM_TOLERANCE = 1e-3


def _largest(table: FloatArray) -> FloatArray:
    return np.asarray(table.max(axis=1))


def _margin(table: FloatArray) -> FloatArray:
    two = np.sort(table, axis=1)[:, -2:]
    return np.asarray(two[:, 1] - two[:, 0])


def _order(table: FloatArray) -> FloatArray:
    """Give 1 - entropy / log k: 1 for a sure row, 0 for an even one."""
    logs = np.log(np.where(table > 0, table, 1.0))
    return np.asarray(1 + (table * logs).sum(axis=1) / np.log(table.shape[1]))


SCORES: dict[str, Callable[[FloatArray], FloatArray]] = {
    "max": _largest,
    "margin": _margin,
    "entropy": _order,
}


@dataclass(frozen=True)
class Table:
    """Probabilities, one column per class.

    Parameters
    ----------
    prob : ndarray of shape (n, k)
        The probabilities.
    columns : list or None
        Names of the columns of a frame.
    single : bool
        Whether the positive class alone was given.
    """

    prob: FloatArray
    columns: list[Any] | None = None
    single: bool = False


def read_table(y_prob: Any) -> Table:
    """Take probabilities of the positive class, or of all classes.

    Parameters
    ----------
    y_prob : array-like of shape (n,) or (n, k)
        The probabilities.

    Returns
    -------
    table : Table
        With at least two columns.

    Raises
    ------
    ValueError
        When they are no probabilities, or do not sum to 1.
    """
    columns = list(y_prob.columns) if isinstance(y_prob, pd.DataFrame) else None
    prob = check_probabilities(y_prob)
    if prob.ndim == 2 and prob.shape[1] == 1:
        prob, columns = prob[:, 0], None
    if prob.ndim == 1:
        return Table(np.column_stack([1 - prob, prob]), single=True)
    if prob.ndim != 2:
        raise ValueError(
            f"y_prob has shape {prob.shape}; pass one probability a row, or one "
            "column a class"
        )
    off = np.abs(prob.sum(axis=1) - 1)
    if len(prob) and off.max() > _SUM_TOLERANCE:
        row = int(np.argmax(off))
        raise ValueError(
            f"the columns of y_prob do not sum to 1 (row {row} sums to "
            f"{prob[row].sum():g}); pass one probability per class"
        )
    return Table(prob, columns)


def confidence_of(score: Any, table: FloatArray) -> FloatArray:
    """Say how sure a model is of each row.

    Parameters
    ----------
    score : {"max", "margin", "entropy"}, callable or array-like of shape (n,)
        How, or the confidence itself.
    table : ndarray of shape (n, k)
        Probabilities.

    Returns
    -------
    confidence : ndarray of shape (n,)
        More is surer.

    Raises
    ------
    ValueError
        For an unknown name, missing values or another length.
    """
    if isinstance(score, str):
        check_choice(score, "score", list(SCORES))
        return SCORES[score](table)
    given = score(table) if callable(score) else score
    values = as_vector(given, "score").astype(np.float64)
    check_same_length(y_prob=table, score=values)
    if not np.isfinite(values).all():
        row = int(np.argmin(np.isfinite(values)))
        raise ValueError(
            f"score has missing or infinite values (first at row {row}); pass a "
            "finite number per row, more for surer"
        )
    return values


def wrong_rows(
    y_true: Any, table: Table, y_pred: Any, labels: Any, pos_label: Any
) -> BoolArray:
    """Say which rows the model has wrong.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Classes.
    table : Table
        Probabilities.
    y_pred : array-like of shape (n,) or None
        Predicted classes; the likeliest where None.
    labels : sequence or None
        Classes of the columns.
    pos_label : scalar or None
        The positive class, where one column was given.

    Returns
    -------
    wrong : ndarray of shape (n,), bool
        True where the prediction is not the truth.

    Raises
    ------
    ValueError
        With what is unclear or missing.
    """
    truth = as_vector(y_true, "y_true")
    n = check_same_length(y_true=truth, y_prob=table.prob)
    if n == 0:
        raise ValueError("y_true has no rows; pass at least one")
    for name, values in (("y_true", truth), ("y_pred", y_pred)):
        if values is not None and pd.isna(np.asarray(values)).any():
            row = int(np.argmax(pd.isna(np.asarray(values))))
            raise ValueError(
                f"{name} has missing values (first at row {row}); drop those rows"
            )
    if y_pred is not None:
        said = as_vector(y_pred, "y_pred")
        check_same_length(y_true=truth, y_pred=said)
        known = set(pd.unique(pd.Series(truth)).tolist())
        if not known & set(pd.unique(pd.Series(said)).tolist()):
            raise ValueError(
                f"y_pred and y_true have no class in common ({sorted(known)[:5]}); "
                "pass predicted classes"
            )
        return np.asarray(truth != said)
    top = table.prob.argmax(axis=1)
    k = table.prob.shape[1]
    if table.single and labels is None:
        return np.asarray(check_binary(truth, pos_label=pos_label) != (top == 1))
    order = _class_order(truth, k, labels, table.columns, pos_label)
    codes, seen = pd.factorize(truth)
    place = np.array([order.index(label) for label in seen.tolist()])
    return np.asarray(place[codes] != top)


def _class_order(
    truth: npt.NDArray[Any], k: int, labels: Any, columns: Any, pos_label: Any
) -> list[Any]:
    """Say which class each column is of."""
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
        order = []
    if len(order) != k or len(set(order)) != k or not set(seen) <= set(order):
        raise ValueError(
            f"y_prob has {k} columns, y_true the classes {seen[:5]}; name with labels "
            "the class of every column once, in order"
        )
    if pos_label is not None and (k > 2 or pos_label != order[-1]):
        raise ValueError(
            f"pos_label is {pos_label!r}, but the columns of y_prob are of {order}; "
            "leave pos_label out, or name the columns with labels"
        )
    return list(order)
