"""Votes: what each source says of each row, or that it says nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._validation import as_frame

__all__ = ["ABSTAIN", "as_votes"]

ABSTAIN = -1
"""The vote of a source that has no opinion on a row."""

_MOST_CLASSES = 127


def as_votes(
    votes: Any, n_classes: int | None = None
) -> tuple[npt.NDArray[np.int8], list[str], pd.Index]:
    """Check votes and give them as an array.

    Parameters
    ----------
    votes : DataFrame or array-like of shape (n_rows, n_functions)
        Whole numbers: a class, 0 to n_classes - 1, or `ABSTAIN` (-1).
    n_classes : int, optional
        Number of classes; as many as the votes show by default.

    Returns
    -------
    codes : ndarray of shape (n_rows, n_functions), int8
        The votes.
    names : list of str
        Names of the functions; `lf_0`, `lf_1`, ... for an array.
    index : pandas.Index
        Index of the rows.

    Raises
    ------
    TypeError
        When the votes are not numbers.
    ValueError
        When a vote is missing, not whole, below -1 or no class; when there is no
        function at all, or more than 127 classes.
    """
    given = np.asarray(votes) if isinstance(votes, list | tuple) else votes
    frame = as_frame(given, "votes")
    if frame.shape[1] == 0:
        raise ValueError("votes has no column; pass one column per labeling function")
    named = isinstance(votes, pd.DataFrame) and not isinstance(
        votes.columns, pd.RangeIndex
    )
    names = [str(c) if named else f"lf_{c}" for c in frame.columns]
    for name, dtype in zip(names, frame.dtypes, strict=True):
        if dtype.kind not in "iufb":
            raise TypeError(
                f"votes of {name!r} are of type {dtype}; "
                "pass class numbers 0, 1, ... and -1 for no opinion"
            )
    top = _MOST_CLASSES if n_classes is None else n_classes
    if top > _MOST_CLASSES:
        raise ValueError(
            f"n_classes is {top}; votes are kept in one byte, pass at most "
            f"{_MOST_CLASSES}"
        )
    if all(isinstance(d, np.dtype) and d.kind in "iu" for d in frame.dtypes):
        # Whole as they are: no copy eight times as large.
        values = frame.to_numpy()
        if values.size == 0 or (values.min() >= ABSTAIN and values.max() < top):
            return values.astype(np.int8), names, frame.index
    values = frame.to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = ~((values >= ABSTAIN) & (values < top) & (values == np.floor(values)))
    if wrong.any():
        row, column = (int(at) for at in np.argwhere(wrong)[0])
        raise ValueError(
            f"votes of {names[column]!r} have {values[row, column]:g} at row {row}; "
            f"pass whole numbers from 0 to {top - 1}, and -1 for no opinion "
            "(not a missing value)"
        )
    return values.astype(np.int8), names, frame.index
