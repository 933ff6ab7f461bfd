"""Tables of categories: columns by name or position, values as codes and texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.utils.validation import validate_data

from mlworkbench._validation import as_frame, check_columns

__all__ = ["Codes", "encode", "find_columns", "take_table", "to_text"]

IntArray = npt.NDArray[np.int64]
_ZERO_ONE = frozenset({0, 1})


@dataclass(frozen=True)
class Codes:
    """A column as one code per row, and what the codes stand for.

    Parameters
    ----------
    codes : ndarray of shape (n_rows,), int64
        Positions in `texts`; -1 where the value is missing.
    texts : list of str
        Distinct values as text.
    values : list
        The same values as they were first seen.
    """

    codes: IntArray
    texts: list[str]
    values: list[Any]


def take_table(estimator: Any, X: Any, *, reset: bool) -> pd.DataFrame:
    """Take an estimator's input as a frame whose columns have their fitted names.

    Parameters
    ----------
    estimator : estimator
        Its `n_features_in_` and `feature_names_in_` are set or compared.
    X : DataFrame, Table or array-like of shape (n_samples, n_features)
        The input; columns without names are called x0, x1, ...
    reset : bool
        True in `fit`, where at least one row is needed.

    Returns
    -------
    frame : pandas.DataFrame
        Same rows and values; the index of a pandas frame is kept.
    """
    if isinstance(X, pd.DataFrame) or hasattr(X, "columns"):
        frame = as_frame(X, "X")
        validate_data(estimator, frame, reset=reset, skip_check_array=True)
        if reset and not frame.shape[1]:
            raise ValueError(
                f"X has 0 feature(s) (shape={frame.shape}) while a minimum of 1 is "
                "required; pass a table with columns"
            )
        if reset and not len(frame):
            raise ValueError(
                f"X has 0 sample(s) (shape={frame.shape}) while a minimum of 1 is "
                "required; fit on rows (an empty table can be transformed afterwards)"
            )
    else:
        array = validate_data(
            estimator,
            X,
            reset=reset,
            dtype=None,
            ensure_all_finite=False,
            ensure_min_samples=int(reset),
        )
        frame = pd.DataFrame(array)
    names = getattr(estimator, "feature_names_in_", None)
    if names is None:
        names = [f"x{i}" for i in range(frame.shape[1])]
    return frame.set_axis(list(names), axis=1)


def find_columns(frame: pd.DataFrame, columns: Any, name: str = "columns") -> list[str]:
    """Give the names of columns chosen by name or position.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table.
    columns : None, str, int or iterable of str and int
        None stands for all.
    name : str
        What to call the choice in an error.

    Returns
    -------
    names : list of str
        The columns' names, in the order chosen.
    """
    if columns is None:
        return list(frame.columns)
    if isinstance(columns, str | int | np.integer):
        columns = [columns]
    if not isinstance(columns, Iterable):
        raise TypeError(f"{name} is {columns!r}; pass a list of names or positions")
    names = [_find(frame, column, name) for column in columns]
    if not names:
        raise ValueError(f"{name} is empty; name at least one column, or pass None")
    twice = sorted(column for column, n in Counter(names).items() if n > 1)
    if twice:
        raise ValueError(f"{name} names {twice} twice; name every column once")
    return names


def _find(frame: pd.DataFrame, column: Any, name: str) -> str:
    if isinstance(column, int | np.integer) and not isinstance(column, bool):
        n = frame.shape[1]
        if not -n <= column < n:
            raise ValueError(
                f"{name} has position {column}; X has the positions 0 to {n - 1}"
            )
        return str(list(frame.columns)[column])
    if not isinstance(column, str):
        raise TypeError(f"{name} has {column!r}; pass names or positions of columns")
    return str(check_columns(frame, [column], "X")[0])


def to_text(value: Any) -> str:
    """Write a value as text; a whole number looks the same as int and as float.

    Parameters
    ----------
    value : object
        Not missing.

    Returns
    -------
    text : str
        E.g. "2" for 2 and for 2.0: a column of whole numbers turns into floats
        as soon as one is missing, and must not change its categories then.
    """
    if isinstance(value, float | np.floating) and value.is_integer():
        return str(int(value))
    return str(value)


def encode(column: pd.Series) -> Codes:
    """Turn a column of any dtype into codes; equal texts are one value.

    Parameters
    ----------
    column : pandas.Series
        Categories: text, numbers, bools, dates or a mix.

    Returns
    -------
    codes : Codes
        One code per row. O(rows); only distinct values are written as text.
    """
    try:
        codes, uniques = pd.factorize(column)
    except TypeError as error:
        raise TypeError(
            f"column {column.name!r} has values that are no categories ({error}); "
            "a category's argument must be a string or a number (or a date or bool)"
        ) from None
    values = list(uniques)
    if column.dtype == object and any(value in _ZERO_ONE for value in values):
        return _encode_exactly(column)
    texts = [to_text(value) for value in values]
    if len(set(texts)) < len(texts):
        merged, firsts = pd.factorize(np.array(texts, dtype=object))
        first = np.unique(merged, return_index=True)[1]
        codes = np.where(codes < 0, -1, merged[codes])
        values, texts = [values[i] for i in first], list(firsts)
    return Codes(codes.astype(np.int64, copy=False), texts, values)


def _encode_exactly(column: pd.Series) -> Codes:
    """Encode objects by their text: to pandas, False and 0 are one object."""
    there = column[column.notna()]
    texts, uniques = pd.factorize(there.map(to_text).astype(object))
    codes = np.full(len(column), -1, dtype=np.int64)
    codes[column.notna().to_numpy()] = texts
    firsts = np.unique(texts, return_index=True)[1]
    return Codes(codes, list(uniques), [there.iloc[i] for i in firsts])
