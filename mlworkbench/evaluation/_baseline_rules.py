"""The baselines that need no user: guessers, constants, earlier values."""

from __future__ import annotations

import math

import numpy as np

from mlworkbench._validation import FloatArray
from mlworkbench.evaluation._baseline_answers import Answer
from mlworkbench.evaluation._baseline_kernels import IntArray

__all__ = ["earlier_values", "rules_of_classes", "rules_of_values"]


def rules_of_classes(shares: FloatArray, n: int) -> list[Answer]:
    """Give the two guessers and the zero rule.

    Parameters
    ----------
    shares : ndarray of shape (k,)
        Share of every class in the training rows; 0 for a class not in them.
    n : int
        Test rows.

    Returns
    -------
    answers : list of Answer
        A guesser's probabilities are the chances with which it guesses, the
        zero rule's are the shares of the classes.
    """
    known = shares > 0
    even = known / known.sum()

    def soft(chances: FloatArray) -> FloatArray:
        return np.broadcast_to(chances, (n, len(chances)))

    most = np.full(n, int(shares.argmax()), np.int64)
    return [
        Answer("uniform random", "random", soft=soft(even), guess=even),
        Answer("label-distribution random", "random", soft=soft(shares), guess=shares),
        Answer("zero rule", "rule", most, soft(shares)),
    ]


def rules_of_values(
    y_train: FloatArray,
    y_test: FloatArray,
    *,
    time_order: bool,
    horizon: int | None,
    period: int | None,
) -> list[Answer]:
    """Give the constants and, in time order, the earlier values.

    Parameters
    ----------
    y_train, y_test : ndarray of shape (m,) and (n,)
        The values.
    time_order : bool
        Whether the rows follow each other in time.
    horizon, period : int or None
        See `baseline_table`.

    Returns
    -------
    answers : list of Answer
        With the values in `soft`; NaN where there is no earlier value.
    """
    n = len(y_test)
    middle = float(y_train.mean()), float(np.median(y_train))
    columns = {"mean": np.full(n, middle[0]), "median": np.full(n, middle[1])}
    if time_order:
        columns["last value"] = earlier_values(y_train, y_test, 1, horizon)
        if period is not None:
            seasonal = earlier_values(y_train, y_test, period, horizon)
            columns["seasonal naive"] = seasonal
    answers = []
    for name, values in columns.items():
        there = ~np.isnan(values)
        kept = None if there.all() else there
        answers.append(Answer(name, "rule", soft=values, there=kept))
    return answers


def earlier_values(
    y_train: FloatArray, y_test: FloatArray, period: int, horizon: int | None
) -> FloatArray:
    """Give the latest known value of the same place in the period.

    Parameters
    ----------
    y_train, y_test : ndarray of shape (m,) and (n,)
        The values, in time order, the test rows right after the others.
    period : int
        Rows from one season to the next; 1 for the last value.
    horizon : int or None
        How many rows ahead a row is said; None: all at the end of training.

    Returns
    -------
    values : ndarray of shape (n,)
        NaN where there is no such row.
    """
    step = np.arange(1, len(y_test) + 1)
    ahead: IntArray = step if horizon is None else np.full(len(step), horizon)
    back = period * np.ceil(ahead / period).astype(np.int64)
    place = len(y_train) + step - 1 - back
    everything = np.concatenate([y_train, y_test])
    return np.where(place >= 0, everything[np.maximum(place, 0)], math.nan)
