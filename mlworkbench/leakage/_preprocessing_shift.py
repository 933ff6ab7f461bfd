"""Other values for the test rows, so that what they touch is seen to move."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["mark_split", "shift_test_rows"]

Mask = npt.NDArray[np.bool_]

_FAR = 1000  # spreads to add
_STRETCH = 10  # factor
_FEW = 0.5  # distinct values a row, above which values name the rows


def shift_test_rows(
    frame: pd.DataFrame, train: Mask, keep: list[Any], *, alike: bool = False
) -> pd.DataFrame:
    """Give a copy of the frame in which the test rows have other values.

    Parameters
    ----------
    frame : pandas.DataFrame
        All rows.
    train : ndarray of bool of shape (n,)
        True for the training rows, which stay as they are.
    keep : list of column labels
        Columns to leave alone, those that say which row is which.
    alike : bool, default=False
        Put one value in all test rows that were not missing, one that the
        training rows have least often: the most frequent value moves.

    Returns
    -------
    shifted : pandas.DataFrame
        A deep copy, same columns, same types.
    """
    shifted = frame.copy()
    for place, name in enumerate(frame.columns):
        if name in keep:
            continue
        column = shifted.iloc[:, place]
        inside, outside = column[train], column[~train]
        values = _alike(inside, outside) if alike else _other(column, outside)
        if values is not None:
            column = column.copy()
            column.iloc[np.flatnonzero(~train)] = values
            shifted.isetitem(place, column.array)
    return shifted


def mark_split(frame: pd.DataFrame, train: Mask) -> list[Any]:
    """Name the columns that tell train from test, or one row from another.

    A function may split by them (`frame[frame.month <= 9]`). With other
    values in them a test row would count as a training row, which proves
    nothing.

    Parameters
    ----------
    frame : pandas.DataFrame
        All rows.
    train : ndarray of bool of shape (n,)
        True for the training rows.

    Returns
    -------
    columns : list
        Columns whose values in train and test are apart, or differ in every
        row without being measurements.
    """
    marks = []
    for place, name in enumerate(frame.columns):
        column = frame.iloc[:, place]
        inside, outside = column[train].dropna(), column[~train].dropna()
        if len(inside) and len(outside) and _apart(inside, outside):
            marks.append(name)
    return marks


def _apart(inside: pd.Series, outside: pd.Series) -> bool:
    """Say whether a column alone could tell train rows from test rows."""
    try:
        distinct = pd.concat([inside, outside]).nunique()
        shared = bool(outside.isin(inside.unique()).any())
    except TypeError:  # lists and the like: nothing to split by
        return False
    n = len(inside) + len(outside)
    whole = not pd.api.types.is_float_dtype(inside.dtype)
    if whole and distinct == n:
        return True
    if shared:
        return False
    if distinct <= _FEW * n or whole:
        return True
    return bool(inside.max() < outside.min() or outside.max() < inside.min())


def _other(column: pd.Series, test: pd.Series) -> Any:
    """Give values far from the old ones, of the same type; None: cannot."""
    kind = column.dtype
    if pd.api.types.is_bool_dtype(kind):
        return (~test).array
    if pd.api.types.is_datetime64_any_dtype(kind) or pd.api.types.is_timedelta64_dtype(
        kind
    ):
        return (test + (column.max() - column.min() + pd.Timedelta(days=1))).array
    if pd.api.types.is_complex_dtype(kind):
        return (_STRETCH * test + _FAR).array
    if pd.api.types.is_numeric_dtype(kind):
        return _far(column, test).array
    return _rotated(test)


def _far(column: pd.Series, test: pd.Series) -> pd.Series:
    numbers = test.to_numpy(dtype=np.float64, na_value=np.nan)
    everywhere = column.to_numpy(dtype=np.float64, na_value=np.nan)
    finite = everywhere[np.isfinite(everywhere)]
    spread = (finite.std() if len(finite) else 0.0) or 1.0
    far = _STRETCH * numbers + _FAR * spread
    if pd.api.types.is_integer_dtype(column.dtype):
        size = np.iinfo(getattr(column.dtype, "numpy_dtype", column.dtype))
        far = np.clip(np.round(far), size.min, size.max // 2)
        far = np.where(far == numbers, np.maximum(far - 1, size.min), far)
        missing = np.isnan(far)
        whole = pd.array(np.where(missing, 0, far).astype(size.dtype))
        result = pd.Series(whole, index=test.index)
        return result.mask(missing) if missing.any() else result.astype(column.dtype)
    return pd.Series(far, index=test.index).astype(column.dtype)


def _rotated(test: pd.Series) -> Any:
    """Put the next value in the place of each: the counts move on."""
    try:
        codes, values = pd.factorize(test)
    except TypeError:
        return None
    if len(values) < 2:
        return None
    known = codes >= 0
    moved = test.copy()
    moved.iloc[np.flatnonzero(known)] = values.take((codes[known] + 1) % len(values))
    return moved.array


def _alike(inside: pd.Series, test: pd.Series) -> Any:
    """Give all test rows the value of theirs that is rarest in training."""
    try:
        codes, values = pd.factorize(pd.concat([inside, test]))
    except TypeError:  # lists and the like
        return None
    n = len(inside)
    known = np.flatnonzero(codes[n:] >= 0)
    if not len(known):
        return None
    counts = np.bincount(codes[:n][codes[:n] >= 0], minlength=len(values))
    there = np.unique(codes[n:][known])
    rarest = there[np.argmin(counts[there])]
    alike = test.copy()
    alike.iloc[known] = values.take(np.full(len(known), rarest))
    return alike.array
