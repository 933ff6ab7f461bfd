"""What a calibrator takes: one score a row, and two classes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._validation import FloatArray, as_vector

__all__ = ["as_scores", "two_classes"]

_SUM_TOLERANCE = 1e-6


def as_scores(scores: Any, name: str = "scores") -> FloatArray:
    """Take one finite number a row; of two columns of probabilities the second.

    Parameters
    ----------
    scores : array-like of shape (n,), (n, 1) or (n, 2)
        Scores, or what `predict_proba` gives for two classes.
    name : str
        What to call them in an error.

    Returns
    -------
    scores : ndarray of shape (n,), float64
        The score of the second class.

    Raises
    ------
    ValueError
        With what is wrong and what to pass.
    """
    try:
        array = np.asarray(scores, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} holds no numbers ({error}); pass scores") from None
    if array.ndim == 2 and array.shape[1] > 1:
        if array.shape[1] > 2:
            raise ValueError(
                f"{name} has {array.shape[1]} columns; this calibrator is for two "
                "classes: pass one class's column and y == that class, one "
                "calibrator a class"
            )
        if len(array) and np.abs(array.sum(axis=1) - 1).max() > _SUM_TOLERANCE:
            raise ValueError(
                f"{name} has two columns that do not sum to 1; pass one score a row, "
                "e.g. model.predict_proba(X)[:, 1]"
            )
        array = array[:, 1]
    array = as_vector(array, name)
    if not np.isfinite(array).all():
        row = int(np.argmin(np.isfinite(array)))
        raise ValueError(
            f"{name} is {array[row]} at row {row}; drop or fill rows without a "
            "finite score"
        )
    return array


def two_classes(y: Any) -> tuple[npt.NDArray[np.bool_], npt.NDArray[Any]]:
    """Say which rows are of the second of two classes, in sorted order.

    Parameters
    ----------
    y : array-like of shape (n,)
        Labels of any kind. One class alone is told from the other where they
        are 0 and 1, -1 and 1, or False and True.

    Returns
    -------
    positive : ndarray of shape (n,), bool
        True in the rows of the second class.
    classes : ndarray of shape (1,) or (2,)
        The classes seen, sorted; with one of -1, 0 and 1 alone, both.

    Raises
    ------
    ValueError
        With missing labels, none at all, or more than two classes.
    """
    labels = as_vector(y, "y")
    if not len(labels):
        raise ValueError("y has no rows; pass at least one")
    if pd.isna(labels).any():
        row = int(np.argmax(pd.isna(labels)))
        raise ValueError(f"y has missing values (first at row {row}); drop those rows")
    classes = np.unique(labels)
    if len(classes) > 2:
        raise ValueError(
            f"y has {len(classes)} classes ({classes[:5].tolist()} …); pass two, e.g. "
            "y == one_of_them: one calibrator a class"
        )
    if len(classes) == 1 and classes[0] in (0, 1):
        classes = np.array([0, 1]).astype(classes.dtype)
    elif len(classes) == 1 and classes[0] == -1:
        classes = np.array([-1, 1]).astype(classes.dtype)
    return np.asarray(labels == classes[-1], dtype=np.bool_), classes
