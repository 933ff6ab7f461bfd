"""What an input must be: conversion and checks at the public edge.

Every message says what was given, what was expected and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = [
    "as_frame",
    "as_generator",
    "as_vector",
    "check_binary",
    "check_choice",
    "check_columns",
    "check_fraction",
    "check_integer",
    "check_probabilities",
    "check_same_index",
    "check_same_length",
    "check_weights",
]

RandomState = int | np.random.Generator | np.random.RandomState | None
FloatArray = npt.NDArray[np.float64]


def as_generator(random_state: RandomState) -> np.random.Generator:
    """Make the one generator of a call from `random_state`.

    Parameters
    ----------
    random_state : int, Generator, RandomState or None
        A seed, or a generator to go on with (it is advanced, not copied). A
        legacy `RandomState` gives the seed of a new generator.

    Returns
    -------
    rng : numpy.random.Generator
        The generator; the global numpy state is neither read nor changed.

    Raises
    ------
    TypeError
        When `random_state` is something else.
    """
    if isinstance(random_state, np.random.Generator):
        return random_state
    if isinstance(random_state, np.random.RandomState):
        return np.random.default_rng(random_state.randint(0, 2**32, dtype=np.uint32))
    if random_state is None:
        return np.random.default_rng()
    if isinstance(random_state, int | np.integer) and not isinstance(
        random_state, bool
    ):
        if random_state < 0:
            raise ValueError(
                f"random_state is {random_state}; pass a seed of 0 or more"
            )
        return np.random.default_rng(int(random_state))
    raise TypeError(
        f"random_state is a {type(random_state).__name__}; "
        "pass an int, a numpy Generator or None"
    )


def as_frame(data: Any, name: str = "frame") -> pd.DataFrame:
    """Take a table of any eager kind and give a pandas one.

    Parameters
    ----------
    data : DataFrame or Table of pandas, polars or pyarrow, or 2-D array
        The table. A pandas frame is passed through, index kept, not copied;
        the columns of an array are named by position, 0, 1, ...
    name : str
        What to call it in an error.

    Returns
    -------
    frame : pandas.DataFrame
        The same rows and columns.

    Raises
    ------
    TypeError
        When `data` is not a table.
    ValueError
        When two columns have the same name, or an array is not 2-D.
    """
    if isinstance(data, pd.DataFrame):
        frame = data
    elif isinstance(data, np.ndarray):
        if data.ndim != 2:
            raise ValueError(
                f"{name} is an array with {data.ndim} dimension(s); "
                "pass rows × columns, for one column array.reshape(-1, 1)"
            )
        frame = pd.DataFrame(data)
    else:
        try:
            frame = nw.from_native(data, eager_only=True).to_pandas()
        except TypeError:
            raise TypeError(
                f"{name} is a {type(data).__name__}; pass a DataFrame (pandas or "
                "polars), a pyarrow Table or a 2-D array (collect lazy frames first)"
            ) from None
    if not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()].unique().tolist()
        raise ValueError(
            f"{name} has columns of the same name: {twice}; rename all but one"
        )
    return frame


def as_vector(values: Any, name: str) -> npt.NDArray[Any]:
    """Take a 1-D array-like (a list, array, Series of any kind).

    Parameters
    ----------
    values : array-like of shape (n,) or (n, 1)
        The values.
    name : str
        What to call it in an error.

    Returns
    -------
    values : ndarray of shape (n,)
        Not copied where that can be avoided.

    Raises
    ------
    ValueError
        When the values are not one-dimensional.
    """
    array = np.asarray(values)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise ValueError(
            f"{name} has shape {array.shape}; pass one value per row, shape (n,)"
        )
    return array


def check_columns(
    frame: pd.DataFrame, columns: Iterable[Any], name: str = "frame"
) -> list[Any]:
    """Check that a frame has the columns.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table.
    columns : column label or iterable of them
        A single string, number or date counts as one label, and so does a
        tuple that is one.
    name : str
        What to call the frame in an error.

    Returns
    -------
    columns : list
        The labels.

    Raises
    ------
    KeyError
        With the columns that are missing and those that are there.
    """
    labels: list[Any] = list(frame.columns)
    if isinstance(columns, tuple) and columns in labels:
        wanted: list[Any] = [columns]
    elif isinstance(columns, str) or not isinstance(columns, Iterable):
        wanted = [columns]
    else:
        wanted = list(columns)
    missing = [column for column in wanted if column not in frame.columns]
    if missing:
        there = list(frame.columns)
        shown = ", ".join(map(repr, there[:20])) + (" …" if len(there) > 20 else "")
        raise KeyError(f"{name} has no column {missing}; it has {shown}")
    return wanted


def check_same_length(**vectors: Any) -> int:
    """Check that the named vectors have one length.

    Parameters
    ----------
    **vectors : array-like or None
        Vectors by the name they have for the caller; None is left out.

    Returns
    -------
    n : int
        The common length.

    Raises
    ------
    ValueError
        With every length, when they differ.
    """
    lengths = {name: len(v) for name, v in vectors.items() if v is not None}
    if len(set(lengths.values())) > 1:
        shown = ", ".join(f"{name}: {n}" for name, n in lengths.items())
        raise ValueError(f"lengths differ ({shown}); pass one value per row in each")
    return next(iter(lengths.values()), 0)


def check_same_index(**tables: Any) -> None:
    """Check that the pandas inputs among the named ones share one index.

    Values are matched by position, as in scikit-learn, so pandas inputs with
    different indexes are most often a mistake: they are refused, never aligned
    in silence.

    Parameters
    ----------
    **tables : Series, DataFrame or anything
        Inputs by name; what is not pandas is left out.

    Raises
    ------
    ValueError
        When two indexes differ.
    """
    pandas_ones = {
        name: table.index
        for name, table in tables.items()
        if isinstance(table, pd.Series | pd.DataFrame)
    }
    names = list(pandas_ones)
    for name in names[1:]:
        if not pandas_ones[name].equals(pandas_ones[names[0]]):
            raise ValueError(
                f"{names[0]} and {name} have different indexes; bring them into one "
                f"order first, e.g. {name}.loc[{names[0]}.index], "
                "or pass arrays where positions are meant to match"
            )


def check_weights(weights: Any, n: int, name: str = "sample_weight") -> FloatArray:
    """Check weights: one per row, finite, none negative, not all zero.

    Parameters
    ----------
    weights : array-like of shape (n,) or None
        None stands for equal weights.
    n : int
        Number of rows.
    name : str
        What to call them in an error.

    Returns
    -------
    weights : ndarray of shape (n,), float64
        The weights.

    Raises
    ------
    ValueError
        With the first row that is wrong.
    """
    if weights is None:
        return np.ones(n)
    array = as_vector(weights, name).astype(np.float64)
    if len(array) != n:
        raise ValueError(f"{name} has {len(array)} values for {n} rows; pass one a row")
    wrong = ~np.isfinite(array) | (array < 0)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(
            f"{name} has {int(wrong.sum())} value(s) that are negative, infinite or "
            f"missing (first {array[row]} at row {row}); pass finite weights ≥ 0"
        )
    if n and not array.any():
        raise ValueError(f"{name} is 0 in every row; give at least one row a weight")
    return array


def check_probabilities(y_prob: Any, name: str = "y_prob") -> FloatArray:
    """Check probabilities: finite and inside [0, 1].

    Parameters
    ----------
    y_prob : array-like of any shape
        The probabilities.
    name : str
        What to call them in an error.

    Returns
    -------
    y_prob : ndarray, float64
        The same values.

    Raises
    ------
    ValueError
        With the largest offender and its row.
    """
    try:
        array = np.asarray(y_prob, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{name} is no table of numbers ({error}); pass probabilities"
        ) from None
    rows = np.atleast_1d(array)
    if np.isnan(rows).any():
        row = int(np.argwhere(np.isnan(rows))[0][0])
        raise ValueError(
            f"{name} has {int(np.isnan(rows).sum())} missing value(s) "
            f"(first at row {row}); drop or fill those rows"
        )
    outside = np.where(rows > 1, rows - 1, np.where(rows < 0, -rows, 0.0))
    if outside.any():
        at = np.unravel_index(int(np.argmax(outside)), rows.shape)
        which = "max" if rows[at] > 1 else "min"
        raise ValueError(
            f"{name} has values outside [0, 1] ({which} {rows[at]:g} at row {at[0]}); "
            "pass probabilities, not scores"
        )
    return array


def check_binary(
    y_true: Any, name: str = "y_true", pos_label: Any = None
) -> npt.NDArray[np.bool_]:
    """Check a two-class target and say which rows are positive.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        The target.
    name : str
        What to call it in an error.
    pos_label : scalar, optional
        The positive class. Needed unless the values are 0 and 1, -1 and 1, or
        False and True. One class alone is allowed.

    Returns
    -------
    positive : ndarray of shape (n,), bool
        True in the rows of the positive class.

    Raises
    ------
    ValueError
        When values are missing, when there are more than two classes, or when
        it is not clear which class is positive.
    """
    array = as_vector(y_true, name)
    if pd.isna(array).any():
        row = int(np.argmax(pd.isna(array)))
        raise ValueError(
            f"{name} has missing values (first at row {row}); drop those rows"
        )
    classes = pd.unique(pd.Series(array)).tolist()
    if len(classes) > 2:
        raise ValueError(
            f"{name} has {len(classes)} classes ({classes[:5]} …); pass two classes, "
            "e.g. y == one_of_them"
        )
    if pos_label is not None:
        if len(classes) == 2 and pos_label not in classes:
            raise ValueError(
                f"pos_label is {pos_label!r}, {name} has {classes}; pass one of them"
            )
        return np.asarray(array == pos_label, dtype=np.bool_)
    if set(classes) <= {0, 1} or set(classes) <= {-1, 1}:
        return np.asarray(array == 1, dtype=np.bool_)
    raise ValueError(
        f"{name} has the classes {classes}; say with pos_label which one is positive"
    )


def check_integer(value: Any, name: str, minimum: int = 0) -> int:
    """Check a whole number of at least `minimum`.

    Parameters
    ----------
    value : int
        The number; a float is refused even where it is whole.
    name : str
        What to call it in an error.
    minimum : int
        The smallest number allowed.

    Returns
    -------
    value : int
        The number as a Python int.

    Raises
    ------
    TypeError, ValueError
        When it is not a whole number, or too small.
    """
    if not isinstance(value, int | np.integer) or isinstance(value, bool):
        raise TypeError(
            f"{name} is {value!r}; pass a whole number of at least {minimum}"
        )
    if value < minimum:
        raise ValueError(f"{name} is {value}; pass {minimum} or more")
    return int(value)


def check_fraction(value: Any, name: str) -> float:
    """Check a number in (0, 1].

    Parameters
    ----------
    value : float
        The number.
    name : str
        What to call it in an error.

    Returns
    -------
    value : float
        The number as a Python float.

    Raises
    ------
    TypeError, ValueError
        When it is not a number, or outside.
    """
    number = int | float | np.integer | np.floating
    if not isinstance(value, number) or isinstance(value, bool):
        raise TypeError(f"{name} is {value!r}; pass a number in (0, 1]")
    if not 0 < value <= 1:
        raise ValueError(f"{name} is {value}; pass a number in (0, 1]")
    return float(value)


def check_choice(value: Any, name: str, choices: Sequence[Any]) -> Any:
    """Check that a value is one of a few.

    Parameters
    ----------
    value : object
        The value.
    name : str
        What to call it in an error.
    choices : sequence
        What is allowed.

    Returns
    -------
    value : object
        The value.

    Raises
    ------
    ValueError
        With the choices.
    """
    if value not in choices:
        shown = ", ".join(map(repr, choices))
        raise ValueError(f"{name} is {value!r}; pass one of {shown}")
    return value
