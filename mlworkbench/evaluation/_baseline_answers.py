"""Bring everybody's answers, whatever their form, into one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._validation import FloatArray, check_probabilities
from mlworkbench.evaluation._baseline_kernels import IntArray

__all__ = [
    "Answer",
    "Raw",
    "ask",
    "class_order",
    "encode",
    "looks_soft",
    "read_classes",
    "read_values",
]

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Answer:
    """What one row of the table says to every test row.

    Parameters
    ----------
    name : str
        As it is shown.
    kind : {"random", "rule", "human", "existing", "model"}
        What it is.
    labels : ndarray of shape (n,), int, or None
        Places of the classes; -1 where there is no answer. None for a guesser,
        and in regression.
    soft : ndarray of shape (n, k) or None
        Probability of every class; in regression the values, shape (n,).
    scores : ndarray of shape (n,) or None
        Higher means more likely positive, where there are no probabilities.
    guess : ndarray of shape (k,) or None
        With which chances a guesser names the classes.
    there : ndarray of shape (n,), bool, or None
        Rows that have an answer; None for all.
    """

    name: str
    kind: str
    labels: IntArray | None = None
    soft: FloatArray | None = None
    scores: FloatArray | None = None
    guess: FloatArray | None = None
    there: BoolArray | None = None


@dataclass(frozen=True)
class Raw:
    """Answers as they were given: labels, a table of probabilities, or scores.

    Parameters
    ----------
    name, kind : str
        Of the answer.
    labels : ndarray of shape (n,) or None
        In the user's terms.
    soft : ndarray of shape (n, k) or (n,), or None
        Probabilities (of the positive class).
    columns : list or None
        Classes of the columns, where an estimator has said them.
    scores : ndarray of shape (n,) or None
        Of `decision_function`.
    """

    name: str
    kind: str
    labels: Any = None
    soft: Any = None
    columns: list[Any] | None = None
    scores: Any = None


def ask(name: str, kind: str, source: Any, X: Any, n: int, soft: bool) -> Raw:
    """Ask an estimator or a function, or take answers that were given.

    Parameters
    ----------
    name, kind : str
        Of the answer.
    source : estimator, callable, scalar or array-like
        Where it comes from; one scalar is said to every row.
    X : object
        The test rows.
    n : int
        How many they are.
    soft : bool
        Whether a metric needs probabilities.

    Returns
    -------
    raw : Raw
        Not encoded; an array is in `labels`, whatever it turns out to be.

    Raises
    ------
    ValueError
        When there are not n answers.
    """
    if isinstance(source, type):
        raise TypeError(f"{name} is a class; pass a fitted {source.__name__}()")
    if not hasattr(source, "predict"):
        given = _answers_of(source, X, name) if callable(source) else source
        array = np.full(n, given) if np.ndim(given) == 0 else _array(given)
        return Raw(name, kind, _of_length(array, n, name))
    labels = _of_length(_array(_answers_of(source.predict, X, name)), n, name)
    probabilities = scores = columns = None
    if soft and hasattr(source, "predict_proba"):
        probabilities = _of_length(np.asarray(source.predict_proba(X)), n, name)
        columns = np.asarray(source.classes_).tolist()
    elif soft and hasattr(source, "decision_function"):
        scores = _of_length(np.asarray(source.decision_function(X)), n, name)
        scores = scores if scores.ndim == 1 else None
    return Raw(name, kind, labels, probabilities, columns, scores)


def _answers_of(function: Any, X: Any, name: str) -> Any:
    try:
        return function(X)
    except Exception as error:
        error.add_note(f"these were the answers of {name!r}, asked with X_test")
        raise


def _array(values: Any) -> npt.NDArray[Any]:
    array = np.asarray(values)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    return array


def _of_length(array: npt.NDArray[Any], n: int, name: str) -> npt.NDArray[Any]:
    if array.ndim not in (1, 2) or len(array) != n:
        raise ValueError(
            f"{name} gives answers of shape {array.shape} for {n} test rows; "
            "one answer (or one row of probabilities) per row is needed"
        )
    return array


def class_order(*vectors: Any) -> list[Any]:
    """Give all classes of some vectors, sorted as far as they can be.

    Parameters
    ----------
    *vectors : ndarray of shape (n,)
        Labels; missing ones are left out.

    Returns
    -------
    classes : list
        Every class once.
    """
    known: dict[Any, None] = {}
    for vector in vectors:
        known.update(dict.fromkeys(pd.Series(vector).dropna().unique().tolist()))
    try:
        return sorted(known)
    except TypeError:
        return sorted(known, key=lambda label: (type(label).__name__, str(label)))


def encode(labels: Any, classes: list[Any]) -> IntArray:
    """Give the place of every label among the classes, -1 where it is missing.

    Parameters
    ----------
    labels : ndarray of shape (n,)
        Labels, all of them among the classes or missing.
    classes : list
        The classes.

    Returns
    -------
    places : ndarray of shape (n,), int
        The places.
    """
    codes, known = pd.factorize(pd.Series(labels), use_na_sentinel=True)
    place = {label: i for i, label in enumerate(classes)}
    table = np.array([place[label] for label in known.tolist()] + [-1], np.int64)
    return np.asarray(table[codes])  # code -1 takes the last, -1


def looks_soft(raw: Raw, known: list[Any]) -> bool:
    """Say whether a column is probabilities of the positive class, not labels.

    Parameters
    ----------
    raw : Raw
        The answers.
    known : list
        Classes of the target.

    Returns
    -------
    soft : bool
        True for numbers in [0, 1] that are no classes, where there are two.

    Raises
    ------
    ValueError
        For numbers that are neither.
    """
    if raw.labels.dtype.kind != "f":
        return False
    seen = raw.labels[~np.isnan(raw.labels)]
    numbers = [label for label in known if isinstance(label, int | float)]
    strange = seen[~np.isin(seen, numbers)]
    if not len(strange):
        return False
    if len(known) == 2 and seen.min() >= 0 and seen.max() <= 1:
        return True
    if len(numbers) == len(known) and (strange == np.round(strange)).all():
        return False
    raise ValueError(
        f"{raw.name} says {strange[0]:g}, which is no class ({known[:5]}); pass "
        "classes, probabilities of the positive class where there are two, or a "
        "table of probabilities of shape (n, classes)"
    )


def read_values(raw: Raw) -> Answer:
    """Take answers of a regression.

    Parameters
    ----------
    raw : Raw
        The answers.

    Returns
    -------
    answer : Answer
        The values in `soft`; NaN where there is none.

    Raises
    ------
    ValueError
        When they are no numbers, are infinite, or the model left some out.
    """
    try:
        values = pd.to_numeric(pd.Series(raw.labels)).to_numpy(
            np.float64, na_value=np.nan
        )
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{raw.name} gives no numbers ({error}); pass one value per test row"
        ) from None
    if np.isinf(values).any():
        raise ValueError(f"{raw.name} gives infinite values; pass finite ones")
    return Answer(raw.name, raw.kind, soft=values, there=_there(raw, ~np.isnan(values)))


def _there(raw: Raw, there: BoolArray) -> BoolArray | None:
    if there.all():
        return None
    if raw.kind == "model" or not there.any():
        row = int(np.argmin(there))
        raise ValueError(
            f"{raw.name} has no answer in {int((~there).sum())} row(s) (first at row "
            f"{row}); a model must answer every row, a baseline at least one"
        )
    return there


def read_classes(
    raw: Raw, known: list[Any], classes: list[Any], positive: int
) -> Answer:
    """Take answers of a classification.

    Parameters
    ----------
    raw : Raw
        The answers.
    known : list
        Classes of the target, sorted.
    classes : list
        Those and all that anybody says.
    positive : int
        Place of the positive class among `classes`.

    Returns
    -------
    answer : Answer
        Labels, and probabilities where there are some.

    Raises
    ------
    ValueError
        For a table with the wrong columns or rows that do not sum to 1.
    """
    soft, labels, columns = raw.soft, None, raw.columns or known
    if raw.labels.ndim == 2:
        soft = raw.labels
        there = ~np.isnan(np.asarray(soft, float)).any(axis=1)
    elif looks_soft(raw, known):
        there = ~np.isnan(raw.labels)
        soft = np.column_stack([1 - raw.labels, raw.labels])
        other = [label for label in known if label != classes[positive]]
        columns = [*other, classes[positive]]
    else:
        labels = encode(raw.labels, classes)
        there = labels >= 0
    table = None
    if soft is not None:
        even = 1 / soft.shape[1]  # rows without an answer are never looked at
        filled = np.where(there[:, None], soft, even) if labels is None else soft
        table = _table(raw.name, filled, columns, classes)
    if labels is None and table is not None:
        labels = np.where(there, table.argmax(axis=1), -1)
    scores = None if raw.scores is None else np.asarray(raw.scores, float)
    return Answer(raw.name, raw.kind, labels, table, scores, None, _there(raw, there))


def _table(
    name: str, soft: FloatArray, columns: list[Any], classes: list[Any]
) -> FloatArray:
    """Put the columns of probabilities in the order of all classes."""
    soft = check_probabilities(soft, f"{name} (probabilities)")
    if soft.ndim != 2 or soft.shape[1] != len(columns):
        raise ValueError(
            f"{name} gives probabilities of shape {soft.shape} for the classes "
            f"{columns}; pass one column per class, in this order"
        )
    sums = soft.sum(axis=1)
    if (np.abs(sums - 1) > 1e-3).any():
        row = int(np.argmax(np.abs(sums - 1)))
        raise ValueError(
            f"{name} gives probabilities that sum to {sums[row]:g} in row {row}; "
            "pass probabilities of all classes, which sum to 1"
        )
    table = np.zeros((len(soft), len(classes)))
    place = {label: i for i, label in enumerate(classes)}
    for column, label in enumerate(columns):
        if label in place:
            table[:, place[label]] = soft[:, column] / sums
    return table
