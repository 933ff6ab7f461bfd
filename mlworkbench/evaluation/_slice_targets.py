"""What was true and what was said, as codes, probabilities or numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._validation import as_vector, check_probabilities

__all__ = ["Target"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


class Target:
    """The truth and the answers, each form made when a metric needs it.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n,)
        Labels or numbers; `y_pred` may be None.
    y_prob : array-like of shape (n,) or (n, k), or None
        Probabilities.
    pos_label : scalar or None
        The positive class.
    """

    def __init__(self, y_true: Any, y_pred: Any, y_prob: Any, pos_label: Any) -> None:
        self.y_true = _vector(y_true, "y_true")
        self.y_pred = None if y_pred is None else _vector(y_pred, "y_pred")
        self.raw_prob, self.pos_label = y_prob, pos_label
        self._labels: tuple[IntArray, IntArray, list[Any]] | None = None

    @property
    def is_regression(self) -> bool:
        """Whether the numbers are no labels: not whole, or predicted as such."""
        if _is_continuous(self.y_true):
            return True
        some = self.y_pred is not None and _is_continuous(self.y_pred)
        return some and len(pd.unique(self.y_true)) > 2

    def labels(self) -> tuple[IntArray, IntArray, list[Any]]:
        """Give the codes of truth and answers, and the classes in their order."""
        if self._labels is None:
            said = self.y_true if self.y_pred is None else self.y_pred
            words = [_has_words(x) for x in (self.y_true, said)]
            if words[0] != words[1]:
                raise ValueError(
                    f"y_true has {_kind(words[0])} and y_pred {_kind(words[1])}; "
                    "pass both in the same coding"
                )
            for name, x in (("y_true", self.y_true), ("y_pred", said)):
                if _is_continuous(x):
                    raise ValueError(
                        f"{name} has numbers such as {x[x != np.floor(x)][0]:g}, which "
                        "are no labels; pass probabilities as y_prob, or choose "
                        "metrics of numbers such as 'mae'"
                    )
            codes, found = pd.factorize(np.concatenate([self.y_true, said]))
            classes = [x.item() if hasattr(x, "item") else x for x in found]
            extra = self._binary_pair(classes)
            classes += [x for x in extra if x not in classes]
            try:
                order = sorted(range(len(classes)), key=classes.__getitem__)
            except TypeError:
                order = list(range(len(classes)))
            place = np.empty(len(order), dtype=np.int64)
            place[order] = np.arange(len(order))
            n, codes = len(self.y_true), place[codes]
            self._labels = codes[:n], codes[n:], [classes[i] for i in order]
        return self._labels

    @staticmethod
    def _binary_pair(classes: list[Any]) -> tuple[Any, ...]:
        """Give 0 and 1, or -1 and 1, where the classes seen are of one of them."""
        number = int | float | np.number | np.bool_
        if not all(isinstance(x, number) for x in classes):
            return ()
        pairs = ((0, 1), (-1, 1))
        return next((pair for pair in pairs if set(classes) <= set(pair)), ())

    @property
    def positive(self) -> int | None:
        """The place of the positive class; None for more than two classes."""
        classes = self.labels()[2]
        if self.pos_label is not None:
            if self.pos_label not in classes:
                raise ValueError(
                    f"pos_label is {self.pos_label!r}, the classes are "
                    f"{classes[:10]}; pass one of them"
                )
            return classes.index(self.pos_label)
        if len(classes) > 2:
            return None
        if set(classes) in ({0, 1}, {-1, 1}):
            return classes.index(1)
        raise ValueError(
            f"the classes are {classes}; say with pos_label which one is positive"
        )

    def probabilities(self) -> tuple[FloatArray, FloatArray]:
        """Give one column per class: the truth as 0 and 1, and the probabilities.

        Two columns where there is a positive class, the positive one last.
        """
        if self.raw_prob is None:
            raise ValueError("y_prob is None; pass probabilities for these metrics")
        prob = check_probabilities(self.raw_prob, "y_prob")
        if prob.ndim == 2 and prob.shape[1] == 1:
            prob = prob[:, 0]
        if len(prob) != len(self.y_true):
            raise ValueError(
                f"y_prob has {len(prob)} rows for {len(self.y_true)}; pass one a row"
            )
        codes, _, classes = self.labels()
        named = list(self.raw_prob.columns) if hasattr(self.raw_prob, "columns") else []
        if prob.ndim == 2 and prob.shape[1] != len(classes) and not named:
            raise ValueError(
                f"y_prob has {prob.shape[1]} columns for the classes {classes[:10]}; "
                "pass one column per class in this order, or a DataFrame whose "
                "columns are the classes"
            )
        if named and set(classes) <= set(named):
            names = named if len(named) > 2 else classes
            prob = prob[:, [named.index(x) for x in names]]
            codes = np.array([names.index(x) for x in classes])[codes]
            classes = names
        place = self.positive if prob.ndim == 1 or len(classes) == 2 else None
        if prob.ndim == 1:
            if place is None:
                raise ValueError(
                    f"y_prob has one column for {len(classes)} classes; pass one "
                    "per class, or say with pos_label which class it is"
                )
            event = (codes == place).astype(np.float64)
            return np.column_stack([1 - event, event]), np.column_stack(
                [1 - prob, prob]
            )
        truth = (codes[:, None] == np.arange(len(classes))).astype(np.float64)
        off = np.abs(prob.sum(axis=1) - 1) > 1e-3
        if off.any():
            raise ValueError(
                f"the columns of y_prob add up to {prob[off][0].sum():g} in row "
                f"{int(np.argmax(off))}; pass probabilities that add up to 1"
            )
        order = [1 - place, place] if place is not None else list(range(len(classes)))
        return truth[:, order], prob[:, order]

    def numbers(self) -> tuple[FloatArray, FloatArray]:
        """Give truth and answers as numbers."""
        if self.y_pred is None:
            raise ValueError("y_pred is None; pass predictions for these metrics")
        try:
            both = [x.astype(np.float64) for x in (self.y_true, self.y_pred)]
        except ValueError:
            raise ValueError(
                "y_true and y_pred are no numbers; choose metrics for classes"
            ) from None
        if not all(np.isfinite(x).all() for x in both):
            raise ValueError("y_true or y_pred is infinite in a row; drop those rows")
        return both[0], both[1]


def _is_continuous(x: npt.NDArray[Any]) -> bool:
    return x.dtype.kind == "f" and bool((x != np.floor(x)).any())


def _has_words(x: npt.NDArray[Any]) -> bool:
    if x.dtype.kind != "O":
        return x.dtype.kind in "US"
    return any(isinstance(level, str) for level in pd.unique(x))


def _kind(words: bool) -> str:
    return "words" if words else "numbers"


def _vector(values: Any, name: str) -> npt.NDArray[Any]:
    array = as_vector(values, name)
    missing = pd.isna(array)
    if missing.any():
        raise ValueError(
            f"{name} has {int(missing.sum())} missing value(s) (first at row "
            f"{int(np.argmax(missing))}); drop those rows"
        )
    if array.dtype.kind == "O":  # numbers of a nullable or mixed column
        plain = pd.Series(array).infer_objects().to_numpy()
        array = plain if plain.dtype.kind in "biuf" else array
    return array
