"""What a model answered: labels, probabilities or values, checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._validation import as_vector, check_choice
from mlworkbench.evaluation._behaviour_rows import Rows

__all__ = [
    "Answers",
    "Asked",
    "Copied",
    "as_function",
    "ask",
    "ask_plainly",
    "class_names",
]

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
OUTPUTS = ("auto", "label", "probability", "value")


@dataclass(frozen=True)
class Answers:
    """Answers to rows, in one of three kinds.

    Parameters
    ----------
    kind : {"label", "probability", "value"}
        What they are.
    values : ndarray of shape (n,) or (n, n_classes)
        The labels, probabilities or values.
    labels : ndarray of shape (n,) or None
        The class that each probability gives; the labels themselves; None for
        values.
    slack : float
        Differences up to this, relative to 1 or the value, are rounding.
    """

    kind: str
    values: Array
    labels: Array | None
    slack: float

    def at(self, where: Any) -> Answers:
        """Give the answers of some rows."""
        labels = None if self.labels is None else self.labels[where]
        return Answers(self.kind, self.values[where], labels, self.slack)

    def probability_of(self, code: Array) -> Floats:
        """Give the probability of a class per row, by its number."""
        if self.values.ndim == 1:
            return np.where(code == 1, self.values, 1 - self.values)
        return np.asarray(self.values[np.arange(len(self.values)), code], np.float64)

    def margin(self, other: Answers) -> Floats:
        """Give what counts as rounding in a difference."""
        if self.kind == "probability":
            return np.full(len(self.values), self.slack)
        size = np.maximum(np.abs(self.values), np.abs(other.values))
        return np.asarray(self.slack * np.maximum(1.0, size), np.float64)


@dataclass(frozen=True)
class Asked:
    """How to read the answers.

    Parameters
    ----------
    output : {"auto", "label", "probability", "value"}
        What predict gives.
    threshold : float
        Probability from which a row counts as positive, with two classes.
    """

    output: str = "auto"
    threshold: float = 0.5

    def __post_init__(self) -> None:
        """Check both."""
        check_choice(self.output, "output", OUTPUTS)
        if not 0 < self.threshold <= 1:
            raise ValueError(f"threshold is {self.threshold}; pass a number in (0, 1]")

    def read(self, raw: Any, given: Any) -> Answers:
        """Read what predict gave for the rows given."""
        array = _as_array(raw, given)
        kind = self.output
        if array.dtype.kind not in "f":
            if kind in ("auto", "label"):
                return _labels(array)
            array = _numbers(array)
        _check_finite(array, given)
        if kind == "auto":
            kind = _guess(array)
        slack = 1e-5 if array.dtype.itemsize < 8 else 1e-9
        array = array.astype(np.float64)
        if kind == "label":
            return _labels(array)
        if kind == "value":
            if array.ndim == 2:
                raise ValueError(
                    f"predict gave the shape {array.shape}, not one value per row"
                )
            return Answers(kind, array, None, slack)
        low, high = array.min(), array.max()
        if low < -slack or high > 1 + slack:
            raise ValueError(
                f"predict gave {low if low < 0 else high:g}, which is no probability; "
                'pass predict_proba, or output="value"'
            )
        if array.ndim == 2 and array.shape[1] > 2:
            if self.threshold != 0.5:
                raise ValueError(
                    f"threshold is {self.threshold} and predict gave {array.shape[1]} "
                    "classes; a threshold is for two, leave it at 0.5"
                )
            codes = array.argmax(axis=1)
        else:
            codes = (array if array.ndim == 1 else array[:, 1]) >= self.threshold
        return Answers("probability", array, codes.astype(np.intp), slack)


@dataclass(frozen=True)
class Copied:
    """Rows, their changed copies, and the answers to both.

    Parameters
    ----------
    rows : Rows
        The rows.
    copies : dict of str to rows
        All rows, changed, by the name of the change.
    owner : ndarray of shape (m,)
        For each changed row, which row it is a copy of.
    which : ndarray of shape (m,)
        The number of its change.
    before, after : Answers
        To all n rows, and to the m changed ones.
    classes : ndarray or None
        The names of the classes, where predict belongs to a classifier.
    """

    rows: Rows
    copies: dict[str, Any]
    owner: npt.NDArray[np.intp]
    which: npt.NDArray[np.intp]
    before: Answers
    after: Answers
    classes: Array | None


def as_function(predict: Any) -> Callable[[Any], Any]:
    """Take a function, or an estimator by its predict_proba or predict."""
    for name in ("predict_proba", "predict"):
        if not callable(predict) and hasattr(predict, name):
            return getattr(predict, name)  # type: ignore[no-any-return]
    if not callable(predict):
        raise TypeError(
            f"predict is a {type(predict).__name__}; pass a function of the rows such "
            "as model.predict_proba, or a fitted estimator"
        )
    return predict  # type: ignore[no-any-return]


def class_names(predict: Any) -> Array | None:
    """Give the classes of the classifier that predict is, or is a method of."""
    model = getattr(predict, "__self__", predict)
    classes = getattr(model, "classes_", None)
    if classes is None or isinstance(classes, list):  # a list: many targets
        return None
    return np.asarray(classes)


def ask(predict: Any, rows: Rows, copies: dict[str, Any], asked: Asked) -> Copied:
    """Predict rows, the same rows again, and all changed ones, in one call."""
    function, n = as_function(predict), len(rows)
    at = [np.flatnonzero(rows.changed(values)) for values in copies.values()]
    if not any(map(len, at)):
        raise ValueError(
            f"no row changed: {', '.join(copies)} left all {n} rows as they were; "
            "check its columns and values (whole numbers are rounded)"
        )
    everything = np.arange(n)
    parts = [rows.values, rows.values]
    parts += [
        rows.take(values, w) for values, w in zip(copies.values(), at, strict=True)
    ]
    owner = np.concatenate(at)
    stacked = rows.join(parts, np.concatenate([everything, everything, owner]))
    note = (
        f"predict raised this on {2 * n + len(owner)} rows: all {n} rows twice, "
        f"and {len(owner)} changed ones ({', '.join(copies)}). If it can predict "
        "the rows unchanged, the model cannot bear the change."
    )
    answers = asked.read(_call(function, stacked, note), stacked)
    first, again = answers.at(slice(0, n)), answers.at(slice(n, 2 * n))
    _check_same(first, again, rows)
    which = np.repeat(np.arange(len(at)), [len(w) for w in at])
    after = answers.at(slice(2 * n, None))
    return Copied(rows, copies, owner, which, first, after, class_names(predict))


def ask_plainly(predict: Any, rows: Rows, asked: Asked) -> Answers:
    """Predict rows, and the same rows again, in one call."""
    n = len(rows)
    twice = np.tile(np.arange(n), 2)
    stacked = rows.join([rows.values, rows.values], twice)
    note = f"predict raised this on {2 * n} rows: all {n} cases twice."
    answers = asked.read(_call(as_function(predict), stacked, note), stacked)
    _check_same(answers.at(slice(0, n)), answers.at(slice(n, None)), rows)
    return answers.at(slice(0, n))


def _call(function: Callable[[Any], Any], stacked: Any, note: str) -> Any:
    try:
        return function(stacked)
    except Exception as error:
        error.add_note(note)
        raise


def _check_same(first: Answers, again: Answers, rows: Rows) -> None:
    """Refuse a predict that answers the same row in two ways."""
    if first.kind == "label":
        unlike = first.values != again.values
    else:
        away = np.abs(first.values.astype(float) - again.values)
        away = away.max(axis=1) if away.ndim == 2 else away
        unlike = away > 100 * first.margin(again)
    if unlike.any():
        i = int(np.argmax(unlike))
        row = _name(rows.index, i)
        raise ValueError(
            f"predict is not deterministic: {int(unlike.sum()):,} of {len(rows):,} "
            f"unchanged rows got two answers in one call (row {row!r}: "
            f"{first.values[i]} and {again.values[i]}); set its seed, call "
            "model.eval(), and see that no row's answer depends on other rows"
        )


def _as_array(raw: Any, given: Any) -> Array:
    """Give what predict gave as one array, one entry per row."""
    if raw is None:
        raise TypeError("predict gave nothing; it must return one answer per row")
    if hasattr(raw, "detach"):
        raw = raw.detach().cpu().numpy()
    if isinstance(raw, pd.Series | pd.DataFrame):
        index = getattr(given, "index", None)
        fresh = raw.index.equals(pd.RangeIndex(len(raw)))
        if isinstance(index, pd.Index) and not fresh and not raw.index.equals(index):
            raise ValueError(
                "predict gave a table with its rows in another order than it got them; "
                "return answers in the order of the rows"
            )
    array = np.asarray(raw)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim not in (1, 2) or len(array) != len(given):
        raise ValueError(
            f"predict gave the shape {array.shape} for {len(given):,} rows; it must "
            "return one answer per row: shape (n,), or (n, n_classes)"
        )
    if array.ndim == 1 and array.dtype == object and not pd.isna(array).all():
        known = array[~pd.isna(array)]
        if all(isinstance(v, float | np.floating) for v in known):
            array = array.astype(np.float64)
    return array


def _labels(array: Array) -> Answers:
    labels = as_vector(array, "what predict gave as labels")
    gone = pd.isna(labels)
    if gone.any():
        raise ValueError(
            f"predict gave {int(gone.sum()):,} missing answer(s); it must answer "
            "every row"
        )
    return Answers("label", labels, labels, 1e-9)


def _numbers(array: Array) -> Array:
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError):
        raise TypeError(
            f"predict gave {array.flat[0]!r}, which is no number; pass predict_proba, "
            "or a function that gives numbers"
        ) from None


def _check_finite(array: Array, given: Any) -> None:
    wrong = ~np.isfinite(array)
    if wrong.any():
        at = int(np.argwhere(wrong)[0][0])
        index = getattr(given, "index", None)
        row = _name(index, at) if isinstance(index, pd.Index) else at
        raise ValueError(
            f"predict gave {int(wrong.sum()):,} missing or infinite answer(s), NaN or "
            f"inf (first for row {row!r} of the {len(given):,} it got); it must answer "
            "every row"
        )


def _name(index: pd.Index, at: int) -> Any:
    return index[at : at + 1].tolist()[0]


def _guess(array: Array) -> str:
    inside = bool((array >= 0).all() and (array <= 1 + 1e-6).all())
    if array.ndim == 1:
        return "probability" if inside else "value"
    if inside and np.allclose(array.sum(axis=1), 1, atol=1e-3):
        return "probability"
    raise ValueError(
        f"predict gave the shape {array.shape}, and the rows are no probabilities that "
        "sum to 1; give one answer per row, or class probabilities"
    )
